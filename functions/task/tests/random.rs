//! Random commands on one task: what must hold after any history.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what is wrong by panicking"
)]

use flotilla_task::*;
use proptest::prelude::*;

fn stage() -> impl Strategy<Value = Stage> {
    prop::sample::select(Stage::ALL.to_vec())
}

fn next() -> impl Strategy<Value = Next> {
    let stage = (stage(), "[a-c]").prop_map(|(stage, payload)| Next::Stage {
        stage,
        payload: Payload::from_json(format!("\"{payload}\"")),
    });
    prop_oneof![4 => stage, 1 => Just(Next::Complete)]
}

/// A fence on the record as it is, or on one of its recent epochs.
fn fence_of(record: &TaskRecord, behind: u64) -> Fence {
    let epoch = Epoch::new(record.epoch.get().saturating_sub(behind));
    Fence { epoch, ..Fence::of(record) }
}

fn action(kind: u8, record: &TaskRecord, behind: u64, next: Next, now: Timestamp) -> Action {
    let fence = fence_of(record, behind);
    let reason = Reason::new(ReasonCode::Failed, "r");
    let lease_until = now.plus(std::time::Duration::from_millis(20));
    match kind {
        0 | 1 => Action::Claim { stage: record.stage, lease_until },
        2..=4 => Action::Commit { fence, next },
        5 => Action::Release { fence, reason },
        6 => Action::Fail { fence, reason },
        7 => Action::Hold { fence, reason },
        8 => Action::Resume { fence, answer: None },
        9 => Action::Resend { fence },
        10 => Action::Yield { fence },
        11 => Action::Cancel { fence, reason },
        _ => Action::Checkpoint {
            fence,
            checkpoints: Checkpoints::from([("e".to_owned(), "r".to_owned())]),
            intent: None,
        },
    }
}

fn first() -> TaskRecord {
    let new = NewTask {
        shipment: ShipmentId::new("S").unwrap(),
        tenant: None,
        source: Source::new("s").unwrap(),
        event: EventId::new("e").unwrap(),
        payload: Payload::from_json("0".into()),
        trace: None,
    };
    let by = AttemptId::new("creator").unwrap();
    let task = TaskId::new("t").unwrap();
    let command = Command { task, by, now: Timestamp::default(), action: Action::Create(new) };
    match transition(None, &command) {
        Transition::Applied(record) => record,
        Transition::Refused(refusal) => panic!("{refusal:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_write_raises_the_epoch_and_the_ended_stay_ended(
        steps in prop::collection::vec((0_u8..14, 0_u64..3, next(), 0_u64..30), 1..60)
    ) {
        let mut record = first();
        let mut now = 0;
        for (at, (kind, behind, next, passed)) in steps.into_iter().enumerate() {
            now += passed;
            let time = Timestamp::from_millis(now);
            let action = action(kind, &record, behind, next, time);
            let is_resume = matches!(action, Action::Resume { .. });
            let is_claim = matches!(action, Action::Claim { .. });
            let by = AttemptId::new(format!("a{at}")).unwrap();
            let command = Command { task: record.id.clone(), by, now: time, action };
            let Transition::Applied(after) = transition(Some(&record), &command) else { continue };

            prop_assert_eq!(after.epoch, record.epoch.next());
            prop_assert!(behind == 0 || is_claim, "an old epoch was let through");
            if !record.status.kind().is_open() {
                prop_assert!(is_resume && record.status == Status::Failed);
            }
            prop_assert_eq!(after.ended_at.is_some(), !after.status.kind().is_open());
            prop_assert!(after.stage == record.stage || record.stage.hands_to(after.stage));
            if after.status.kind() == StatusKind::Running {
                prop_assert!(after.stage.claims());
            }
            // Repeating the very same command finds its own write.
            prop_assert_eq!(
                transition(Some(&after), &command),
                Transition::Applied(after.clone())
            );
            record = after;
        }
    }

    #[test]
    fn an_open_task_is_never_acknowledged_away(
        steps in prop::collection::vec((0_u8..14, next(), 0_u64..30), 1..40)
    ) {
        let mut record = first();
        let mut now = 0;
        for (at, (kind, next, passed)) in steps.into_iter().enumerate() {
            now += passed;
            let time = Timestamp::from_millis(now);
            let by = AttemptId::new(format!("a{at}")).unwrap();
            let action = action(kind, &record, 0, next, time);
            let command = Command { task: record.id.clone(), by, now: time, action };
            if let Transition::Applied(after) = transition(Some(&record), &command) {
                record = after;
            }
            // A message of the stage where the task is pending or running must not
            // be dropped: it may be the only one.
            let kind = record.status.kind();
            if kind == StatusKind::Pending || kind == StatusKind::Running {
                prop_assert_ne!(replay(record.stage, &record, time), Replay::Done);
            }
        }
    }
}

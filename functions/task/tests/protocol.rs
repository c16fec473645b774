//! The rules of the task protocol, one test each, on the shipped transition function.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what is wrong by panicking"
)]

use flotilla_task::*;

const T0: Timestamp = Timestamp::from_millis(1_000_000);

fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(T0.as_millis() + millis)
}

fn attempt(name: &str) -> AttemptId {
    AttemptId::new(name).unwrap()
}

fn command(by: &str, now: Timestamp, action: Action) -> Command {
    Command { task: TaskId::new("t").unwrap(), by: attempt(by), now, action }
}

fn reason() -> Reason {
    Reason::new(ReasonCode::Failed, "it broke")
}

fn create() -> Action {
    Action::Create(NewTask {
        shipment: ShipmentId::new("S1").unwrap(),
        tenant: None,
        source: Source::new("urn:shop").unwrap(),
        event: EventId::new("e1").unwrap(),
        payload: Payload::from_json("1".into()),
        trace: None,
    })
}

fn to(stage: Stage, payload: &str) -> Next {
    Next::Stage { stage, payload: Payload::from_json(payload.into()) }
}

#[track_caller]
fn applied(record: Option<&TaskRecord>, by: &str, now: Timestamp, action: Action) -> TaskRecord {
    match transition(record, &command(by, now, action)) {
        Transition::Applied(record) => record,
        Transition::Refused(refusal) => panic!("refused: {refusal:?}"),
    }
}

#[track_caller]
fn refused(record: Option<&TaskRecord>, by: &str, now: Timestamp, action: Action) -> Refusal {
    match transition(record, &command(by, now, action)) {
        Transition::Refused(refusal) => refusal,
        Transition::Applied(record) => panic!("applied: {record:?}"),
    }
}

fn commit(record: &TaskRecord, by: &str, next: Next) -> TaskRecord {
    applied(Some(record), by, T0, Action::Commit { fence: Fence::of(record), next })
}

fn created() -> TaskRecord {
    applied(None, "creator", T0, create())
}

fn at_communication() -> TaskRecord {
    let decision = commit(&created(), "p", to(Stage::Decision, "2"));
    commit(&decision, "d", to(Stage::Communication, "3"))
}

fn claim(until: u64) -> Action {
    Action::Claim { stage: Stage::Communication, lease_until: at(until) }
}

fn running() -> TaskRecord {
    applied(Some(&at_communication()), "owner", T0, claim(100))
}

#[test]
fn a_task_goes_through_all_stages_and_every_write_raises_its_epoch() {
    let mut epochs = vec![created().epoch, at_communication().epoch];
    let owned = running();
    epochs.push(owned.epoch);
    let state = commit(&owned, "owner", to(Stage::State, "4"));
    epochs.push(state.epoch);
    let done = commit(&state, "s", Next::Complete);
    epochs.push(done.epoch);
    assert!(epochs.is_sorted() && epochs.windows(2).all(|w| w[0] < w[1]), "{epochs:?}");
    assert_eq!((done.status, done.ended_at), (Status::Completed, Some(T0)));
}

#[test]
fn rule_1_a_refused_create_shows_the_old_record_and_sends_its_message_again() {
    let old = created();
    assert_eq!(refused(Some(&old), "other", T0, create()), Refusal::Exists);
    assert_eq!(replay(Stage::Ingestion, &old, T0), Replay::SendStored);
    let moved = commit(&old, "p", to(Stage::Decision, "2"));
    assert_eq!(replay(Stage::Ingestion, &moved, T0), Replay::Done);
}

#[test]
fn rule_2_a_write_on_an_old_epoch_is_fenced_whatever_it_is() {
    let (old, cancelled) = (running(), {
        let fence = Fence::of(&running());
        applied(Some(&running()), "op", T0, Action::Cancel { fence, reason: reason() })
    });
    let fence = Fence::of(&old);
    let intent = None;
    for action in [
        Action::Commit { fence, next: to(Stage::State, "4") },
        Action::Checkpoint { fence, checkpoints: Checkpoints::new(), intent },
        Action::Release { fence, reason: reason() },
        Action::Yield { fence },
        Action::Fail { fence, reason: reason() },
        Action::Hold { fence, reason: reason() },
        Action::Cancel { fence, reason: reason() },
        Action::Resend { fence },
    ] {
        assert_eq!(refused(Some(&cancelled), "owner", T0, action), Refusal::Fenced);
    }
}

#[test]
fn rule_3_a_claim_needs_a_pending_task_or_a_lapsed_lease() {
    let owned = running();
    let busy = refused(Some(&owned), "other", at(99), claim(300));
    assert_eq!(busy, Refusal::Busy { until: at(100) });
    assert_eq!(replay(Stage::Communication, &owned, at(99)), Replay::GiveBack { at: at(100) });
    let taken = applied(Some(&owned), "other", at(100), claim(300));
    assert_eq!((taken.writer.as_str(), taken.epoch), ("other", owned.epoch.next()));
    let elsewhere = commit(&created(), "p", to(Stage::Decision, "2"));
    assert_eq!(refused(Some(&elsewhere), "x", at(500), claim(900)), Refusal::Fenced);
    let unclaimed = Action::Claim { stage: Stage::Decision, lease_until: at(9) };
    assert_eq!(refused(Some(&elsewhere), "x", at(500), unclaimed), Refusal::Forbidden);
}

#[test]
fn rule_4_a_stage_commits_at_most_once_per_epoch_and_only_along_the_way() {
    let pending = created();
    let fence = Fence::of(&pending);
    let first = commit(&pending, "a", to(Stage::Decision, "2"));
    let again = Action::Commit { fence, next: to(Stage::Decision, "other") };
    assert_eq!(refused(Some(&first), "b", T0, again), Refusal::Fenced);
    for next in [to(Stage::State, "x"), to(Stage::Processing, "x"), Next::Complete] {
        let action = Action::Commit { fence, next };
        assert_eq!(refused(Some(&pending), "a", T0, action), Refusal::Forbidden);
    }
    let unclaimed = at_communication();
    let action = Action::Commit { fence: Fence::of(&unclaimed), next: to(Stage::State, "x") };
    assert_eq!(refused(Some(&unclaimed), "a", T0, action), Refusal::Forbidden);
}

#[test]
fn rule_5_a_replay_sends_the_stored_message_at_whatever_epoch() {
    let next = commit(&created(), "a", to(Stage::Decision, "2"));
    assert_eq!(replay(Stage::Processing, &next, T0), Replay::SendStored);
    assert_eq!(StageMessage::stored_in(&next).payload.as_json(), "2");
    let fence = Fence::of(&next);
    let resent = applied(Some(&next), "recovery", T0, Action::Resend { fence });
    assert_eq!(replay(Stage::Processing, &resent, T0), Replay::SendStored);
    // An unclaimed stage's old message asks for the stored one, too.
    assert_eq!(replay(Stage::Decision, &resent, T0), Replay::SendStored);
    let further = commit(&resent, "d", to(Stage::Communication, "3"));
    assert_eq!(replay(Stage::Processing, &further, T0), Replay::Done);
    assert_eq!(replay(Stage::Decision, &further, T0), Replay::SendStored);
}

#[test]
fn rule_5_a_claim_does_not_prove_that_this_visits_message_was_sent() {
    // Decided twice: a worker that outlived its message of the first visit claims
    // the second, whose message the committer has yet to send.
    let owned = running();
    let again = commit(&owned, "owner", to(Stage::Decision, "4"));
    let second = commit(&again, "d", to(Stage::Communication, "5"));
    let stale = applied(Some(&second), "late", T0, claim(100));
    assert_eq!(replay(Stage::Decision, &stale, T0), Replay::SendStored);
    assert_eq!(replay(Stage::Processing, &stale, T0), Replay::Done);
    let further = commit(&stale, "late", to(Stage::State, "6"));
    assert_eq!(replay(Stage::Communication, &further, T0), Replay::SendStored);
}

#[test]
fn rule_6_a_zombie_cannot_write_and_gives_its_successors_message_back() {
    let zombie = running();
    let successor = applied(Some(&zombie), "new", at(200), claim(400));
    let fence = Fence::of(&zombie);
    let late = Action::Commit { fence, next: to(Stage::State, "late") };
    assert_eq!(refused(Some(&successor), "owner", at(201), late), Refusal::Fenced);
    assert!(matches!(
        replay(Stage::Communication, &successor, at(201)),
        Replay::GiveBack { at } if at == self::at(400)
    ));
    let fence = Fence::of(&successor);
    let released =
        applied(Some(&successor), "new", at(202), Action::Release { fence, reason: reason() });
    assert_eq!(released.attempts, 1);
    assert!(matches!(replay(Stage::Communication, &released, at(203)), Replay::GiveBack { .. }));
}

#[test]
fn rule_7_a_premature_takeover_never_lets_two_commit() {
    let first = running();
    // The second's clock runs ahead: it takes over while the first still works.
    let second = applied(Some(&first), "ahead", at(100_000), claim(200_000));
    let by_first = Action::Commit { fence: Fence::of(&first), next: to(Stage::State, "first") };
    assert_eq!(refused(Some(&second), "owner", at(1), by_first), Refusal::Fenced);
    let done = commit(&second, "ahead", to(Stage::State, "second"));
    assert_eq!(done.payload.as_json(), "second");
}

#[test]
fn rule_8_a_write_whose_answer_was_lost_is_recognised_by_its_attempt() {
    let again = applied(Some(&created()), "creator", T0, create());
    assert_eq!(again, created());
    assert_eq!(applied(Some(&running()), "owner", T0, claim(100)), running());
    let owned = running();
    let action = Action::Commit { fence: Fence::of(&owned), next: to(Stage::State, "4") };
    let done = applied(Some(&owned), "owner", T0, action.clone());
    assert_eq!(applied(Some(&done), "owner", T0, action.clone()), done);
    assert_eq!(refused(Some(&done), "other", T0, action), Refusal::Fenced);
}

#[test]
fn rule_8_another_write_of_the_same_attempt_is_not_taken_for_this_one() {
    let owned = running();
    let fence = Fence::of(&owned);
    let checkpoints = Checkpoints::from([("book".to_owned(), "done".to_owned())]);
    let noted =
        applied(Some(&owned), "owner", T0, Action::Checkpoint { fence, checkpoints, intent: None });
    for action in [
        Action::Fail { fence, reason: reason() },
        Action::Release { fence, reason: reason() },
        Action::Commit { fence, next: to(Stage::State, "4") },
        Action::Checkpoint { fence, checkpoints: Checkpoints::new(), intent: None },
    ] {
        assert_eq!(refused(Some(&noted), "owner", T0, action), Refusal::Fenced);
    }
}

fn with_intent(until: u64) -> TaskRecord {
    let owned = running();
    let intent = Some(Intent { effect: "book".into(), until: at(until) });
    let fence = Fence::of(&owned);
    let checkpoints = Checkpoints::new();
    applied(Some(&owned), "owner", T0, Action::Checkpoint { fence, checkpoints, intent })
}

#[test]
fn rule_9_an_answer_counts_only_after_the_lease_and_the_call_have_passed() {
    let noted = with_intent(150);
    let hold = Action::Hold { fence: Fence::of(&noted), reason: reason() };
    let held = applied(Some(&noted), "owner", at(10), hold);
    let resume = |answer| Action::Resume { fence: Fence::of(&held), answer };
    let early = refused(Some(&held), "op", at(120), resume(Some(Answer::NotDone)));
    assert_eq!(early, Refusal::TooEarly { after: at(150) });
    assert_eq!(refused(Some(&held), "op", at(150), resume(None)), Refusal::NeedsAnswer);
    let not_done = applied(Some(&held), "op", at(150), resume(Some(Answer::NotDone)));
    assert_eq!((not_done.status, &not_done.intent), (Status::Pending, &None));
    let done = Answer::Done { result: "R-1".into() };
    let done = applied(Some(&held), "op", at(150), resume(Some(done)));
    assert_eq!(done.checkpoints.get("book").map(String::as_str), Some("R-1"));
}

#[test]
fn rule_9_a_crash_does_not_clear_an_intent() {
    let noted = with_intent(50);
    let taken = applied(Some(&noted), "next", at(100), claim(300));
    assert_eq!(taken.intent, noted.intent);
    let fence = Fence::of(&taken);
    let back = applied(Some(&taken), "next", at(101), Action::Release { fence, reason: reason() });
    assert_eq!(back.intent, noted.intent);
}

#[test]
fn rule_9_a_cancel_says_that_a_call_may_still_happen() {
    let cancel = |record: &TaskRecord| {
        let action = Action::Cancel { fence: Fence::of(record), reason: reason() };
        applied(Some(record), "op", T0, action).reason.unwrap().text
    };
    assert!(cancel(&running()).contains(transition::CALL_MAY_HAPPEN));
    assert_eq!(cancel(&created()), "it broke");
}

#[test]
fn rule_10_failures_are_counted_and_waiting_is_not() {
    let owned = running();
    let fence = Fence::of(&owned);
    let yielded = applied(Some(&owned), "owner", T0, Action::Yield { fence });
    assert_eq!((yielded.attempts, &yielded.status), (0, &Status::Pending));
    let released = applied(Some(&owned), "owner", T0, Action::Release { fence, reason: reason() });
    assert_eq!((released.attempts, &released.status), (1, &Status::Pending));
}

#[test]
fn rule_10_a_replay_that_finds_failed_dead_letters_again() {
    let pending = created();
    let action = Action::Fail { fence: Fence::of(&pending), reason: reason() };
    let failed = applied(Some(&pending), "a", T0, action);
    assert_eq!(replay(Stage::Processing, &failed, T0), Replay::DeadLetter(reason()));
    assert_eq!(replay(Stage::Ingestion, &failed, T0), Replay::Done);
}

#[test]
fn rule_12_a_resume_makes_the_stage_pending_at_a_newer_epoch() {
    let pending = created();
    let action = Action::Fail { fence: Fence::of(&pending), reason: reason() };
    let failed = applied(Some(&pending), "a", T0, action);
    let resume = Action::Resume { fence: Fence::of(&failed), answer: None };
    let again = applied(Some(&failed), "op", T0, resume);
    assert_eq!((again.stage, &again.status), (Stage::Processing, &Status::Pending));
    assert_eq!((again.attempts, again.ended_at), (0, None));
    assert_eq!(again.payload, pending.payload);
    assert!(StageMessage::stored_in(&again).epoch > StageMessage::stored_in(&pending).epoch);
    // The message from before finds a newer epoch, and the stored one goes out.
    let old = Action::Commit { fence: Fence::of(&pending), next: to(Stage::Decision, "2") };
    assert_eq!(refused(Some(&again), "late", T0, old), Refusal::Fenced);
    assert_eq!(replay(Stage::Processing, &again, T0), Replay::SendStored);
}

#[test]
fn rule_13_recovery_does_not_touch_a_live_lease() {
    let owned = running();
    let resend = Action::Resend { fence: Fence::of(&owned) };
    let early = refused(Some(&owned), "r", at(50), resend.clone());
    assert_eq!(early, Refusal::Busy { until: at(100) });
    let again = applied(Some(&owned), "r", at(100), resend);
    assert_eq!((again.resends, &again.status), (1, &Status::Pending));
}

#[test]
fn nothing_but_a_create_makes_a_task() {
    assert_eq!(refused(None, "a", T0, claim(1)), Refusal::Absent);
}

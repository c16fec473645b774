//! What an operator wishes of a task, and the protocol's write that grants it.

use super::author::{Author, is_operators};
use super::word::Word;
use super::words;
use flotilla_task::{
    Action, Command, Fence, Reason, Refusal, StatusKind, TaskRecord, Timestamp, Transition,
    transition,
};

/// What is wished.
#[derive(Debug, Clone)]
pub enum Wish {
    /// That it stops.
    Cancel(Reason),
    /// That it waits for a person.
    Hold(Reason),
    /// That it goes on, held as it is.
    Release(Word),
    /// That it goes on, failed as it has.
    Retry,
}

/// What a wish comes to on a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plan {
    /// This write.
    Write {
        /// Fenced to the version that was looked at.
        command: Command,
        /// The record after it.
        after: TaskRecord,
    },
    /// An operator has written it before, and no agent has come to it: its message may
    /// not have been sent, and is sent once more. A copy does no harm.
    Send,
    /// It stands as is wished.
    Already,
    /// Not now: it counts from then on.
    Later(Timestamp),
    /// Not at all, and why.
    Never(String),
}

impl Wish {
    /// What it is called.
    #[must_use]
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::Cancel(_) => "cancel",
            Self::Hold(_) => "hold",
            Self::Release(_) => "release",
            Self::Retry => "retry",
        }
    }

    /// What it is called once it is granted.
    #[must_use]
    pub const fn done(&self) -> &'static str {
        match self {
            Self::Cancel(_) => "cancelled",
            Self::Hold(_) => "held",
            Self::Release(_) => "released",
            Self::Retry => "retried",
        }
    }

    /// Whether it is still meant when an agent has written to the task in between.
    /// Whoever stops a task means the task, however often it is tried meanwhile; a
    /// word on a call is meant for the version that was looked at.
    #[must_use]
    pub const fn is_meant_for_any_version(&self) -> bool {
        match self {
            Self::Cancel(_) | Self::Hold(_) => true,
            Self::Release(_) | Self::Retry => false,
        }
    }

    /// The write that grants it to the record as it stands. Pure: the write's
    /// condition makes sure that it is this version.
    #[must_use]
    pub fn plan(&self, record: &TaskRecord, author: &Author, now: Timestamp) -> Plan {
        let goes_on = matches!(self, Self::Release(_) | Self::Retry);
        if goes_on && record.status.kind() == StatusKind::Pending && is_operators(record) {
            return Plan::Send;
        }
        let action = match self.action(record, author) {
            Ok(Some(action)) => action,
            Ok(None) => return Plan::Already,
            // What is missing is asked for at once, however early it is.
            Err(why) => return Plan::Never(why),
        };
        let command = Command { task: record.id.clone(), by: author.attempt(), now, action };
        match transition(Some(record), &command) {
            Transition::Applied(after) => Plan::Write { command, after },
            Transition::Refused(Refusal::TooEarly { after }) => Plan::Later(after),
            Transition::Refused(refusal) => Plan::Never(words::refused(refusal, Some(record), now)),
        }
    }

    /// The action; none where it stands so already.
    fn action(&self, record: &TaskRecord, author: &Author) -> Result<Option<Action>, String> {
        use StatusKind::{Cancelled, Completed, Failed, Held, Pending, Running};
        let fence = Fence::of(record);
        let kind = record.status.kind();
        let id = &record.id;
        let at_work = || format!("it is {} and goes on by itself", words::place(record));
        let over = || "it is completed".to_owned();
        let gone = || "it was cancelled, and stays so: send its event once more under another id";
        match (self, kind) {
            (Self::Cancel(_), Cancelled) | (Self::Hold(_), Held) => Ok(None),
            (Self::Cancel(reason), Pending | Running | Held) => {
                Ok(Some(Action::Cancel { fence, reason: reason.clone() }))
            }
            (Self::Hold(reason), Pending | Running) => {
                Ok(Some(Action::Hold { fence, reason: reason.clone() }))
            }
            (Self::Cancel(_) | Self::Hold(_), Failed) => {
                Err("it has failed: nothing of it goes on unless it is retried".to_owned())
            }
            // A failed task with an unexplained call needs a word, which only a release takes.
            (Self::Release(word), Held | Failed) if kind == Held || record.intent.is_some() => {
                let answer = word.answer(record, &author.name())?;
                Ok(Some(Action::Resume { fence, answer }))
            }
            (Self::Retry, Failed) if record.intent.is_some() => Err(format!(
                "whether a call of it happened is unknown: `flotilla release {id}` takes your word"
            )),
            (Self::Retry, Failed) => Ok(Some(Action::Resume { fence, answer: None })),
            (Self::Release(_), Held | Failed) => {
                Err(format!("it has failed: `flotilla retry {id}`"))
            }
            (Self::Retry, Held) => Err(format!("it is held: `flotilla release {id}`")),
            (Self::Release(_) | Self::Retry, Pending | Running) => Err(at_work()),
            (Self::Release(_) | Self::Retry, Cancelled) | (Self::Hold(_), Cancelled) => {
                Err(gone().to_owned())
            }
            (_, Completed) => Err(over()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::steer::samples;
    use flotilla_task::{Intent, ReasonCode, Status};
    use serde_json::json;

    const NOW: Timestamp = Timestamp::from_millis(2_000_000);

    fn all() -> [Wish; 4] {
        let reason = Author::default().reason(Some("test"));
        [
            Wish::Cancel(reason.clone()),
            Wish::Hold(reason),
            Wish::Release(Word::default()),
            Wish::Retry,
        ]
    }

    /// What each wish leaves of a task in each status; nothing where it is refused.
    #[test]
    fn a_wish_is_granted_where_the_protocol_has_its_write() {
        let lapsed = Status::Running { lease_until: Timestamp::from_millis(1) };
        let table = [
            (Status::Pending, ["cancelled", "held", "", ""]),
            (lapsed, ["cancelled", "held", "", ""]),
            (Status::Held { lease_until: None }, ["cancelled", "already", "pending", ""]),
            (Status::Failed, ["", "", "", "pending"]),
            (Status::Completed, ["", "", "", ""]),
            (Status::Cancelled, ["already", "", "", ""]),
        ];
        for (status, wanted) in table {
            let record = TaskRecord { status, ..samples::pending() };
            for (wish, wanted) in all().iter().zip(wanted) {
                let came = match wish.plan(&record, &Author::default(), NOW) {
                    Plan::Write { after, .. } => after.status.kind().as_str(),
                    Plan::Already => "already",
                    Plan::Send | Plan::Later(_) | Plan::Never(_) => "",
                };
                assert_eq!(came, wanted, "{} of {:?}", wish.verb(), record.status);
            }
        }
    }

    #[test]
    fn a_refusal_names_the_command_that_is_meant() {
        let failed = TaskRecord { status: Status::Failed, ..samples::pending() };
        let [_, _, release, retry] = all();
        let said =
            |wish: &Wish, record: &TaskRecord| match wish.plan(record, &Author::default(), NOW) {
                Plan::Never(why) => why,
                other @ (Plan::Write { .. } | Plan::Send | Plan::Already | Plan::Later(_)) => {
                    panic!("{other:?}")
                }
            };
        assert_eq!(said(&release, &failed), "it has failed: `flotilla retry t`");
        let held = TaskRecord { status: Status::Held { lease_until: None }, ..failed };
        assert_eq!(said(&retry, &held), "it is held: `flotilla release t`");
        assert!(said(&retry, &samples::pending()).contains("goes on by itself"));
    }

    /// Who died between write and send asks again.
    #[test]
    fn what_an_operator_let_go_on_is_sent_again_until_an_agent_has_come_to_it() {
        let writer = Author::default().attempt();
        let released = TaskRecord { writer, ..samples::pending() };
        let plan = |wish: &Wish, record| wish.plan(record, &Author::default(), NOW);
        let [_, hold, release, retry] = all();
        assert_eq!(plan(&release, &released), Plan::Send);
        assert_eq!(plan(&retry, &released), Plan::Send);
        assert!(matches!(plan(&hold, &released), Plan::Write { .. }));
        assert!(matches!(plan(&retry, &samples::pending()), Plan::Never(_)), "an agent wrote it");
    }

    #[test]
    fn an_answer_counts_only_after_the_lease_and_the_call() {
        let action = json!({"book": {"carrier": "tortoise", "service": "economy", "cost": 778}});
        let until = NOW.plus(std::time::Duration::from_secs(7));
        let record = TaskRecord {
            intent: Some(Intent { effect: "book".into(), until }),
            ..samples::held(&action)
        };
        let word = Word { not_done: true, ..Word::default() };
        let wish = Wish::Release(word);
        assert_eq!(wish.plan(&record, &Author::default(), NOW), Plan::Later(until));
        assert!(matches!(wish.plan(&record, &Author::default(), until), Plan::Write { .. }));
        let silent = Wish::Release(Word::default()).plan(&record, &Author::default(), NOW);
        assert!(matches!(silent, Plan::Never(_)), "what is missing is said at once: {silent:?}");
    }

    #[test]
    fn a_cancel_of_what_may_be_calling_says_so() {
        let lease_until = NOW.plus(std::time::Duration::from_secs(7));
        let record = TaskRecord {
            status: Status::Running { lease_until },
            ..samples::held(&json!("notify"))
        };
        let [cancel, ..] = all();
        let Plan::Write { after, .. } = cancel.plan(&record, &Author::default(), NOW) else {
            panic!("it is running")
        };
        let reason = after.reason.unwrap();
        assert_eq!(reason.code, ReasonCode::Operator);
        assert!(reason.text.contains("may still happen"), "{}", reason.text);
    }
}

//! What the wire tells about the task protocol, whatever a function says of
//! itself and whether or not it lived to say it: takeovers and fenced writes,
//! read from the writes to tasks and their answers.

use crate::action::Called;
use crate::fault::Kind;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

/// Counts since the start.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Seen {
    /// Claims of a task that another attempt was running.
    pub takeovers: u64,
    /// Writes refused because the task had moved on under another attempt.
    pub fenced: u64,
    /// Of these, writes that a rule had held back on their way.
    pub fenced_late: u64,
    /// How often rules have acted, by what they do.
    pub struck: BTreeMap<Kind, u64>,
}

/// How the error of a condition that did not hold ends.
const REFUSED: &str = "ConditionalCheckFailedException";

/// Watches the writes to tasks.
#[derive(Debug, Default)]
pub(crate) struct Witness {
    seen: Seen,
    /// Each task as its newest write left it.
    newest: HashMap<String, Written>,
}

#[derive(Debug)]
struct Written {
    epoch: u64,
    writer: String,
    stage: String,
    running: bool,
}

impl Witness {
    pub(crate) fn seen(&self) -> Seen {
        self.seen.clone()
    }

    pub(crate) fn struck(&mut self, kind: Kind) {
        *self.seen.struck.entry(kind).or_default() += 1;
    }

    /// Looks at a call that was carried out, and at its answer.
    pub(crate) fn carried_out(
        &mut self,
        called: &Called,
        request: &Value,
        answer: &Value,
        late: bool,
    ) {
        let (sort, task) = (text(request, "/Key/sk/S"), text(request, "/Key/pk/S"));
        let (Some("TASK"), "UpdateItem", Some(task)) = (sort, called.operation.as_str(), task)
        else {
            return;
        };
        if let Some(now) = Written::read(answer) {
            self.applied(task, now);
        } else if text(answer, "/__type").is_some_and(|kind| kind.ends_with(REFUSED)) {
            // Only a write of the version that it names is fenced; a claim names none.
            let names_one = text(request, "/ExpressionAttributeValues/:at_epoch/N").is_some();
            let by = text(request, "/ExpressionAttributeValues/:writer/S");
            if names_one && text(answer, "/Item/writer/S") != by {
                self.seen.fenced += 1;
                self.seen.fenced_late += u64::from(late);
            }
        }
    }

    fn applied(&mut self, task: &str, now: Written) {
        let before = self.newest.get(task);
        // Answers of two writes may be seen in the other order.
        if before.is_some_and(|before| before.epoch >= now.epoch) {
            return;
        }
        let follows = |before: &Written| {
            before.running && before.stage == now.stage && before.epoch + 1 == now.epoch
        };
        let another = |before: &Written| before.writer != now.writer;
        if now.running && before.is_some_and(|before| follows(before) && another(before)) {
            self.seen.takeovers += 1;
        }
        self.newest.insert(task.to_owned(), now);
    }
}

impl Written {
    fn read(answer: &Value) -> Option<Self> {
        Some(Self {
            epoch: text(answer, "/Attributes/epoch/N")?.parse().ok()?,
            writer: text(answer, "/Attributes/writer/S")?.to_owned(),
            stage: text(answer, "/Attributes/stage/S")?.to_owned(),
            running: text(answer, "/Attributes/status/S") == Some("running"),
        })
    }
}

/// The text at that place of a document.
fn text<'a>(document: &'a Value, at: &str) -> Option<&'a str> {
    document.pointer(at).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// A witness, and the writes of one task.
    #[derive(Default)]
    struct Case(Witness);

    impl Case {
        fn look(&mut self, values: &Value, answer: &Value, late: bool) {
            let request = json!({
                "Key": {"pk": {"S": "TASK#1"}, "sk": {"S": "TASK"}},
                "ExpressionAttributeValues": values,
            });
            let called = Called::read("DynamoDB_20120810.UpdateItem", &request);
            self.0.carried_out(&called, &request, answer, late);
        }

        fn applied(&mut self, epoch: u64, writer: &str, status: &str) {
            let item = json!({
                "epoch": {"N": epoch.to_string()}, "writer": {"S": writer},
                "stage": {"S": "communication"}, "status": {"S": status},
            });
            self.look(&json!({}), &json!({"Attributes": item}), false);
        }

        fn refused(&mut self, values: &Value, owner: &str, late: bool) {
            let item = json!({"writer": {"S": owner}});
            let kind = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException";
            self.look(values, &json!({"__type": kind, "Item": item}), late);
        }

        fn counts(&self) -> (u64, u64, u64) {
            let seen = self.0.seen();
            (seen.takeovers, seen.fenced, seen.fenced_late)
        }
    }

    #[test]
    fn a_claim_of_what_another_attempt_was_running_is_a_takeover() {
        let mut case = Case::default();
        case.applied(2, "a", "running");
        case.applied(3, "a", "running");
        assert_eq!(case.counts(), (0, 0, 0), "a checkpoint");
        case.applied(4, "b", "running");
        assert_eq!(case.counts(), (1, 0, 0));
        case.applied(3, "a", "running");
        assert_eq!(case.counts(), (1, 0, 0), "an answer that was seen late");
        case.applied(5, "b", "pending");
        case.applied(6, "c", "running");
        assert_eq!(case.counts(), (1, 0, 0), "a claim of what was released");
        case.applied(8, "d", "running");
        assert_eq!(case.counts(), (1, 0, 0), "a write between the two was not seen");
    }

    #[test]
    fn a_refused_write_of_a_version_is_fenced_unless_its_attempt_had_made_it() {
        let mut case = Case::default();
        let write = json!({":at_epoch": {"N": "3"}, ":writer": {"S": "a"}});
        case.refused(&write, "a", false);
        case.refused(&json!({":writer": {"S": "a"}}), "b", false);
        assert_eq!(case.counts(), (0, 0, 0), "its own write, and a claim");
        case.refused(&write, "b", false);
        case.refused(&write, "b", true);
        assert_eq!(case.counts(), (0, 2, 1));
    }

    #[test]
    fn other_items_are_not_looked_at() {
        let mut case = Case::default();
        let request = json!({"Key": {"pk": {"S": "SHIPMENT#1"}, "sk": {"S": "SLOT#main"}}});
        let called = Called::read("DynamoDB_20120810.UpdateItem", &request);
        case.0.carried_out(&called, &request, &json!({"__type": "ConditionalCheckFailed"}), false);
        assert_eq!(case.0.seen(), Seen::default());
    }
}

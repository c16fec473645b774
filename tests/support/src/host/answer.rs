//! What a function says about the messages of a batch.

use aws_sdk_sqs::types::Message;
use serde::Deserialize;
use std::collections::BTreeSet;

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "batchItemFailures", default)]
    failures: Vec<Failure>,
}

#[derive(Deserialize)]
struct Failure {
    #[serde(rename = "itemIdentifier")]
    id: String,
}

/// The messages that an answer acknowledges. As on AWS an answer that cannot be
/// read, or that names a message which is not in the batch, acknowledges none.
#[must_use]
pub fn acknowledged<'a>(batch: &'a [Message], answer: &str) -> Vec<&'a Message> {
    let Ok(answer) = serde_json::from_str::<Answer>(answer) else { return Vec::new() };
    let failed: BTreeSet<_> = answer.failures.iter().map(|failure| failure.id.as_str()).collect();
    let ids: BTreeSet<_> = batch.iter().filter_map(Message::message_id).collect();
    if !failed.is_subset(&ids) {
        return Vec::new();
    }
    batch.iter().filter(|m| m.message_id().is_some_and(|id| !failed.contains(id))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(answer: &str) -> Vec<String> {
        let batch = ["m-1", "m-2"].map(|id| Message::builder().message_id(id).build());
        super::acknowledged(&batch, answer)
            .iter()
            .map(|m| m.message_id().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn an_answer_acknowledges_what_it_does_not_name() {
        assert_eq!(ids(r#"{"batchItemFailures":[]}"#), ["m-1", "m-2"]);
        assert_eq!(ids(r#"{"batchItemFailures":[{"itemIdentifier":"m-1"}]}"#), ["m-2"]);
    }

    #[test]
    fn an_answer_that_makes_no_sense_acknowledges_nothing() {
        for answer in [
            r#"{"batchItemFailures":[{"itemIdentifier":"m-9"}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#,
            r#"{"batchItemFailures":[{}]}"#,
            "not JSON",
        ] {
            assert_eq!(ids(answer), [] as [String; 0], "{answer}");
        }
    }
}

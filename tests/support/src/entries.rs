//! A batch of messages of which some are not taken.

use axum::body::Bytes;
use serde_json::{Value, json};

/// A `SendMessageBatch`, taken apart.
pub(crate) struct Split {
    /// The request without the entries that are not taken; none when none is left.
    pub(crate) taken: Option<Bytes>,
    pub(crate) refused: Refused,
}

/// The ids of the entries that are not taken.
pub(crate) struct Refused(Vec<Value>);

impl Split {
    /// Entries that hold the words are not taken.
    pub(crate) fn of(request: &[u8], words: &str) -> Self {
        let mut request: Value = serde_json::from_slice(request).unwrap_or_default();
        let Some(entries) = request.get_mut("Entries").and_then(Value::as_array_mut) else {
            return Self { taken: None, refused: Refused(Vec::new()) };
        };
        let holds = |entry: &mut Value| entry.to_string().contains(words);
        let refused = entries
            .extract_if(.., holds)
            .map(|entry| entry.get("Id").cloned().unwrap_or_default())
            .collect();
        let taken = (!entries.is_empty()).then(|| request.to_string().into());
        Self { taken, refused: Refused(refused) }
    }
}

impl Refused {
    /// The queue's answer about the others, and what became of these.
    pub(crate) fn told_with(&self, answer: &[u8]) -> Bytes {
        let mut answer: Value = serde_json::from_slice(answer).unwrap_or_else(|_| json!({}));
        let refused = self.0.iter().map(|id| {
            json!({"Id": id, "SenderFault": false, "Code": "InternalError",
                "Message": "the wire proxy refuses the entry"})
        });
        if let Some(answer) = answer.as_object_mut() {
            answer.entry("Successful").or_insert_with(|| json!([]));
            answer.insert("Failed".to_owned(), refused.collect());
        }
        answer.to_string().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(words: &str) -> (Option<Value>, Value) {
        let entry = |id: &str, body: &str| json!({"Id": id, "MessageBody": body});
        let request =
            json!({"QueueUrl": "q", "Entries": [entry("0", "of SHP-1"), entry("1", "of SHP-2")]});
        let split = Split::of(request.to_string().as_bytes(), words);
        let answer = split.refused.told_with(br#"{"Successful":[{"Id":"1"}]}"#);
        let taken = split.taken.map(|taken| serde_json::from_slice(&taken).unwrap());
        (taken, serde_json::from_slice(&answer).unwrap())
    }

    #[test]
    fn entries_that_hold_the_words_are_refused_and_the_others_taken() {
        let (taken, answer) = split("SHP-1");
        assert_eq!(taken.unwrap()["Entries"][0]["Id"], "1");
        assert_eq!(
            (&answer["Failed"][0]["Id"], &answer["Successful"][0]["Id"]),
            (&json!("0"), &json!("1"))
        );
        assert_eq!(answer["Failed"].as_array().unwrap().len(), 1);
    }

    #[test]
    fn where_all_are_refused_nothing_is_sent() {
        let (taken, answer) = split("SHP");
        assert_eq!(taken, None);
        assert_eq!(answer["Failed"].as_array().unwrap().len(), 2);
    }
}

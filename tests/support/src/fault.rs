//! What goes wrong with which calls.

use crate::action::Called;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A rule: calls that fit all of its words go wrong in its way, so many times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What happens.
    #[serde(rename = "do")]
    pub kind: Kind,
    /// The end of the calling function's name: `communication`. Empty: any.
    #[serde(default)]
    pub function: String,
    /// The operation: `PutItem`, `SendMessageBatch`. Empty: any.
    #[serde(default)]
    pub action: String,
    /// What the request's body holds somewhere. Empty: anything.
    #[serde(default)]
    pub contains: String,
    /// How often it may still act.
    #[serde(default = "once")]
    pub times: u32,
    /// Milliseconds: how long a delay or a lost answer lasts.
    #[serde(default = "long")]
    pub ms: u64,
}

/// What happens to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// It is refused as too many.
    Throttle,
    /// It waits before it goes on, whether or not its caller waits with it.
    Delay,
    /// It arrives twice; the second answer goes back.
    Duplicate,
    /// It is carried out, and its answer never comes.
    LoseAnswer,
    /// It is not carried out, and the answer is a fault of the service.
    Fail,
    /// Of a batch of messages those that hold the words are not taken; the others are.
    FailEntries,
}

const fn once() -> u32 {
    1
}

/// Longer than any client here waits for an answer.
const fn long() -> u64 {
    10_000
}

impl Fault {
    /// Whether a call fits.
    #[must_use]
    pub fn fits(&self, function: &str, called: &Called, body: &str) -> bool {
        self.times > 0
            && function.ends_with(&self.function)
            && (self.action.is_empty() || self.action == called.operation)
            && body.contains(&self.contains)
    }

    /// How long a delay or a lost answer lasts.
    #[must_use]
    pub const fn lasts(&self) -> Duration {
        Duration::from_millis(self.ms)
    }
}

/// The error that a service answers a throttled call with.
#[must_use]
pub(crate) fn throttled(service: &str) -> &'static str {
    if service == "dynamodb" {
        r#"{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"the wire proxy throttles"}"#
    } else {
        r#"{"__type":"com.amazonaws.sqs#RequestThrottled","message":"the wire proxy throttles"}"#
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_rule_fits_calls_with_all_of_its_words_until_it_is_used_up() {
        let rule = json!({"do": "lose_answer", "function": "state", "action": "PutItem", "contains": "SHP-1"});
        let mut rule: Fault = serde_json::from_value(rule).unwrap();
        assert_eq!((rule.times, rule.ms), (1, 10_000));
        let put = Called::read("DynamoDB_20120810.PutItem", &json!({}));
        let get = Called::read("DynamoDB_20120810.GetItem", &json!({}));
        assert!(rule.fits("flotilla-state", &put, "..SHP-1.."));
        assert!(!rule.fits("flotilla-decision", &put, "..SHP-1.."));
        assert!(!rule.fits("flotilla-state", &get, "..SHP-1.."));
        assert!(!rule.fits("flotilla-state", &put, "..SHP-2.."));
        rule.times = 0;
        assert!(!rule.fits("flotilla-state", &put, "..SHP-1.."));
    }

    #[test]
    fn a_misspelt_rule_is_refused() {
        let error = serde_json::from_str::<Fault>(r#"{"do":"delay","time":3}"#).unwrap_err();
        assert!(error.to_string().contains("unknown field `time`"), "{error}");
        assert!(serde_json::from_str::<Fault>(r#"{"do":"explode"}"#).is_err());
    }
}

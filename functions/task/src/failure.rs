//! Why something was refused or failed, in a form that fits everywhere.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The longest reason kept, in bytes. It goes into records and message
/// attributes, both of which are limited.
pub const MAX_REASON_BYTES: usize = 512;

/// What kind of reason, for counting and grouping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasonCode {
    /// The body is not JSON.
    NotJson,
    /// JSON, but not a CloudEvent this fleet can read.
    NotCloudevent,
    /// A type of event that no agent knows.
    UnknownType,
    /// A type or record of a newer version than this release knows.
    NewerVersion,
    /// A field is missing or has an impossible value.
    InvalidField,
    /// Larger than the fleet carries.
    TooLarge,
    /// Older than the fleet remembers, so a duplicate could not be told.
    Horizon,
    /// Waited in vain: nobody said whose it is.
    Expired,
    /// Handed on more often than any way through the stages needs.
    Loop,
    /// A message about a task that has no record.
    NoRecord,
    /// The work failed for good.
    Failed,
    /// The work failed more often than the retry budget allows.
    RetriesExhausted,
    /// The handler panicked.
    Panic,
    /// Recovery sent the stored message again and again in vain.
    Unrecovered,
    /// An outside effect may or may not have happened: a person has to say.
    Ambiguous,
    /// An operator asked for it.
    Operator,
    /// A rule of the policy asks for a person.
    Policy,
}

impl ReasonCode {
    /// The code as it stands in attributes and records.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotJson => "not_json",
            Self::NotCloudevent => "not_cloudevent",
            Self::UnknownType => "unknown_type",
            Self::NewerVersion => "newer_version",
            Self::InvalidField => "invalid_field",
            Self::TooLarge => "too_large",
            Self::Horizon => "horizon",
            Self::Expired => "expired",
            Self::Loop => "loop",
            Self::NoRecord => "no_record",
            Self::Failed => "failed",
            Self::RetriesExhausted => "retries_exhausted",
            Self::Panic => "panic",
            Self::Unrecovered => "unrecovered",
            Self::Ambiguous => "ambiguous",
            Self::Operator => "operator",
            Self::Policy => "policy",
        }
    }
}

/// A reason: a code and one sentence, bounded and printable.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Reason {
    /// For counting.
    pub code: ReasonCode,
    /// For people. At most [`MAX_REASON_BYTES`].
    pub text: String,
}

impl Reason {
    /// A reason with its text made safe: what cannot be printed is escaped, because
    /// parts of it may come from outside, and the length is bounded.
    #[must_use]
    pub fn new(code: ReasonCode, text: impl AsRef<str>) -> Self {
        Self { code, text: safe(text.as_ref()) }
    }
}

/// Somebody else's words, of any length and of any characters, as they may stand in a
/// reason, a log line or an attribute: at most [`MAX_REASON_BYTES`], and printable.
#[must_use]
pub fn safe(words: &str) -> String {
    let mut safe = String::new();
    for c in words.chars() {
        let before = safe.len();
        if is_unprintable(c) {
            safe.extend(c.escape_default())
        } else {
            safe.push(c)
        }
        if safe.len() > MAX_REASON_BYTES - '…'.len_utf8() {
            safe.truncate(before);
            safe.push('…');
            break;
        }
    }
    safe
}

/// Control characters, and those that break a line or turn its direction where it is
/// looked at, so that one text could pass for another.
#[must_use]
pub fn is_unprintable(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_reason_is_bounded_and_has_no_control_characters(text in any::<String>(), times in 1_usize..200) {
            let reason = Reason::new(ReasonCode::Failed, text.repeat(times));
            prop_assert!(reason.text.len() <= MAX_REASON_BYTES);
            prop_assert!(!reason.text.contains(is_unprintable));
        }
    }
}

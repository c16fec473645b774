//! Names of things: shipments, tasks, attempts and where an event came from.
//!
//! Each is a newtype that is checked when it is made, so that the rest of the
//! code never meets an empty or an overlong id.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;

/// The longest id taken from outside, in bytes. Ids stand in every item and
/// message, and a typical task must stay within one write unit of 1 KiB.
pub const MAX_ID_BYTES: usize = 128;

/// An id from outside was empty, too long or unprintable. A retry does not help.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}: expected 1 to {MAX_ID_BYTES} printable characters without spaces, got {got}")]
pub struct InvalidId {
    /// Which kind of id was wrong.
    pub what: &'static str,
    /// What was found, in a form that is safe to print.
    pub got: String,
}

fn checked(what: &'static str, value: String) -> Result<String, InvalidId> {
    let printable = value.bytes().all(|b| b.is_ascii_graphic());
    if value.is_empty() || value.len() > MAX_ID_BYTES || !printable {
        let head: String = value.chars().take(32).flat_map(char::escape_debug).collect();
        return Err(InvalidId { what, got: format!("{} bytes: \"{head}\"", value.len()) });
    }
    Ok(value)
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Takes an id from outside.
            ///
            /// # Errors
            /// [`InvalidId`] when it is empty, longer than [`MAX_ID_BYTES`] or not
            /// printable ASCII.
            pub fn new(value: impl Into<String>) -> Result<Self, InvalidId> {
                checked($what, value.into()).map(Self)
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(value: String) -> Result<Self, InvalidId> {
                Self::new(value)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(
    /// The shipment a task is about. Records of one shipment keep their order.
    ShipmentId,
    "shipment"
);
id!(
    /// Where an event came from: the `source` of its CloudEvent.
    Source,
    "source"
);
id!(
    /// The event's id at its source: the `id` of its CloudEvent.
    EventId,
    "event id"
);
id!(
    /// Whose traffic this is. On standard queues it is the message group, so
    /// that one noisy tenant does not delay the others.
    Tenant,
    "tenant"
);
id!(
    /// One attempt at one piece of work, new for each: the author of a write.
    ///
    /// Never the id of an environment: an environment that adopted its own
    /// earlier write would repeat an outside effect.
    AttemptId,
    "attempt"
);
id!(
    /// A task: one event's way through the stages for one shipment.
    TaskId,
    "task"
);

impl AttemptId {
    /// A new attempt's id, from random bits. It only has to differ from the
    /// other attempts at the same task.
    #[must_use]
    pub fn from_bits(bits: u64) -> Self {
        Self(format!("{bits:016x}"))
    }
}

impl TaskId {
    /// Derives the id from source, event and shipment, so that the same event
    /// twice is one task and one event about three shipments is three.
    #[must_use]
    pub fn derive(source: &Source, event: &EventId, shipment: &ShipmentId) -> Self {
        Self(fingerprint(&[source.as_str(), event.as_str(), shipment.as_str()]))
    }
}

/// The first 128 bits of SHA-256 over length-prefixed parts, in hex. The
/// prefixes keep ("ab", "c") and ("a", "bc") apart.
#[must_use]
pub fn fingerprint(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_event_is_one_task_and_three_shipments_are_three() {
        let source = Source::new("urn:shop").unwrap();
        let event = EventId::new("e-1").unwrap();
        let of = |s: &str| TaskId::derive(&source, &event, &ShipmentId::new(s).unwrap());
        assert_eq!(of("S1"), of("S1"));
        assert_ne!(of("S1"), of("S2"));
        assert_eq!(of("S1").as_str().len(), 32);
    }

    #[test]
    fn neighbouring_parts_do_not_run_together() {
        assert_ne!(fingerprint(&["ab", "c"]), fingerprint(&["a", "bc"]));
    }

    #[test]
    fn bad_ids_are_named_and_bounded() {
        for bad in ["", "a b", "tab\t", &"x".repeat(129)] {
            let error = ShipmentId::new(bad).unwrap_err().to_string();
            assert!(error.starts_with("shipment: expected"), "{error}");
            assert!(error.len() < 200);
        }
    }
}

//! Which kind of document a message announces, and in which version.

use crate::invalid::quoted;
use flotilla_task::message::version_of;
use std::fmt;
use std::ops::RangeInclusive;

/// The kinds of documents that ingestion takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The fleet's own order document.
    Order,
    /// The fleet's own simple tracking event.
    Tracking,
    /// GS1 EPCIS 2.0 in JSON or JSON-LD.
    Epcis,
    /// DCSA Track and Trace 2.x.
    Dcsa,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Order, Self::Tracking, Self::Epcis, Self::Dcsa];

    /// The versions of the document that this build reads. Of the standards it is
    /// their own major version.
    const fn versions(self) -> RangeInclusive<u32> {
        match self {
            Self::Order | Self::Tracking => 1..=1,
            Self::Epcis | Self::Dcsa => 2..=2,
        }
    }

    /// What to do about a version from before those.
    const fn instead(self) -> &'static str {
        match self {
            Self::Order | Self::Tracking => "send version 1",
            Self::Epcis => "EPCIS 1.x is XML, send EPCIS 2.0 JSON as flotilla.epcis.v2",
            Self::Dcsa => "DCSA 1.x has other fields, send 2.x as flotilla.dcsa.v2",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Order => "order",
            Self::Tracking => "tracking",
            Self::Epcis => "epcis",
            Self::Dcsa => "dcsa",
        })
    }
}

/// Why a CloudEvent's type is not one to read here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TypeError {
    /// No kind of document that the fleet reads; says what to send. Permanent.
    #[error("type: {0}")]
    Unknown(String),
    /// A kind that is known, in a version that is not: a rollout or a rollback
    /// is under way. A retry helps.
    #[error("type: this build reads {kind} up to version {}, got {version}", kind.versions().end())]
    Newer {
        /// The kind.
        kind: Kind,
        /// The version that was sent.
        version: u32,
    },
}

/// Which kind of document a CloudEvent's `type` announces.
///
/// # Errors
/// [`TypeError`], which says whether a retry helps.
pub fn kind_of(ce_type: &str) -> Result<Kind, TypeError> {
    let find = |kind: Kind| Some((kind, version_of(ce_type, &format!("flotilla.{kind}"))?));
    let Some((kind, version)) = Kind::ALL.into_iter().find_map(find) else {
        let known =
            Kind::ALL.map(|kind| format!("flotilla.{kind}.v{}", kind.versions().end())).join(", ");
        return Err(TypeError::Unknown(format!(
            "expected one of {known}, got {}",
            quoted(ce_type)
        )));
    };
    if version > *kind.versions().end() {
        return Err(TypeError::Newer { kind, version });
    }
    if version < *kind.versions().start() {
        let instead = kind.instead();
        return Err(TypeError::Unknown(format!("{instead}, got {}", quoted(ce_type))));
    }
    Ok(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_known_newer_or_unknown() {
        assert_eq!(kind_of("flotilla.order.v1"), Ok(Kind::Order));
        assert_eq!(kind_of("flotilla.tracking.v1"), Ok(Kind::Tracking));
        assert_eq!(kind_of("flotilla.epcis.v2"), Ok(Kind::Epcis));
        assert_eq!(kind_of("flotilla.dcsa.v2"), Ok(Kind::Dcsa));
        assert_eq!(
            kind_of("flotilla.tracking.v2"),
            Err(TypeError::Newer { kind: Kind::Tracking, version: 2 })
        );
        assert_eq!(
            kind_of("flotilla.epcis.v3"),
            Err(TypeError::Newer { kind: Kind::Epcis, version: 3 })
        );
        let of = |text: &str| kind_of(text).unwrap_err().to_string();
        assert_eq!(of("flotilla.order.v7"), "type: this build reads order up to version 1, got 7");
        for bad in ["", "flotilla.order", "flotilla.order.v", "flotilla.order.v0"] {
            assert!(matches!(kind_of(bad), Err(TypeError::Unknown(_))), "{bad}");
        }
        for bad in ["flotilla.order.v01", "flotilla.order.v+1", "flotilla.order.v99999999999"] {
            assert!(matches!(kind_of(bad), Err(TypeError::Unknown(_))), "{bad}");
        }
        assert_eq!(
            of("com.example.weather"),
            "type: expected one of flotilla.order.v1, flotilla.tracking.v1, flotilla.epcis.v2, flotilla.dcsa.v2, got \"com.example.weather\""
        );
        assert!(of(&"x".repeat(9999)).len() < 200);
    }

    #[test]
    fn a_standard_in_its_first_version_is_refused_with_what_to_send() {
        let of = |text: &str| match kind_of(text) {
            Err(TypeError::Unknown(text)) => text,
            other => panic!("{other:?}"),
        };
        assert_eq!(
            of("flotilla.epcis.v1"),
            "EPCIS 1.x is XML, send EPCIS 2.0 JSON as flotilla.epcis.v2, got \"flotilla.epcis.v1\""
        );
        assert!(of("flotilla.dcsa.v1").starts_with("DCSA 1.x has other fields"));
    }
}

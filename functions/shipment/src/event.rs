//! What happened to a shipment, in the fleet's own words.

use crate::identifier::Identifier;
use crate::invalid::quoted;
use crate::places::Place;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A name that is none of those expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected one of {expected}, got {got}")]
pub struct UnknownName {
    /// Every name that is known.
    pub expected: String,
    /// What was found.
    pub got: String,
}

macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $text)] $variant,)+
        }

        impl $name {
            /// Every one of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name in documents.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownName;
            fn from_str(text: &str) -> Result<Self, UnknownName> {
                Self::ALL.iter().copied().find(|known| known.as_str() == text).ok_or_else(|| {
                    let all: Vec<_> = Self::ALL.iter().map(|known| known.as_str()).collect();
                    UnknownName { expected: all.join(", "), got: quoted(text) }
                })
            }
        }
    };
}

named! {
    /// What a tracking event reports.
    Milestone {
        /// The carrier has the goods.
        PickedUp = "picked_up",
        /// The goods left a place.
        Departed = "departed",
        /// The goods reached a place on the way.
        Arrived = "arrived",
        /// The goods were seen, handled or inspected; nothing moved.
        Seen = "seen",
        /// Somebody said when the goods will be where.
        Estimated = "estimated",
        /// The goods are late.
        Delayed = "delayed",
        /// The goods are damaged.
        Damaged = "damaged",
        /// The goods are stolen or cannot be found.
        Missing = "missing",
        /// A sensor on the goods raised an alarm.
        Alarm = "alarm",
        /// A carrier or an authority stopped the goods or refused their papers.
        Stopped = "stopped",
        /// The sender takes an earlier event back.
        Withdrawn = "withdrawn",
        /// The customer has the goods.
        Delivered = "delivered",
    }
}

named! {
    /// What the customer paid for.
    ServiceLevel {
        /// Cheap.
        Economy = "economy",
        /// Usual.
        Standard = "standard",
        /// Fast.
        Express = "express",
    }
}

/// A normalised event. The facts of the shipment stand beside it, in `Known`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A new or amended order.
    Order {
        /// When it was placed or amended.
        at: Timestamp,
        /// By which names the outside world knows the shipment.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        ids: Vec<Identifier>,
    },
    /// Something happened on the way.
    Tracking {
        /// What.
        milestone: Milestone,
        /// When.
        at: Timestamp,
        /// Where, when it was said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        place: Option<Place>,
        /// When the sender now expects the goods to arrive, when it was said: at
        /// the destination, or at a place from which `Known::onward_km` are left.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        eta: Option<Timestamp>,
        /// The tag of the task whose event is taken back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        withdraws: Option<String>,
    },
}

impl Event {
    /// When it happened.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        match self {
            Self::Order { at, .. } | Self::Tracking { at, .. } => *at,
        }
    }

    /// A word for logs and summaries: `order`, `delayed`, `delivered`...
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Order { .. } => "order",
            Self::Tracking { milestone, .. } => milestone.as_str(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_an_unknown_one_lists_the_known() {
        for milestone in Milestone::ALL {
            assert_eq!(milestone.as_str().parse::<Milestone>().unwrap(), *milestone);
            let json = serde_json::to_string(milestone).unwrap();
            assert_eq!(json, format!("\"{milestone}\""));
        }
        assert_eq!(
            "lost".parse::<Milestone>().unwrap_err().to_string(),
            "expected one of picked_up, departed, arrived, seen, estimated, delayed, damaged, missing, alarm, stopped, withdrawn, delivered, got \"lost\""
        );
        assert_eq!(
            "gold".parse::<ServiceLevel>().unwrap_err().to_string(),
            "expected one of economy, standard, express, got \"gold\""
        );
    }
}

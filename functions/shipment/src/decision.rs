//! What is to be done about a shipment, and why.

mod scored;

use crate::places::Place;
use crate::slot::Generation;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use scored::{Fit, NotScored, Scored};

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Leave things as they are.
    Keep,
    /// Book a carrier where no booking is live.
    Book(Choice),
    /// Replace the live booking with a faster one.
    Rebook(Choice),
    /// Replace the live booking with one over another hub.
    Reroute(Choice),
    /// Tell the dispatch desk.
    Notify,
    /// Wait for a person.
    Hold,
}

/// A carrier's service at its price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// The carrier's id in the policy.
    pub carrier: String,
    /// Its service.
    pub service: String,
    /// The hub to go over, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<Place>,
    /// The expected price in cents of the policy's currency.
    #[serde(rename = "cost")]
    pub cost_cents: i64,
    /// What the rate card says, uncorrected: what is learned is measured by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quoted: Option<Quoted>,
}

/// A rate card's word on one booking, in JSON `[2514, 1287]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(i64, i64)", into = "(i64, i64)")]
pub struct Quoted {
    /// How long it takes.
    pub minutes: i64,
    /// The price in cents of the carrier's currency.
    pub cents: i64,
}

impl From<(i64, i64)> for Quoted {
    fn from((minutes, cents): (i64, i64)) -> Self {
        Self { minutes, cents }
    }
}

impl From<Quoted> for (i64, i64) {
    fn from(quoted: Quoted) -> Self {
        (quoted.minutes, quoted.cents)
    }
}

impl Action {
    /// A word for logs, summaries and metrics.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Book(_) => "book",
            Self::Rebook(_) => "rebook",
            Self::Reroute(_) => "reroute",
            Self::Notify => "notify",
            Self::Hold => "hold",
        }
    }

    /// What is to be booked, if anything is.
    #[must_use]
    pub const fn booking(&self) -> Option<&Choice> {
        match self {
            Self::Book(choice) | Self::Rebook(choice) | Self::Reroute(choice) => Some(choice),
            Self::Keep | Self::Notify | Self::Hold => None,
        }
    }
}

/// A decision with its grounds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// What to do.
    pub action: Action,
    /// Why, in words that could be read out to a customer.
    pub reason: String,
    /// The options that were weighed, the best few, the chosen one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<Scored>,
    /// When the goods are expected at their destination, where the event gave an
    /// estimate for a place on the way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Timestamp>,
    /// Whether the customer is to be told, beside the dispatch desk.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tell_customer: bool,
    /// Which policy decided: `default@1`.
    pub policy: String,
    /// The booking slot's generation that the decision was made on.
    pub decided_on: Generation,
}

impl Decision {
    /// Whether communication has something to do; if not, the task goes on to
    /// state. A hold waits there, under the claim that keeps a person's answer.
    #[must_use]
    pub const fn needs_communication(&self) -> bool {
        match self.action {
            Action::Keep => self.tell_customer,
            Action::Book(_)
            | Action::Rebook(_)
            | Action::Reroute(_)
            | Action::Notify
            | Action::Hold => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice() -> Choice {
        Choice {
            carrier: "steady".into(),
            service: "standard".into(),
            via: None,
            cost_cents: 1234,
            quoted: Some(Quoted { minutes: 2514, cents: 1287 }),
        }
    }

    fn decision(action: Action) -> Decision {
        Decision {
            action,
            reason: "because".into(),
            options: vec![Scored {
                carrier: "steady".into(),
                service: "standard".into(),
                via: None,
                cost_cents: 1234,
                arrival: "2026-11-30T02:30:00Z".parse().unwrap(),
                fit: Fit::Safe,
                late_percent: 5,
            }],
            expected: None,
            tell_customer: false,
            policy: "default@1".into(),
            decided_on: Generation(2),
        }
    }

    #[test]
    fn json_stays_as_it_is() {
        let decision = decision(Action::Book(choice()));
        let json = serde_json::to_string(&decision).unwrap();
        assert_eq!(
            json,
            concat!(
                r#"{"action":{"book":{"carrier":"steady","service":"standard","cost":1234,"quoted":[2514,1287]}},"#,
                r#""reason":"because","#,
                r#""options":["steady/standard 1234 2026-11-30T02:30Z safe 5%"],"#,
                r#""policy":"default@1","decided_on":2}"#
            )
        );
        assert_eq!(serde_json::from_str::<Decision>(&json).unwrap(), decision);
        assert_eq!(serde_json::to_string(&Action::Keep).unwrap(), r#""keep""#);
        let over = Choice { via: Some("DEHAM".parse().unwrap()), quoted: None, ..choice() };
        assert_eq!(
            serde_json::to_string(&Action::Reroute(over)).unwrap(),
            r#"{"reroute":{"carrier":"steady","service":"standard","via":"DEHAM","cost":1234}}"#
        );
    }

    #[test]
    fn only_a_keep_that_tells_nobody_skips_communication() {
        let table = [
            (Action::Keep, "keep", false, false),
            (Action::Book(choice()), "book", true, true),
            (Action::Rebook(choice()), "rebook", true, true),
            (Action::Reroute(choice()), "reroute", true, true),
            (Action::Notify, "notify", true, false),
            (Action::Hold, "hold", true, false),
        ];
        for (action, kind, communicates, books) in table {
            assert_eq!(action.kind(), kind);
            assert_eq!(action.booking().is_some(), books, "{kind}");
            let mut decision = decision(action);
            assert_eq!(decision.needs_communication(), communicates, "{kind}");
            decision.tell_customer = true;
            assert!(decision.needs_communication(), "{kind}");
        }
    }
}

//! What is to be done about a shipment, and why.

use crate::invalid::quoted;
use crate::slot::Generation;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

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
    /// The price in cents of the policy's currency.
    #[serde(rename = "cost")]
    pub cost_cents: i64,
}

impl Action {
    /// Whether communication has something to do; if not, the task goes on to state.
    #[must_use]
    pub const fn needs_call(&self) -> bool {
        match self {
            Self::Book(_) | Self::Rebook(_) | Self::Notify => true,
            Self::Keep | Self::Hold => false,
        }
    }

    /// A word for logs, summaries and metrics.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Book(_) => "book",
            Self::Rebook(_) => "rebook",
            Self::Notify => "notify",
            Self::Hold => "hold",
        }
    }

    /// What is to be booked, if anything is.
    #[must_use]
    pub const fn booking(&self) -> Option<&Choice> {
        match self {
            Self::Book(choice) | Self::Rebook(choice) => Some(choice),
            Self::Keep | Self::Notify | Self::Hold => None,
        }
    }
}

/// How an option stands to the promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// Keeps it with the safety slack.
    Safe,
    /// Keeps it, with less than the slack to spare.
    Tight,
    /// Breaks it.
    Late,
}

impl Fit {
    const ALL: [Self; 3] = [Self::Safe, Self::Tight, Self::Late];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Tight => "tight",
            Self::Late => "late",
        }
    }
}

/// One way to carry the shipment, as it was judged. In JSON a short text,
/// `"tortoise/economy 781 2026-11-30T02:30Z safe"`, because up to four of them
/// travel with the task, whose record is to stay within 1 KiB.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Scored {
    /// The carrier's id.
    pub carrier: String,
    /// Its service.
    pub service: String,
    /// Its price.
    pub cost_cents: i64,
    /// When the goods should arrive, to the minute.
    pub arrival: Timestamp,
    /// How that stands to the promise.
    pub fit: Fit,
}

/// Scores of options that are not safe start here: behind any price.
const BEHIND: i64 = 1_000_000_000_000;

impl Scored {
    /// Lower is better: the price in cents when the option is safe; all others
    /// rank behind these, the earlier arrival first.
    #[must_use]
    pub fn score(&self) -> i64 {
        match self.fit {
            Fit::Safe => self.cost_cents.min(BEHIND),
            Fit::Tight | Fit::Late => {
                BEHIND.saturating_add(self.arrival.as_second().div_euclid(60))
            }
        }
    }

    /// Whether it arrives by the promise, slack or not.
    #[must_use]
    pub const fn keeps_promise(&self) -> bool {
        match self.fit {
            Fit::Safe | Fit::Tight => true,
            Fit::Late => false,
        }
    }
}

impl From<Scored> for String {
    fn from(s: Scored) -> Self {
        let arrival = s.arrival.strftime("%Y-%m-%dT%H:%MZ");
        let fit = s.fit.as_str();
        format!("{}/{} {} {arrival} {fit}", s.carrier, s.service, s.cost_cents)
    }
}

/// Text that is not an option as it is written in a decision.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected carrier/service cents time fit, got {0}")]
pub struct NotScored(String);

impl TryFrom<String> for Scored {
    type Error = NotScored;
    fn try_from(text: String) -> Result<Self, NotScored> {
        let parsed = || {
            let mut words = text.split(' ');
            let (carrier, service) = words.next()?.split_once('/')?;
            let option = Self {
                carrier: carrier.to_owned(),
                service: service.to_owned(),
                cost_cents: words.next()?.parse().ok()?,
                arrival: words.next()?.parse().ok()?,
                fit: {
                    let fit = words.next()?;
                    Fit::ALL.into_iter().find(|known| known.as_str() == fit)?
                },
            };
            // A later release may add words; they are not ours to judge.
            Some(option)
        };
        parsed().ok_or_else(|| NotScored(quoted(&text)))
    }
}

/// A decision with its grounds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// What to do.
    pub action: Action,
    /// Why, in words that could be read out to a customer.
    pub reason: String,
    /// The options that were weighed, at most the best four, the chosen one first.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_stays_as_it_is() {
        let choice =
            Choice { carrier: "steady".into(), service: "standard".into(), cost_cents: 1234 };
        let arrival = "2026-11-30T02:30:00Z".parse().unwrap();
        let decision = Decision {
            action: Action::Book(choice),
            reason: "because".into(),
            options: vec![Scored {
                carrier: "steady".into(),
                service: "standard".into(),
                cost_cents: 1234,
                arrival,
                fit: Fit::Safe,
            }],
            expected: None,
            tell_customer: false,
            policy: "default@1".into(),
            decided_on: Generation(2),
        };
        let json = serde_json::to_string(&decision).unwrap();
        assert_eq!(
            json,
            concat!(
                r#"{"action":{"book":{"carrier":"steady","service":"standard","cost":1234}},"#,
                r#""reason":"because","#,
                r#""options":["steady/standard 1234 2026-11-30T02:30Z safe"],"#,
                r#""policy":"default@1","decided_on":2}"#
            )
        );
        assert_eq!(serde_json::from_str::<Decision>(&json).unwrap(), decision);
        assert_eq!(serde_json::to_string(&Action::Keep).unwrap(), r#""keep""#);
    }

    #[test]
    fn a_safe_option_ranks_before_any_other_and_the_earlier_of_the_others_first() {
        let option = |cost_cents, minute: i64, fit| Scored {
            carrier: "c".into(),
            service: "s".into(),
            cost_cents,
            arrival: Timestamp::from_second(1_700_000_000 + minute * 60).unwrap(),
            fit,
        };
        let dear = option(99_999_999, 9, Fit::Safe);
        let cheap = option(1, 5, Fit::Tight);
        assert!(dear.score() < cheap.score());
        assert!(option(9, 4, Fit::Tight).score() < cheap.score());
        assert!(cheap.score() < option(1, 6, Fit::Late).score());
        assert!(cheap.keeps_promise() && !option(1, 6, Fit::Late).keeps_promise());
    }

    #[test]
    fn text_that_is_no_option_is_refused() {
        for bad in ["", "a/b", "ab 1 2026-11-30T02:30Z safe", "a/b x 2026-11-30T02:30Z safe"] {
            assert!(Scored::try_from(bad.to_owned()).is_err(), "{bad}");
        }
        let bad = "a/b 1 2026-11-30T02:30Z good".to_owned();
        assert_eq!(
            Scored::try_from(bad).unwrap_err().to_string(),
            "expected carrier/service cents time fit, got \"a/b 1 2026-11-30T02:30Z good\""
        );
    }

    #[test]
    fn only_bookings_and_notices_need_a_call() {
        let choice = Choice { carrier: "c".into(), service: "s".into(), cost_cents: 1 };
        let table = [
            (Action::Keep, "keep", false, false),
            (Action::Book(choice.clone()), "book", true, true),
            (Action::Rebook(choice), "rebook", true, true),
            (Action::Notify, "notify", true, false),
            (Action::Hold, "hold", false, false),
        ];
        for (action, kind, call, books) in table {
            assert_eq!(action.kind(), kind);
            assert_eq!(action.needs_call(), call, "{kind}");
            assert_eq!(action.booking().is_some(), books, "{kind}");
        }
    }
}

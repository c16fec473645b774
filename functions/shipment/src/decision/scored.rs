//! An option as it was judged, and as it is written.

use crate::invalid::quoted;
use crate::places::Place;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

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
/// `"swift/express@DELEJ 2981 2026-11-30T02:30Z safe 5%"`, because a few of
/// them travel with the task, whose record is to stay within 1 KiB.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Scored {
    /// The carrier's id.
    pub carrier: String,
    /// Its service.
    pub service: String,
    /// The hub it goes over, if any.
    pub via: Option<Place>,
    /// Its expected price in cents of the policy's currency.
    pub cost_cents: i64,
    /// When the goods should arrive, to the minute.
    pub arrival: Timestamp,
    /// How that stands to the promise.
    pub fit: Fit,
    /// How likely it is to be late, in percent.
    pub late_percent: u8,
}

impl Scored {
    /// Whether it should arrive by the promise, slack or not.
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
        let via = s.via.map_or_else(Self::new, |via| format!("@{via}"));
        let arrival = s.arrival.strftime("%Y-%m-%dT%H:%MZ");
        let (fit, late) = (s.fit.as_str(), s.late_percent);
        format!("{}/{}{via} {} {arrival} {fit} {late}%", s.carrier, s.service, s.cost_cents)
    }
}

/// Text that is not an option as it is written in a decision.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected carrier/service cents time fit late%, got {0}")]
pub struct NotScored(String);

impl TryFrom<String> for Scored {
    type Error = NotScored;
    fn try_from(text: String) -> Result<Self, NotScored> {
        parse_scored(&text).ok_or_else(|| NotScored(quoted(&text)))
    }
}

fn parse_scored(text: &str) -> Option<Scored> {
    let mut words = text.split(' ');
    let (carrier, service) = words.next()?.split_once('/')?;
    let (service, via) = match service.split_once('@') {
        Some((service, via)) => (service, Some(via.parse().ok()?)),
        None => (service, None),
    };
    let cost_cents = words.next()?.parse().ok()?;
    let arrival = words.next()?.parse().ok()?;
    let fit = words.next()?;
    let fit = Fit::ALL.into_iter().find(|known| known.as_str() == fit)?;
    // Not every writer weighs it.
    let late_percent = match words.next() {
        Some(word) => word.strip_suffix('%')?.parse().ok()?,
        None => 0,
    };
    // A later release may add words; they are not ours to judge.
    let (carrier, service) = (carrier.to_owned(), service.to_owned());
    Some(Scored { carrier, service, via, cost_cents, arrival, fit, late_percent })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_reads_back_with_its_hub_and_its_risk() {
        for text in [
            "swift/express@DELEJ 2981 2026-11-30T02:30Z tight 31%",
            "swift/express 2981 2026-11-30T02:30Z late 100%",
        ] {
            let option = Scored::try_from(text.to_owned()).unwrap();
            assert_eq!(String::from(option), text);
        }
        let short = Scored::try_from("a/b 1 2026-11-30T02:30Z safe".to_owned()).unwrap();
        assert_eq!((short.late_percent, short.via), (0, None));
        assert!(Scored::try_from("a/b 1 2026-11-30T02:30Z safe 5% new".to_owned()).is_ok());
    }

    #[test]
    fn text_that_is_no_option_is_refused() {
        for bad in [
            "",
            "a/b",
            "ab 1 2026-11-30T02:30Z safe",
            "a/b x 2026-11-30T02:30Z safe",
            "a/b@ 1 2026-11-30T02:30Z safe",
            "a/b 1 2026-11-30T02:30Z safe 5",
            "a/b 1 2026-11-30T02:30Z safe 256%",
        ] {
            assert!(Scored::try_from(bad.to_owned()).is_err(), "{bad}");
        }
        let bad = "a/b 1 2026-11-30T02:30Z good".to_owned();
        assert_eq!(
            Scored::try_from(bad).unwrap_err().to_string(),
            "expected carrier/service cents time fit late%, got \"a/b 1 2026-11-30T02:30Z good\""
        );
    }
}

//! Moods: how likely a partner is to throttle, fail or lose its answer.
//!
//! The dice of a call are thrown from the seed, the partner, the idempotency
//! key and how often that key has called. Arrival order plays no part, so a
//! run with the same seed meets the same luck however its calls interleave.

use crate::answers::Answers;
use crate::input::Fields;
use crate::problem::Problem;
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// The dispatch desk's name among the partners.
pub const DISPATCH: &str = "dispatch";
/// The shop's, whose webhook tells customers.
pub const CUSTOMER: &str = "customer";
/// The warehouse's.
pub const WAREHOUSE: &str = "warehouse";
/// The tracking system's.
pub const TRACKING: &str = "tracking";

const LONGEST_LATENCY_MS: u64 = 120_000;

/// How a partner feels.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mood {
    /// Answers 500 before it does anything.
    pub error_rate: f64,
    /// Answers 429 with Retry-After, before it does anything.
    pub throttle_rate: f64,
    /// Does what it was asked, and then answers 500 or closes the connection.
    pub lose_answer_rate: f64,
    /// Shortest and longest time to an answer.
    pub latency_ms: (u64, u64),
    /// What a 429 asks the caller to wait.
    pub retry_after_s: u32,
    /// Every call hangs until this is taken back.
    pub hold: bool,
    /// What its answers are like.
    pub answers: Answers,
}

impl Mood {
    /// Never fails, answers at once.
    #[must_use]
    pub const fn calm() -> Self {
        Self {
            error_rate: 0.0,
            throttle_rate: 0.0,
            lose_answer_rate: 0.0,
            latency_ms: (0, 0),
            retry_after_s: 1,
            hold: false,
            answers: Answers::Well,
        }
    }

    /// This mood with the fields that `body` names changed.
    pub(crate) fn changed_by(&self, body: &[u8]) -> Result<Self, Problem> {
        let fields = Fields::parse(body)?;
        fields.only(&[
            "error_rate",
            "throttle_rate",
            "lose_answer_rate",
            "latency_ms",
            "retry_after_s",
            "hold",
            "answers",
        ])?;
        Ok(Self {
            error_rate: fields.share("error_rate", self.error_rate)?,
            throttle_rate: fields.share("throttle_rate", self.throttle_rate)?,
            lose_answer_rate: fields.share("lose_answer_rate", self.lose_answer_rate)?,
            latency_ms: fields.range("latency_ms", LONGEST_LATENCY_MS, self.latency_ms)?,
            retry_after_s: fields.whole_up_to("retry_after_s", 3600, self.retry_after_s)?,
            hold: fields.flag("hold", self.hold)?,
            answers: match fields.optional_text("answers")? {
                None => self.answers,
                Some(name) => Answers::named(&name)?,
            },
        })
    }
}

/// What a mood does to one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Luck {
    /// Acts and answers.
    Good,
    /// 429, nothing done.
    Throttled,
    /// 500, nothing done.
    Failed,
    /// Done, then 500.
    LostToError,
    /// Done, then the connection closes.
    LostToClose,
}

impl Mood {
    /// Throws the dice for one call.
    pub(crate) fn throw(&self, dice: &mut fastrand::Rng) -> (Duration, Luck) {
        let (lo, hi) = self.latency_ms;
        let latency = Duration::from_millis(dice.u64(lo..=hi));
        let luck = if dice.f64() < self.throttle_rate {
            Luck::Throttled
        } else if dice.f64() < self.error_rate {
            Luck::Failed
        } else if dice.f64() < self.lose_answer_rate {
            if dice.bool() { Luck::LostToError } else { Luck::LostToClose }
        } else {
            Luck::Good
        };
        (latency, luck)
    }
}

/// The dice of one call: the same for the same seed, partner, key and turn.
pub(crate) fn dice(seed: u64, partner: &str, key: &str, turn: u64) -> fastrand::Rng {
    // FNV-1a: stable over releases, which the standard hasher does not promise.
    let mut hash = 0xcbf2_9ce4_8422_2325_u64 ^ seed.rotate_left(17);
    let turn = turn.to_be_bytes();
    for byte in partner.bytes().chain([0]).chain(key.bytes()).chain([0]).chain(turn) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    fastrand::Rng::with_seed(hash)
}

/// Every partner's mood.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Moods(BTreeMap<&'static str, Mood>);

impl Moods {
    /// An ordinary day: every kind of trouble happens, none is the rule. The
    /// carrier that honours no keys rarely fails after it was reached, because
    /// each such answer holds a task for a person.
    #[must_use]
    pub fn usual() -> Self {
        let mood = |latency_ms, throttle_rate, error_rate, lose_answer_rate| Mood {
            error_rate,
            throttle_rate,
            lose_answer_rate,
            latency_ms,
            ..Mood::calm()
        };
        Self(BTreeMap::from([
            ("swift", mood((5, 40), 0.03, 0.02, 0.02)),
            ("steady", mood((10, 70), 0.02, 0.02, 0.01)),
            ("tortoise", mood((30, 150), 0.03, 0.002, 0.003)),
            (DISPATCH, mood((2, 20), 0.01, 0.02, 0.02)),
            (CUSTOMER, mood((2, 30), 0.01, 0.02, 0.02)),
            (WAREHOUSE, mood((5, 40), 0.02, 0.02, 0.01)),
            (TRACKING, mood((5, 40), 0.02, 0.02, 0.01)),
        ]))
    }

    /// Nobody ever fails.
    #[must_use]
    pub fn calm() -> Self {
        let mut moods = Self::usual();
        moods.0.values_mut().for_each(|mood| *mood = Mood::calm());
        moods
    }

    /// Every partner's name.
    pub(crate) fn partners(&self) -> Vec<&'static str> {
        self.0.keys().copied().collect()
    }

    /// One partner's mood, if there is such a partner.
    #[must_use]
    pub fn get(&self, partner: &str) -> Option<&Mood> {
        self.0.get(partner)
    }

    /// One partner's mood, to be changed.
    pub fn get_mut(&mut self, partner: &str) -> Option<&mut Mood> {
        self.0.get_mut(partner)
    }
}

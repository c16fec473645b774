//! What one environment knows and has done about one partner.

use flotilla_shipment::partner::breaker::{Tally, Verdict};
use flotilla_shipment::partner::tokens::Tokens;
use flotilla_shipment::partner::window::Window;
use flotilla_shipment::partner::{Breaker, Seen, Terms, pause};
use flotilla_shipment::words::whole_second;
use flotilla_task::Timestamp;
use std::borrow::Cow;
use std::time::Duration;

/// A breaker that was read is believed for so long.
const FRESH: Duration = Duration::from_secs(5);
/// How soon to come back when all calls that may be under way are.
const FULL: Duration = Duration::from_millis(500);

/// One partner, as this environment has it.
#[derive(Debug, Default)]
pub(super) struct Ward {
    seen: Seen,
    read_at: Option<Timestamp>,
    /// Until when the partner itself asked to be left alone.
    asked_until: Timestamp,
    under_way: u32,
    tally: Tally,
    window: Window,
    /// What is left of the block that was taken of the rate.
    pub(super) tokens: Tokens,
}

/// Why a call must wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wait {
    pub(super) why: Cow<'static, str>,
    pub(super) for_: Duration,
    pub(super) known: bool,
}

/// What a call is told that asks to pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Entry {
    /// It may, under that version of the breaker. It counts as under way from now on.
    Passed(u64),
    /// It may, if this environment wins this write.
    IfMine(Seen, Breaker),
    /// Not now.
    Wait(Wait),
}

/// How a call ended, as far as the partner's health goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// The partner answered, whatever it said.
    Answered,
    /// It asked for less: neither well nor sick.
    Throttled,
    /// No answer, a useless one, or one that came too late.
    Failed,
}

impl Ward {
    /// Whether the caller must read the breaker. The calls beside it go by what is
    /// known meanwhile; where nothing is, each of them reads. One that is known to be
    /// open, or paused, is read as well: a person may have opened the way.
    pub(super) fn must_read(&mut self, now: Timestamp) -> bool {
        let Some(at) = self.read_at else { return true };
        let must = at.plus(FRESH) <= now;
        if must {
            self.read_at = Some(now);
        }
        must
    }

    /// The version of the breaker that is known, to be handed to [`learn`](Self::learn)
    /// with what is asked for from now on.
    pub(super) const fn version(&self) -> u64 {
        self.seen.version
    }

    /// The breaker as another environment has written it, or this one, which is the
    /// one that probes then. `asked_at` is the version that was known when the table
    /// was asked, which tells an answer that came late from an item that begins afresh.
    pub(super) fn learn(&mut self, seen: Seen, asked_at: u64, written_here: bool, now: Timestamp) {
        self.read_at = Some(now);
        // Versions only grow, and the table answers with what it has: one below that
        // which was known before it was asked is of an item that somebody has deleted.
        let is_afresh = seen.version < asked_at && seen.version != self.seen.version;
        if seen.version > self.seen.version || is_afresh {
            self.seen = seen;
            self.tally = Tally::default();
            self.window.clear();
        }
        if written_here && seen.version == self.seen.version {
            self.tally.mine = true;
        }
    }

    /// Asks to pass.
    pub(super) fn enter(&mut self, terms: &Terms, now: Timestamp) -> Entry {
        let wait = |why, for_, known| Entry::Wait(Wait { why: Cow::Borrowed(why), for_, known });
        if let Some(until) = self.seen.pause(now) {
            let (why, for_) = (paused(until), pause::wait(until, now));
            return Entry::Wait(Wait { why, for_, known: true });
        }
        if self.asked_until > now {
            return wait("it asked for a pause", now.until(self.asked_until), true);
        }
        if self.under_way >= terms.concurrency {
            return wait("as many calls as may be are under way", FULL, false);
        }
        self.tally.asked = self.tally.asked.saturating_add(1);
        // As long as a call takes at most, before it and after it.
        let lease = terms.time_limit * 3;
        match self.seen.breaker.admits(&self.tally, &terms.breaker, lease, now) {
            Verdict::Pass => {
                self.under_way += 1;
                self.tally.under_way += 1;
                self.tally.passed = self.tally.passed.saturating_add(1);
                Entry::Passed(self.seen.version)
            }
            Verdict::IfMine(to) => Entry::IfMine(self.seen, to),
            Verdict::Wait(for_) => {
                let known = !matches!(self.seen.breaker, Breaker::Closing { .. });
                wait("its circuit breaker is not closed", for_, known)
            }
        }
    }

    /// What passed under that version is over.
    pub(super) fn leave(&mut self, version: u64) {
        self.under_way = self.under_way.saturating_sub(1);
        if version == self.seen.version {
            self.tally.under_way = self.tally.under_way.saturating_sub(1);
        }
    }

    /// A call has ended. One that passed under an earlier version of the breaker says
    /// nothing about this one.
    pub(super) fn note(&mut self, version: u64, ended: Ended, now: Timestamp) {
        if version != self.seen.version {
            return;
        }
        match ended {
            Ended::Answered => self.tally.succeeded = self.tally.succeeded.saturating_add(1),
            Ended::Failed => self.tally.failed = self.tally.failed.saturating_add(1),
            Ended::Throttled => return,
        }
        self.window.note(now, ended == Ended::Failed);
    }

    /// The partner asked to be left alone for so long.
    pub(super) fn pause(&mut self, pause: Duration, now: Timestamp) {
        self.asked_until = self.asked_until.max(now.plus(pause));
    }

    /// The state to tell: the breaker's, or that an operator or the partner itself has
    /// paused it.
    pub(super) fn state(&self, now: Timestamp) -> &'static str {
        let is_paused = self.asked_until > now || self.seen.pause(now).is_some();
        if is_paused { "paused" } else { self.seen.breaker.name() }
    }

    /// The change of the breaker that is due, and the version that it changes.
    pub(super) fn due(&self, terms: &Terms, now: Timestamp) -> Option<(Seen, Breaker)> {
        let next = self.seen.breaker.next(&self.tally, &self.window, &terms.breaker, now);
        next.map(|next| (self.seen, next))
    }
}

fn paused(until: Timestamp) -> Cow<'static, str> {
    if until >= pause::UNTIL_RESUMED {
        return "an operator paused it until somebody resumes it".into();
    }
    let until = whole_second(until.into());
    format!("an operator paused it until {until}").into()
}

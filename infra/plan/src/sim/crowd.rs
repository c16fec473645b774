//! The environments of one function, one by one.
//!
//! A call goes to the newest environment that is idle, so that the oldest grow cold first;
//! so does the simulator whose published figures `tests/anchors.rs` reproduces. How Lambda
//! chooses is not documented.

use std::collections::BTreeSet;

/// Environments by the order in which they were started.
#[derive(Debug, Clone)]
pub(super) struct Crowd {
    idle: BTreeSet<usize>,
    /// Since when each has been idle, and whether somebody will look whether it still is.
    known: Vec<Known>,
    pub(super) count: usize,
    expiry: f64,
    tokens: f64,
    refilled: f64,
    scaling: (f64, f64),
}

#[derive(Debug, Clone, Copy)]
struct Known {
    since: f64,
    is_watched: bool,
}

/// An environment for a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Given {
    pub(super) id: usize,
    pub(super) is_cold: bool,
}

/// What a look at an idle environment found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Found {
    /// It is gone.
    Gone,
    /// Look again then.
    Later(f64),
    /// It works; who makes it idle says when to look.
    Busy,
}

impl Crowd {
    pub(super) fn new(expiry: f64, scaling: (f64, f64)) -> Self {
        Self {
            idle: BTreeSet::new(),
            known: Vec::new(),
            count: 0,
            expiry,
            tokens: scaling.1,
            refilled: 0.0,
            scaling,
        }
    }

    /// An idle environment or a started one; none while the function may not get another.
    pub(super) fn call(&mut self, now: f64) -> Option<Given> {
        if let Some(id) = self.idle.pop_last() {
            return Some(Given { id, is_cold: false });
        }
        self.refill(now);
        if self.tokens < 1.0 {
            return None;
        }
        self.tokens -= 1.0;
        Some(Given { id: self.start(now), is_cold: true })
    }

    fn refill(&mut self, now: f64) {
        let (each, most) = self.scaling;
        self.tokens = (self.tokens + each * (now - self.refilled)).min(most);
        self.refilled = now;
    }

    fn start(&mut self, now: f64) -> usize {
        self.count += 1;
        self.known.push(Known { since: now, is_watched: false });
        self.known.len() - 1
    }

    /// It has nothing to do. Says when to look whether that is still so, if nobody will.
    pub(super) fn rest(&mut self, id: usize, now: f64) -> Option<f64> {
        self.idle.insert(id);
        let known = &mut self.known[id];
        known.since = now;
        let is_watched = std::mem::replace(&mut known.is_watched, true);
        (!is_watched).then_some(now + self.expiry)
    }

    /// It is gone if it has been idle for long enough and more than `ready` are there.
    pub(super) fn look(&mut self, id: usize, now: f64, ready: f64) -> Found {
        let known = &mut self.known[id];
        if !self.idle.contains(&id) {
            known.is_watched = false;
            return Found::Busy;
        }
        let end = known.since + self.expiry;
        if end > now + 1e-9 {
            return Found::Later(end);
        }
        if self.count as f64 <= ready {
            return Found::Later(now + self.expiry);
        }
        self.idle.remove(&id);
        self.count -= 1;
        Found::Gone
    }

    /// Starts idle ones until there are so many. These are made ahead of their time and
    /// count against no rate.
    pub(super) fn prepare(&mut self, count: f64, now: f64) -> Vec<usize> {
        let mut made = Vec::new();
        while (self.count as f64) < count {
            made.push(self.start(now));
        }
        made
    }
}

//! The world: moods, ledger, and how one call passes through them.

use crate::answers::Answers;
use crate::feed::Feed;
use crate::ledger::Ledger;
use crate::line::Line;
use crate::moods::{Luck, Moods, dice};
use crate::oddity::Oddity;
use crate::problem::Problem;
use crate::signatures::Signatures;
use crate::warehouse::Job;
use axum::response::{IntoResponse, Response};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// Partners with their moods, and what they have done so far.
#[derive(Debug)]
pub struct World {
    seed: u64,
    state: Mutex<State>,
    /// Says that a mood was changed.
    pub(crate) changed: Notify,
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) moods: Moods,
    pub(crate) ledger: Ledger,
    /// What the warehouse, the tracking system and the yard have to tell.
    pub(crate) warehouse: Feed,
    pub(crate) tracking: Feed,
    pub(crate) yard: Feed,
    /// What sources send instead of pages.
    pub(crate) oddities: BTreeMap<&'static str, Oddity>,
    /// Every capture at the warehouse.
    pub(crate) jobs: Vec<Job>,
    /// Who takes signed notices only.
    pub(crate) signatures: Signatures,
    /// How often each partner was called with each key.
    turns: BTreeMap<(&'static str, String), u64>,
    /// Calls that wait in their latency.
    pub(crate) open: u64,
}

impl World {
    /// A world that has not been asked for anything yet.
    #[must_use]
    pub fn new(seed: u64, moods: Moods) -> Self {
        let state = State {
            moods,
            ledger: Ledger::default(),
            warehouse: Feed::default(),
            tracking: Feed::default(),
            yard: Feed::default(),
            oddities: BTreeMap::new(),
            jobs: Vec::new(),
            signatures: Signatures::default(),
            turns: BTreeMap::new(),
            open: 0,
        };
        Self { seed, state: Mutex::new(state), changed: Notify::new() }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it holds the lock; a poisoned ledger is still the truth.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One call to `partner`: waits, fails or acts as its mood has it.
    /// `act` runs at most once, and what it does is real even
    /// when its answer is lost.
    pub(crate) async fn call(
        &self,
        partner: &'static str,
        key: &str,
        line: &Line,
        act: impl FnOnce(&mut State) -> Result<Response, Problem>,
    ) -> Response {
        let (latency, luck, retry_after_s) = self.throw(partner, key);
        if !latency.is_zero() {
            let _open = Open::new(self);
            tokio::time::sleep(latency).await;
        }
        self.let_go(partner).await;
        let mut state = self.state();
        let answers = state.moods.get(partner).map_or(Answers::Well, |mood| mood.answers);
        let answer = match luck {
            Luck::Good if let Some(answer) = answers.instead() => answer,
            Luck::Throttled => Problem::throttled(retry_after_s).into_response(),
            Luck::Failed => Problem::broken().into_response(),
            Luck::Good | Luck::LostToError | Luck::LostToClose => {
                // A refusal did nothing, so there is no answer to lose.
                match (act(&mut state), luck) {
                    (Err(refusal), _) => refusal.into_response(),
                    (Ok(_), Luck::LostToError) => Problem::broken().into_response(),
                    (Ok(answer), Luck::LostToClose) => {
                        line.cut();
                        state.ledger.count(partner, "closed");
                        return answer;
                    }
                    (Ok(answer), Luck::Good | Luck::Throttled | Luck::Failed) => {
                        answers.spoil(answer)
                    }
                }
            }
        };
        state.ledger.count(partner, answer.status().as_str());
        answer
    }

    /// Returns when the partner does not hold its calls, or no more.
    async fn let_go(&self, partner: &str) {
        let is_held = || self.state().moods.get(partner).is_some_and(|mood| mood.hold);
        let mut open = None;
        loop {
            let changed = self.changed.notified();
            if !is_held() {
                return;
            }
            open.get_or_insert_with(|| Open::new(self));
            changed.await;
        }
    }

    fn throw(&self, partner: &'static str, key: &str) -> (Duration, Luck, u32) {
        let mut state = self.state();
        let turn = state.turns.entry((partner, key.to_owned())).or_default();
        *turn += 1;
        let mut dice = dice(self.seed, partner, key, *turn);
        let mood = state.moods.get(partner);
        mood.map_or((Duration::ZERO, Luck::Good, 0), |mood| {
            let (latency, luck) = mood.throw(&mut dice);
            (latency, luck, mood.retry_after_s)
        })
    }
}

impl State {
    pub(crate) fn oddity(&self, source: &str) -> Oddity {
        self.oddities.get(source).copied().unwrap_or_default()
    }
}

/// Counts an open call, also when it is dropped.
struct Open<'a>(&'a World);

impl<'a> Open<'a> {
    fn new(world: &'a World) -> Self {
        world.state().open += 1;
        Self(world)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.state().open -= 1;
    }
}

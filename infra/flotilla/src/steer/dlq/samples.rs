//! Letters for the tests of what is done with them, and a queue that holds some.

use super::read::Judged;
use super::standing::Standing;
use crate::books::DeadLetter;
use crate::cloud::letters::{Letter, LetterBox};
use crate::error::Error;
use flotilla_task::clock::ManualClock;
use flotilla_task::{Stage, Timestamp};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

/// A letter of that id.
pub(crate) fn letter(id: &str, code: Option<&str>, sent: u64) -> Letter {
    Letter {
        told: DeadLetter {
            stage: Stage::Processing,
            body_hash: String::new(),
            events: Vec::new(),
            bytes: 2,
            code: code.map(str::to_owned),
            reason: code.map(|_| format!("about {id}")),
            task: None,
        },
        id: id.to_owned(),
        receipt: format!("receipt of {id}"),
        body: "{}".to_owned(),
        group: None,
        sent_at: Some(Timestamp::from_millis(sent)),
        receives: 1,
        others: HashMap::new(),
    }
}

/// The same with its worth.
pub(super) fn judged(id: &str, code: Option<&str>, standing: Standing, sent: u64) -> Judged {
    Judged { letter: letter(id, code, sent), record: None, standing }
}

/// A dead-letter queue in memory, which shows three letters at a time: a letter that was
/// received is hidden until it is given back.
#[derive(Debug)]
pub(crate) struct Tray {
    pub(crate) lie: RefCell<Vec<Letter>>,
    pub(crate) hidden: RefCell<BTreeSet<String>>,
    /// What was sent on, in order, with whether the letter still lay there then.
    pub(crate) sent: RefCell<Vec<(String, bool)>>,
    /// Letters that are not taken when they are sent.
    pub(crate) refuses: BTreeSet<String>,
    /// Letters that cannot be deleted.
    pub(crate) keeps: BTreeSet<String>,
    /// Whether hidden letters hide those that stand behind them in their group.
    pub(crate) is_fifo: bool,
    /// Receives so far.
    pub(crate) receives: Cell<usize>,
    /// Receives that are answered with nothing.
    pub(crate) empty_at: BTreeSet<usize>,
    /// From this receive on all letters show once more, as if their time hidden were over.
    pub(crate) shows_again_at: BTreeSet<usize>,
    /// The receive that fails.
    pub(crate) fails_at: Option<usize>,
    /// How long a receive takes.
    pub(crate) takes: Duration,
    /// Moved on by each receive.
    pub(crate) clock: ManualClock,
}

impl Tray {
    pub(crate) fn with(ids: &[&str]) -> Self {
        let lie = ids.iter().map(|id| letter(id, Some("failed"), 1)).collect();
        Self {
            lie: RefCell::new(lie),
            hidden: RefCell::default(),
            sent: RefCell::default(),
            refuses: BTreeSet::new(),
            keeps: BTreeSet::new(),
            is_fifo: false,
            receives: Cell::new(0),
            empty_at: BTreeSet::new(),
            shows_again_at: BTreeSet::new(),
            fails_at: None,
            takes: Duration::ZERO,
            clock: ManualClock::at(Timestamp::default()),
        }
    }

    /// Letters with their groups.
    pub(crate) fn fifo(letters: &[(&str, &str)]) -> Self {
        let lie = letters.iter().map(|(id, group)| {
            let group = Some((*group).to_owned());
            Letter { group, ..letter(id, Some("failed"), 1) }
        });
        Self { lie: RefCell::new(lie.collect()), is_fifo: true, ..Self::with(&[]) }
    }

    /// The ids of those that lie there, hidden or not.
    pub(crate) fn ids(&self) -> Vec<String> {
        self.lie.borrow().iter().map(|letter| letter.id.clone()).collect()
    }

    /// The ids of those that lie there hidden.
    pub(crate) fn hidden_ids(&self) -> Vec<String> {
        let hidden = self.hidden.borrow();
        self.ids().into_iter().filter(|id| hidden.contains(id)).collect()
    }
}

impl LetterBox for Tray {
    fn is_fifo(&self) -> bool {
        self.is_fifo
    }

    async fn receive(&self, _hidden: Duration) -> Result<Vec<Letter>, Error> {
        let at = self.receives.replace(self.receives.get() + 1);
        self.clock.advance(self.takes);
        if self.fails_at == Some(at) {
            return Err(Error::environment("receiving", "throttled", "Try again."));
        }
        if self.empty_at.contains(&at) {
            return Ok(Vec::new());
        }
        let mut hidden = self.hidden.borrow_mut();
        if self.shows_again_at.contains(&at) {
            hidden.clear();
        }
        let lie = self.lie.borrow();
        let is_hidden = |letter: &&Letter| hidden.contains(&letter.id);
        let locked: BTreeSet<_> = lie.iter().filter(is_hidden).map(|it| it.group.clone()).collect();
        let shows = |letter: &&Letter| {
            let is_behind = self.is_fifo && locked.contains(&letter.group);
            !hidden.contains(&letter.id) && !is_behind
        };
        let came: Vec<_> = lie.iter().filter(shows).take(3).cloned().collect();
        hidden.extend(came.iter().map(|letter| letter.id.clone()));
        Ok(came)
    }

    async fn send_on(&self, letter: &Letter) -> Result<(), Error> {
        if self.refuses.contains(&letter.id) {
            return Err(Error::environment("sending", "throttled", "Try again."));
        }
        let lies = self.ids().contains(&letter.id);
        self.sent.borrow_mut().push((letter.id.clone(), lies));
        Ok(())
    }

    async fn delete(&self, letters: &[Letter]) -> Result<Vec<bool>, Error> {
        let gone = letters.iter().map(|letter| {
            let mut lie = self.lie.borrow_mut();
            let before = lie.len();
            let stays = |other: &Letter| self.keeps.contains(&other.id);
            lie.retain(|other| other.receipt != letter.receipt || stays(other));
            lie.len() < before
        });
        Ok(gone.collect())
    }

    async fn give_back(&self, letters: &[Letter]) -> Result<(), Error> {
        let mut hidden = self.hidden.borrow_mut();
        for letter in letters {
            hidden.remove(&letter.id);
        }
        Ok(())
    }
}

//! Letters for the tests of what is done with them, and a queue that holds some.

use super::read::Judged;
use super::standing::Standing;
use crate::books::DeadLetter;
use crate::cloud::letters::{Letter, LetterBox};
use crate::error::Error;
use flotilla_task::{Stage, Timestamp};
use std::cell::RefCell;
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
pub(crate) fn judged(id: &str, code: Option<&str>, standing: Standing, sent: u64) -> Judged {
    Judged { letter: letter(id, code, sent), record: None, standing }
}

/// A dead-letter queue in memory: a letter that was received is hidden until it is
/// given back.
#[derive(Debug, Default)]
pub(crate) struct Tray {
    pub(crate) lie: RefCell<Vec<Letter>>,
    pub(crate) hidden: RefCell<BTreeSet<String>>,
    /// What was sent on, in order, with whether the letter still lay there then.
    pub(crate) sent: RefCell<Vec<(String, bool)>>,
    /// Letters that are not taken when they are sent.
    pub(crate) refuses: BTreeSet<String>,
}

impl Tray {
    pub(crate) fn with(ids: &[&str]) -> Self {
        let lie = ids.iter().map(|id| letter(id, Some("failed"), 1)).collect();
        Self { lie: RefCell::new(lie), ..Self::default() }
    }

    /// The ids of those that lie there, hidden or not.
    pub(crate) fn ids(&self) -> Vec<String> {
        self.lie.borrow().iter().map(|letter| letter.id.clone()).collect()
    }
}

impl LetterBox for Tray {
    async fn receive(&self, _hidden: Duration) -> Result<Vec<Letter>, Error> {
        let mut hidden = self.hidden.borrow_mut();
        let lie = self.lie.borrow();
        let came: Vec<_> =
            lie.iter().filter(|letter| !hidden.contains(&letter.id)).take(3).cloned().collect();
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
            lie.retain(|other| other.receipt != letter.receipt);
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

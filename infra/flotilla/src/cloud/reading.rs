//! Reads a dead-letter queue as far as SQS shows it, and says what it did not show.

use super::Cloud;
use super::letters::{Letter, LetterBox};
use crate::error::Error;
use flotilla_task::{Clock, Stage, SystemClock};
use serde::Serialize;
use std::collections::BTreeSet;
use std::time::Duration;

/// How long a letter stays hidden while all are read.
const HIDDEN: Duration = Duration::from_secs(60);
/// Reading ends before the letters that came first show again.
const TIME: Duration = Duration::from_secs(45);
/// So many empty answers in a row are the end: a single one may come from servers that
/// hold none of the letters.
pub const EMPTY: u32 = 2;
/// So many more than were counted are read, because SQS counts about.
const MARGIN: usize = 100;

/// What was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The letters, which stay in their queue.
    pub letters: Vec<Letter>,
    /// The others.
    pub unseen: Unseen,
}

/// Letters that SQS counts and that were not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Unseen {
    /// About how many.
    #[serde(rename = "unseen")]
    pub count: u64,
    /// Why, where there are any.
    #[serde(rename = "unseen_because")]
    pub because: Option<Because>,
}

/// Why a letter was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// It is hidden, as while another command reads it.
    Hidden,
    /// On a FIFO queue: others of its group stand before it. SQS shows up to ten of a
    /// group, and no more until these are gone.
    Behind,
    /// Reading ended before.
    Unread,
}

impl Unseen {
    fn of(count: u64, because: Because) -> Self {
        Self { count, because: (count > 0).then_some(because) }
    }

    /// What to say of them, a sentence without its full stop, if there are any.
    #[must_use]
    pub fn words(&self, stage: Stage) -> Option<String> {
        let count = self.count;
        let said = match self.because? {
            Because::Hidden => format!(
                "SQS counts about {count} more, which are hidden just now. Another command may be \
                 reading them: they show again within minutes"
            ),
            Because::Behind => format!(
                "SQS counts about {count} more. It shows at most ten of a shipment, so they wait \
                 behind these, or are hidden while another command reads them. They show when \
                 these are gone"
            ),
            Because::Unread => format!(
                "about {count} more were not read: they came meanwhile, or reading would have \
                 taken over {} s. Ask again when some of these are gone",
                TIME.as_secs()
            ),
        };
        Some(format!("{stage}: {said}"))
    }
}

impl Cloud {
    /// Reads the dead letters of a stage, and leaves all of them there. `read` hears how
    /// many there are so far, and how many SQS has counted.
    ///
    /// # Errors
    /// [`Error::Environment`] when SQS does not answer.
    pub async fn letters(
        &self,
        stage: Stage,
        mut read: impl FnMut(usize, Option<usize>),
    ) -> Result<Reading, Error> {
        let counted = self.depth(self.stack.dead_letters(stage)?).await?.all();
        if counted == 0 {
            return Ok(Reading { letters: Vec::new(), unseen: Unseen::default() });
        }
        let of = usize::try_from(counted).ok();
        let letter_box = self.letter_box(stage)?;
        all(&letter_box, Some(counted), &SystemClock, |done| read(done, of)).await
    }
}

/// Reads every letter that can be read, and leaves all of them there. Of many more than
/// were counted the rest is left unread.
///
/// # Errors
/// [`Error::Environment`] when SQS does not answer. What had come by then is given back.
pub async fn all(
    letters: &impl LetterBox,
    counted: Option<u64>,
    clock: &impl Clock,
    mut read: impl FnMut(usize),
) -> Result<Reading, Error> {
    let most = counted.and_then(|counted| usize::try_from(counted).ok());
    let most = most.map_or(usize::MAX, |counted| counted + counted / 10 + MARGIN);
    let until = clock.now().plus(TIME);
    let (mut seen, mut found, mut empty) = (BTreeSet::new(), Vec::new(), 0);
    let is_whole = loop {
        if found.len() >= most || clock.now() >= until {
            break Ok(false);
        }
        match letters.receive(HIDDEN).await {
            Ok(came) if came.is_empty() => {
                empty += 1;
                if empty == EMPTY {
                    break Ok(true);
                }
            }
            Ok(came) => {
                empty = 0;
                // One whose time hidden is over comes twice.
                found.extend(came.into_iter().filter(|letter| seen.insert(letter.id.clone())));
                read(found.len());
            }
            Err(error) => break Err(error),
        }
    };
    let given_back = letters.give_back(&found).await;
    let is_whole = is_whole?;
    given_back?;
    let count = counted.unwrap_or(0).saturating_sub(found.len() as u64);
    let unseen = match (is_whole, letters.is_fifo()) {
        // There is at least one, whatever was counted.
        (false, _) => Unseen::of(count.max(1), Because::Unread),
        (true, true) => Unseen::of(count, Because::Behind),
        (true, false) => Unseen::of(count, Because::Hidden),
    };
    Ok(Reading { letters: found, unseen })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::steer::dlq::samples::Tray;
    use flotilla_task::Timestamp;
    use flotilla_task::clock::ManualClock;

    fn names(reading: &Reading) -> Vec<&str> {
        reading.letters.iter().map(|letter| letter.id.as_str()).collect()
    }

    async fn read(letters: &Tray, counted: u64) -> Result<Reading, Error> {
        all(letters, Some(counted), &letters.clock, |_| ()).await
    }

    #[tokio::test]
    async fn all_are_read_and_show_again() {
        let letters = Tray::with(&["a", "b", "c", "d"]);
        let reading = read(&letters, 4).await.unwrap();
        assert_eq!(
            (names(&reading), reading.unseen),
            (vec!["a", "b", "c", "d"], Unseen::default())
        );
        assert!(letters.hidden.borrow().is_empty());
        letters.hidden.borrow_mut().insert("b".to_owned());
        let unseen = read(&letters, 4).await.unwrap().unseen;
        assert_eq!(unseen, Unseen { count: 1, because: Some(Because::Hidden) });
    }

    #[tokio::test]
    async fn an_empty_answer_between_two_is_not_the_end() {
        let letters = Tray { empty_at: [1].into(), ..Tray::with(&["a", "b", "c", "d"]) };
        assert_eq!(read(&letters, 4).await.unwrap().letters.len(), 4);
    }

    #[tokio::test]
    async fn reading_ends_before_the_first_show_again() {
        let names: Vec<_> = (0..100).map(|n| format!("m-{n:02}")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let slow = Duration::from_secs(15);
        let letters = Tray {
            takes: slow,
            clock: ManualClock::at(Timestamp::default()),
            ..Tray::with(&names)
        };
        let reading = read(&letters, 100).await.unwrap();
        assert_eq!(reading.letters.len(), 9, "three at a time, in 45 s");
        assert_eq!(reading.unseen, Unseen { count: 91, because: Some(Because::Unread) });
        assert!(letters.hidden.borrow().is_empty());
        let said = reading.unseen.words(Stage::State).unwrap();
        assert!(said.starts_with("state: about 91 more were not read"), "{said}");
    }

    /// While a fleet fails fast, letters come as fast as they are read.
    #[tokio::test]
    async fn many_more_than_were_counted_are_left_unread() {
        let names: Vec<_> = (0..150).map(|n| format!("m-{n:03}")).collect();
        let letters = Tray::with(&names.iter().map(String::as_str).collect::<Vec<_>>());
        let reading = read(&letters, 1).await.unwrap();
        assert!((101..=104).contains(&reading.letters.len()), "{}", reading.letters.len());
        assert_eq!(reading.unseen, Unseen { count: 1, because: Some(Because::Unread) });
    }

    #[tokio::test]
    async fn what_came_before_an_error_shows_again() {
        let letters = Tray { fails_at: Some(1), ..Tray::with(&["a", "b", "c", "d"]) };
        assert!(read(&letters, 4).await.is_err());
        assert!(letters.hidden.borrow().is_empty());
    }

    #[tokio::test]
    async fn on_fifo_queues_letters_wait_behind_others_of_their_group() {
        let letters = Tray::fifo(&[("a", "1"), ("b", "1"), ("c", "1"), ("d", "1"), ("e", "2")]);
        let reading = read(&letters, 5).await.unwrap();
        assert_eq!(names(&reading), ["a", "b", "c", "e"]);
        assert_eq!(reading.unseen, Unseen { count: 1, because: Some(Because::Behind) });
        let said = reading.unseen.words(Stage::State).unwrap();
        assert!(said.contains("at most ten of a shipment"), "{said}");
    }
}

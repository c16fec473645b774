//! One way through a dead-letter queue: what was counted is acted on, everything else
//! is left there.

use crate::cloud::letters::{Letter, LetterBox};
use crate::error::Error;
use std::collections::BTreeSet;
use std::time::Duration;

/// How long a letter stays hidden on the way. Who dies meanwhile leaves the letters
/// hidden for as long.
const HIDDEN: Duration = Duration::from_secs(300);

/// How a way ended.
#[derive(Debug)]
pub(super) struct Passed {
    /// Letters that were acted on.
    pub(super) done: usize,
    /// Letters that were counted and not met, or not acted on.
    pub(super) missed: usize,
    /// Why it ended before its end.
    pub(super) stopped: Option<Error>,
}

/// What came of some letters, one by one, and why it stopped if it did.
pub(super) type Acted = (usize, Option<Error>);

/// Acts on the letters of those ids, in the order in which SQS shows them.
pub(super) async fn pass(
    letters: &impl LetterBox,
    mut wanted: BTreeSet<String>,
    mut act: impl AsyncFnMut(&[Letter]) -> Acted,
) -> Passed {
    let counted = wanted.len();
    let (mut seen, mut others) = (BTreeSet::new(), Vec::new());
    let (mut done, mut idle, mut stopped) = (0, 0, None);
    while !wanted.is_empty() && idle < 2 && stopped.is_none() {
        let came = match letters.receive(HIDDEN).await {
            Ok(came) => came,
            Err(error) => {
                stopped = Some(error);
                break;
            }
        };
        let (meant, rest): (Vec<_>, Vec<_>) =
            came.into_iter().partition(|letter| wanted.remove(&letter.id));
        let news = rest.iter().filter(|letter| seen.insert(letter.id.clone())).count();
        idle = if meant.is_empty() && news == 0 { idle + 1 } else { 0 };
        others.extend(rest);
        if !meant.is_empty() {
            let (acted, error) = act(&meant).await;
            done += acted;
            stopped = error;
            // What was not acted on shows again with the others.
            others.extend(meant.into_iter().skip(acted));
        }
    }
    if let Err(error) = letters.give_back(&others).await {
        stopped = stopped.or(Some(error));
    }
    Passed { done, missed: counted - done, stopped }
}

#[cfg(test)]
mod tests {
    use super::super::samples::Tray;
    use super::*;

    fn ids(all: &[&str]) -> BTreeSet<String> {
        all.iter().map(|id| (*id).to_owned()).collect()
    }

    async fn dropped(letters: &Tray, wanted: &[&str]) -> Passed {
        pass(letters, ids(wanted), async |meant| match letters.delete(meant).await {
            Ok(gone) => (gone.into_iter().filter(|gone| *gone).count(), None),
            Err(error) => (0, Some(error)),
        })
        .await
    }

    #[tokio::test]
    async fn what_was_counted_goes_and_everything_else_shows_again() {
        let letters = Tray::with(&["a", "b", "c", "d", "e", "f", "g"]);
        let passed = dropped(&letters, &["b", "g"]).await;
        assert_eq!((passed.done, passed.missed), (2, 0));
        assert_eq!(letters.ids(), ["a", "c", "d", "e", "f"]);
        assert!(letters.hidden.borrow().iter().all(|id| ["b", "g"].contains(&id.as_str())));
    }

    #[tokio::test]
    async fn a_letter_that_came_since_is_not_touched_and_one_that_went_is_missed() {
        let letters = Tray::with(&["new"]);
        let passed = dropped(&letters, &["gone"]).await;
        assert_eq!((passed.done, passed.missed), (0, 1));
        assert_eq!(letters.ids(), ["new"]);
        assert!(letters.hidden.borrow().is_empty());
    }

    #[tokio::test]
    async fn what_is_left_when_it_stops_shows_again() {
        let letters = Tray::with(&["a", "b", "c", "d"]);
        let passed = pass(&letters, ids(&["a", "b", "c", "d"]), async |_| {
            (1, Some(Error::usage("the session expired".to_owned())))
        })
        .await;
        assert_eq!((passed.done, passed.missed), (1, 3));
        assert!(passed.stopped.is_some());
        assert_eq!(*letters.hidden.borrow(), ids(&["a"]), "only what was acted on");
    }
}

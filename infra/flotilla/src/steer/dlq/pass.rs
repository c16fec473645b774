//! One way through a dead-letter queue: what was counted is acted on, everything else
//! is left there.

use crate::cloud::letters::{Letter, LetterBox};
use crate::cloud::reading::EMPTY;
use crate::error::Error;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How long a letter stays hidden on the way. Who dies meanwhile leaves the letters
/// hidden for as long.
const HIDDEN: Duration = Duration::from_secs(300);

/// How a way ended.
#[derive(Debug)]
pub(super) struct Passed {
    /// Letters that are gone from the queue.
    pub(super) done: usize,
    /// Letters that were counted, and not met or not acted on.
    pub(super) missed: usize,
    /// Why it ended before its end.
    pub(super) stopped: Option<Error>,
}

/// What came of some letters: of each whether it is gone from the queue, none of those
/// that were not come to; and why it stopped if it did.
pub(super) type Acted = (Vec<bool>, Option<Error>);

/// The letters that are meant, by their ids, each with its group.
pub(super) type Wanted = BTreeMap<String, Option<String>>;

/// Acts on these letters, in the order in which SQS shows them.
///
/// The others are held until the end, so that SQS does not show them again and again.
/// On a FIFO queue they hide what stands behind them in their group: those that stand
/// before a meant one are given back when nothing else shows.
pub(super) async fn pass(
    letters: &impl LetterBox,
    mut wanted: Wanted,
    mut act: impl AsyncFnMut(&[Letter]) -> Acted,
) -> Passed {
    let counted = wanted.len();
    let mut others = BTreeMap::new();
    let (mut done, mut empty, mut stale) = (0, 0, 0);
    let (mut has_given_back, mut stopped) = (false, None);
    // Letters whose time hidden is over come again, in a long way all of them. They are
    // the end only when everything that was seen may have come round.
    while !wanted.is_empty() && stopped.is_none() && stale <= others.len() {
        let came = match letters.receive(HIDDEN).await {
            Ok(came) => came,
            Err(error) => {
                stopped = Some(error);
                break;
            }
        };
        if came.is_empty() {
            empty += 1;
            if empty < EMPTY {
                continue;
            }
            let before = if letters.is_fifo() { before(&wanted, &mut others) } else { Vec::new() };
            if has_given_back || before.is_empty() {
                others.extend(by_id(before));
                break;
            }
            stopped = letters.give_back(&before).await.err();
            (empty, has_given_back) = (0, true);
            continue;
        }
        empty = 0;
        let (meant, rest): (Vec<_>, Vec<_>) =
            came.into_iter().partition(|letter| wanted.remove(&letter.id).is_some());
        let news = rest.iter().filter(|letter| !others.contains_key(&letter.id)).count();
        stale = if meant.is_empty() && news == 0 { stale + 1 } else { 0 };
        others.extend(by_id(rest));
        if !meant.is_empty() {
            has_given_back = false;
            let (gone, error) = act(&meant).await;
            stopped = error;
            let gone = gone.into_iter().chain(std::iter::repeat(false));
            let (gone, left): (Vec<_>, Vec<_>) = meant.into_iter().zip(gone).partition(|it| it.1);
            done += gone.len();
            others.extend(by_id(left.into_iter().map(|(letter, _)| letter)));
        }
    }
    let others: Vec<_> = others.into_values().collect();
    if let Err(error) = letters.give_back(&others).await {
        stopped = stopped.or(Some(error));
    }
    Passed { done, missed: counted - done, stopped }
}

/// By their ids: of one that came twice the later receipt counts.
fn by_id(letters: impl IntoIterator<Item = Letter>) -> impl Iterator<Item = (String, Letter)> {
    letters.into_iter().map(|letter| (letter.id.clone(), letter))
}

/// Takes out those of the groups that a meant letter belongs to.
fn before(wanted: &Wanted, others: &mut BTreeMap<String, Letter>) -> Vec<Letter> {
    let groups: BTreeSet<_> = wanted.values().collect();
    others.extract_if(.., |_, letter| groups.contains(&letter.group)).map(|it| it.1).collect()
}

#[cfg(test)]
mod tests {
    use super::super::samples::Tray;
    use super::*;

    fn ids(letters: &Tray, wanted: &[&str]) -> Wanted {
        let group = |id: &str| {
            let lie = letters.lie.borrow();
            lie.iter().find(|letter| letter.id == id).and_then(|letter| letter.group.clone())
        };
        wanted.iter().map(|id| ((*id).to_owned(), group(id))).collect()
    }

    async fn dropped(letters: &Tray, wanted: &[&str]) -> Passed {
        pass(letters, ids(letters, wanted), async |meant| match letters.delete(meant).await {
            Ok(gone) => (gone, None),
            Err(error) => (Vec::new(), Some(error)),
        })
        .await
    }

    #[tokio::test]
    async fn what_was_counted_goes_and_everything_else_shows_again() {
        let letters = Tray::with(&["a", "b", "c", "d", "e", "f", "g"]);
        let passed = dropped(&letters, &["b", "g"]).await;
        assert_eq!((passed.done, passed.missed), (2, 0));
        assert_eq!(letters.ids(), ["a", "c", "d", "e", "f"]);
        assert!(letters.hidden_ids().is_empty());
    }

    #[tokio::test]
    async fn a_letter_that_came_since_is_not_touched_and_one_that_went_is_missed() {
        let letters = Tray::with(&["new"]);
        let passed = dropped(&letters, &["gone"]).await;
        assert_eq!((passed.done, passed.missed), (0, 1));
        assert_eq!(letters.ids(), ["new"]);
        assert!(letters.hidden_ids().is_empty());
    }

    #[tokio::test]
    async fn what_is_left_when_it_stops_shows_again() {
        let letters = Tray::with(&["a", "b", "c", "d"]);
        let wanted = ids(&letters, &["a", "b", "c", "d"]);
        let passed = pass(&letters, wanted, async |_| {
            (vec![true], Some(Error::usage("the session expired".to_owned())))
        })
        .await;
        assert_eq!((passed.done, passed.missed), (1, 3));
        assert!(passed.stopped.is_some());
        assert_eq!(letters.hidden_ids(), ["a"], "only what was acted on");
    }

    /// SQS answers for each letter of a batch on its own.
    #[tokio::test]
    async fn a_letter_that_is_not_deleted_shows_again_wherever_it_stands_in_its_batch() {
        let letters = Tray { keeps: ["a".to_owned()].into(), ..Tray::with(&["a", "b", "c"]) };
        let passed = dropped(&letters, &["a", "b", "c"]).await;
        assert_eq!((passed.done, passed.missed), (2, 1));
        assert_eq!((letters.ids(), letters.hidden_ids()), (vec!["a".to_owned()], Vec::new()));
    }

    #[tokio::test]
    async fn a_receive_that_fails_gives_back_what_came_before() {
        let letters = Tray { fails_at: Some(1), ..Tray::with(&["a", "b", "c", "d"]) };
        let passed = dropped(&letters, &["d"]).await;
        assert!(passed.stopped.is_some() && letters.hidden_ids().is_empty());
    }

    /// A slow redrive lasts longer than letters stay hidden.
    #[tokio::test]
    async fn letters_that_show_again_on_the_way_are_not_its_end() {
        let names = ["a", "b", "c", "d", "e", "f", "g"];
        let letters = Tray { shows_again_at: [1, 2].into(), ..Tray::with(&names) };
        let passed = dropped(&letters, &["g"]).await;
        assert_eq!((passed.done, passed.missed), (1, 0));
        assert!(letters.hidden_ids().is_empty());
        let ever = Tray { shows_again_at: (1..).take(1_000).collect(), ..Tray::with(&names) };
        let passed = dropped(&ever, &["g"]).await;
        assert_eq!((passed.done, passed.missed), (0, 1), "and it has an end nevertheless");
    }

    #[tokio::test]
    async fn an_empty_answer_between_two_is_not_the_end() {
        let letters = Tray { empty_at: [0, 2].into(), ..Tray::with(&["a", "b", "c", "d"]) };
        assert_eq!(dropped(&letters, &["d"]).await.done, 1);
    }

    /// The batch ends in the middle of a group, and what it holds of it hides the rest.
    #[tokio::test]
    async fn on_fifo_queues_what_stands_before_a_meant_letter_is_given_back() {
        let all = [("a", "1"), ("b", "1"), ("c", "2"), ("d", "2"), ("e", "3")];
        for meant in [vec!["a", "d"], vec!["d"]] {
            let letters = Tray::fifo(&all);
            let passed = dropped(&letters, &meant).await;
            assert_eq!((passed.done, passed.missed), (meant.len(), 0), "{meant:?}");
            assert!(letters.hidden_ids().is_empty());
        }
    }

    #[tokio::test]
    async fn on_fifo_queues_a_meant_letter_that_went_is_missed_and_the_way_ends() {
        let letters = Tray::fifo(&[("a", "1"), ("b", "1")]);
        let wanted = [("gone".to_owned(), Some("1".to_owned()))].into();
        let passed = pass(&letters, wanted, async |_| (Vec::new(), None)).await;
        assert_eq!((passed.done, passed.missed), (0, 1));
        assert!(letters.hidden_ids().is_empty());
    }
}

//! Reports that their senders took back: what they said does not count.
//!
//! A withdrawal may come before what it withdraws, so both are kept and set
//! against each other when the memory is read. Of each part only the newest
//! report is kept: when that is taken back, the part is unknown until the next
//! report, and does not fall back to the one before.

use super::{Memory, Position, ShipmentState, Stamp, Stamped};
use crate::event::Event;
use crate::places::Place;
use flotilla_task::TaskId;
use jiff::Timestamp;

/// How many withdrawals are remembered: the newest. They are rare, and the
/// record stays small.
const KEPT: usize = 8;

impl ShipmentState {
    /// The newest tracking event.
    #[must_use]
    pub fn position(&self) -> Option<&Stamped<Position>> {
        self.standing(self.position.as_ref())
    }

    /// The newest report of when the goods will arrive.
    #[must_use]
    pub fn estimate(&self) -> Option<&Stamped<Timestamp>> {
        self.standing(self.estimate.as_ref())
    }

    /// The newest report of where the goods are.
    #[must_use]
    pub fn place(&self) -> Option<&Stamped<Place>> {
        self.standing(self.place.as_ref())
    }

    /// The newest delivery.
    #[must_use]
    pub fn delivered(&self) -> Option<&Stamp> {
        self.delivered.as_ref().filter(|stamp| self.stands(stamp))
    }

    fn standing<'a, T>(&self, part: Option<&'a Stamped<T>>) -> Option<&'a Stamped<T>> {
        part.filter(|part| self.stands(&part.stamp))
    }

    /// Whether the event of that task was taken back, though it comes only now.
    #[must_use]
    pub fn takes_back(&self, task: &TaskId) -> bool {
        let tag = Stamp::tag_of(task);
        self.withdrawn.iter().any(|withdrawal| withdrawal.value == tag)
    }

    /// Whether nobody took back what came under the stamp.
    fn stands(&self, stamp: &Stamp) -> bool {
        self.withdrawn.iter().all(|withdrawal| withdrawal.value != stamp.tag())
    }
}

impl Memory {
    /// What is left of the memory once the event is known: `Some` when it takes
    /// something back.
    #[must_use]
    pub(crate) fn after(&self, event: &Event) -> Option<Self> {
        let (at, tag) = match event {
            Event::Tracking { at, withdraws: Some(tag), .. } => (*at, tag.clone()),
            Event::Tracking { withdraws: None, .. } | Event::Order { .. } => return None,
        };
        let mut memory = self.clone();
        let stamp = Stamp { at, tag: String::new() };
        memory.state.withdrawn.push(Stamped { stamp, value: tag });
        Some(memory)
    }
}

/// Both lists as one, each withdrawal once, cut to the newest.
pub(super) fn newest(
    mut all: Vec<Stamped<String>>,
    more: Vec<Stamped<String>>,
) -> Vec<Stamped<String>> {
    all.extend(more);
    all.sort_by(|a, b| (&b.stamp, &b.value).cmp(&(&a.stamp, &a.value)));
    all.dedup();
    all.truncate(KEPT);
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Milestone;
    use crate::memory::{Folded, outcome};
    use crate::payload::Normalised;
    use crate::samples::{booking, concluded, order, task, tracking};
    use crate::words::plus_minutes;

    fn fold(state: Option<&ShipmentState>, n: Normalised, name: &str) -> ShipmentState {
        let made = matches!(n.event, Event::Order { .. }).then(|| booking("tortoise", "economy"));
        let on = u64::from(made.is_none());
        match ShipmentState::fold(state, &concluded(n, on, made), &task(name)) {
            Folded::Changed(state) => *state,
            Folded::Stale => state.unwrap().clone(),
        }
    }

    fn withdrawal(of: &str, minutes: i64) -> Normalised {
        let mut n = tracking(Milestone::Withdrawn, None);
        n.event = Event::Tracking {
            milestone: Milestone::Withdrawn,
            at: plus_minutes(n.known.as_of, minutes),
            place: None,
            eta: None,
            withdraws: Some(Stamp::tag_of(&task(of))),
        };
        n
    }

    #[test]
    fn what_was_taken_back_does_not_count_whichever_comes_first() {
        let wrong = || tracking(Milestone::Delivered, Some("2026-11-28T09:00:00Z"));
        let ordered = fold(None, order(), "order");
        let late = fold(Some(&fold(Some(&ordered), wrong(), "wrong")), withdrawal("wrong", 5), "w");
        let early =
            fold(Some(&fold(Some(&ordered), withdrawal("wrong", 5), "w")), wrong(), "wrong");
        assert_eq!(late, early);
        assert_eq!((late.delivered(), late.estimate(), late.place()), (None, None, None));
        assert_eq!((late.position(), outcome(&late)), (None, None));
        assert_eq!(late.expected_arrival(), ordered.expected_arrival(), "the booking's again");
        // Somebody else's report of the same moment stands.
        let other = fold(Some(&late), wrong(), "wrong-2");
        assert!(other.delivered().is_some() && outcome(&other).is_some());
    }

    #[test]
    fn a_report_that_comes_after_its_withdrawal_is_known_to_be_taken_back() {
        let state = fold(None, withdrawal("late", 5), "w");
        assert!(state.takes_back(&task("late")));
        assert!(!state.takes_back(&task("another")));
    }

    #[test]
    fn a_withdrawal_is_no_position() {
        let seen = fold(None, tracking(Milestone::Seen, None), "seen");
        let after = fold(Some(&seen), withdrawal("another", 60), "w");
        assert_eq!(after.position(), seen.position());
        assert_eq!(after.last.tag(), "w");
    }

    #[test]
    fn only_the_newest_withdrawals_are_kept_in_whatever_order_they_come() {
        let all: Vec<_> = (0..20).map(|n| (n, format!("t-{n}"))).collect();
        let fold_all = |all: &mut dyn Iterator<Item = &(i64, String)>| {
            all.fold(None, |state, (minute, name)| {
                Some(fold(state.as_ref(), withdrawal(name, *minute), &format!("w-{minute}")))
            })
        };
        let (first, last) = (fold_all(&mut all.iter()), fold_all(&mut all.iter().rev()));
        assert_eq!(first, last);
        let kept: Vec<_> = first.unwrap().withdrawn.into_iter().map(|w| w.value).collect();
        assert_eq!(kept, ["t-19", "t-18", "t-17", "t-16", "t-15", "t-14", "t-13", "t-12"]);
    }
}

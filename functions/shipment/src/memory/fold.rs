//! Folding conclusions into the memory: a maximum over stamps, part by part.
//!
//! A maximum does not care for order or repetition, so neither does the memory.

use super::{Carriage, Made, Ordered, Position, ShipmentState, Stamp, Stamped, withdrawn};
use crate::event::{Event, Milestone};
use crate::payload::Concluded;
use flotilla_task::TaskId;
use jiff::Timestamp;

/// What came of folding a conclusion into the memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Folded {
    /// The memory changed: write this.
    Changed(Box<ShipmentState>),
    /// Everything it says was known, or something newer was: nothing to write.
    Stale,
}

impl ShipmentState {
    /// Takes a conclusion in. The result does not depend on the order in which
    /// conclusions come, nor on how often the same one does.
    #[must_use]
    pub fn fold(before: Option<&Self>, concluded: &Concluded, task: &TaskId) -> Folded {
        let alone = Self::of(concluded, task);
        let Some(before) = before else {
            return Folded::Changed(Box::new(alone));
        };
        let after = before.clone().newest(alone);
        if after == *before { Folded::Stale } else { Folded::Changed(Box::new(after)) }
    }

    /// Takes in an order that is processed but not concluded yet, so that the
    /// shipment's other events need not wait for its booking.
    #[must_use]
    pub fn with_order(before: Option<Self>, order: Stamped<Ordered>) -> Self {
        let alone = Self {
            last: order.stamp.clone(),
            order: Some(order),
            position: None,
            estimate: None,
            place: None,
            delivered: None,
            carriage: None,
            notified: None,
            withdrawn: Vec::new(),
        };
        match before {
            Some(before) => before.newest(alone),
            None => alone,
        }
    }

    /// What one conclusion says by itself.
    fn of(concluded: &Concluded, task: &TaskId) -> Self {
        let stamp = Stamp::new(concluded.event.at(), task);
        let mut state = Self {
            last: stamp.clone(),
            order: None,
            position: None,
            estimate: None,
            place: None,
            delivered: None,
            carriage: carriage(concluded, &stamp),
            notified: concluded.notified.then(|| stamp.clone()),
            withdrawn: Vec::new(),
        };
        match &concluded.event {
            Event::Order { ids, .. } => {
                let facts = concluded.known.facts.clone();
                let value = Ordered { facts, ids: ids.clone() };
                state.order = Some(Stamped { stamp, value });
            }
            Event::Tracking { milestone, place, eta, withdraws, .. } => {
                let stamped = |value| Stamped { stamp: stamp.clone(), value };
                let estimate = arrival(concluded, *eta);
                state.estimate = estimate.map(|value| Stamped { stamp: stamp.clone(), value });
                state.place = place.clone().map(stamped);
                let withdraws = withdraws.iter().cloned();
                state.withdrawn =
                    withdraws.map(|value| Stamped { stamp: stamp.clone(), value }).collect();
                match milestone {
                    Milestone::Delivered => state.delivered = Some(stamp.clone()),
                    Milestone::PickedUp
                    | Milestone::Departed
                    | Milestone::Arrived
                    | Milestone::Seen
                    | Milestone::Estimated
                    | Milestone::Delayed
                    | Milestone::Damaged
                    | Milestone::Missing
                    | Milestone::Alarm
                    | Milestone::Stopped => {}
                    // What corrects the withdrawn event often lies before the
                    // withdrawal, and must not look old because of it.
                    Milestone::Withdrawn => return state,
                }
                let value = Position { milestone: *milestone, place: place.clone() };
                state.position = Some(Stamped { stamp, value });
            }
        }
        state
    }

    /// The newest of each part.
    fn newest(self, other: Self) -> Self {
        Self {
            last: self.last.max(other.last),
            order: newest_of(self.order, other.order, |part| &part.stamp),
            position: newest_of(self.position, other.position, |part| &part.stamp),
            estimate: newest_of(self.estimate, other.estimate, |part| &part.stamp),
            place: newest_of(self.place, other.place, |part| &part.stamp),
            delivered: self.delivered.max(other.delivered),
            carriage: highest(self.carriage, other.carriage),
            notified: self.notified.max(other.notified),
            withdrawn: withdrawn::newest(self.withdrawn, other.withdrawn),
        }
    }
}

/// When the goods are expected at their destination: as it was decided, else as
/// the event says, unless it speaks of a place on the way.
fn arrival(concluded: &Concluded, eta: Option<Timestamp>) -> Option<Timestamp> {
    let at_destination = eta.filter(|_| concluded.known.onward_km.is_none());
    concluded.decision.expected.or(at_destination)
}

/// What a conclusion says of the slot: the booking it made, else what it saw.
/// Nothing when it saw the slot in a move, which somebody else will report.
fn carriage(concluded: &Concluded, stamp: &Stamp) -> Option<Carriage> {
    let decision = &concluded.decision;
    if let Some(booking) = &concluded.booking {
        let chosen = decision.options.iter().find(|o| {
            (&o.carrier, &o.service, &o.via) == (&booking.carrier, &booking.service, &booking.via)
        });
        return Some(Carriage {
            generation: decision.decided_on.next(),
            booking: Some(booking.clone()),
            made: Some(Made {
                since: stamp.at,
                due: chosen.map(|option| option.arrival),
                quoted: decision.action.booking().and_then(|choice| choice.quoted),
            }),
            stamp: stamp.clone(),
        });
    }
    let slot = &concluded.known.slot;
    (!slot.busy).then(|| Carriage {
        generation: slot.generation,
        booking: slot.live.clone(),
        made: None,
        stamp: stamp.clone(),
    })
}

fn newest_of<T>(a: Option<T>, b: Option<T>, stamp: impl Fn(&T) -> &Stamp) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if stamp(&a) >= stamp(&b) { a } else { b }),
        (a, b) => a.or(b),
    }
}

/// The highest generation; of one generation the report of the task that made
/// it, because only that one knows since when and until when.
fn highest(a: Option<Carriage>, b: Option<Carriage>) -> Option<Carriage> {
    let rank = |c: &Carriage| (c.generation, c.made.is_some(), c.stamp.clone());
    match (a, b) {
        (Some(a), Some(b)) => Some(if rank(&a) >= rank(&b) { a } else { b }),
        (a, b) => a.or(b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::{Normalised, SlotView};
    use crate::samples::{at, booking, concluded, order, task, tracking};
    use crate::slot::Generation;
    use crate::words::plus_minutes;
    use proptest::prelude::*;

    /// A conclusion among those of one shipment. Few moments, so that ties
    /// are common.
    fn any_concluded() -> impl Strategy<Value = Concluded> {
        let kind = prop_oneof![Just(None), proptest::sample::select(Milestone::ALL).prop_map(Some)];
        let place = proptest::option::of(proptest::sample::select(vec!["DEHAM", "CZPRG"]));
        (
            kind,
            0_i64..4,
            0..3_u8,
            (proptest::option::of(0_i64..3), proptest::option::of(0_usize..10)),
            place,
            0_u64..4,
            any::<[bool; 4]>(),
        )
            .prop_map(
                |(kind, minute, event, (eta, withdrawn), place, generation, flags)| {
                    let [made, live, busy, notified] = flags;
                    let mut n = match kind {
                        None => order(),
                        Some(milestone) => tracking(milestone, None),
                    };
                    let moment = plus_minutes(order().known.as_of, minute);
                    match &mut n.event {
                        Event::Order { at, ids } => {
                            *at = moment;
                            ids.truncate(usize::from(event));
                            n.known.facts.weight_g = u64::from(event) + 1;
                        }
                        Event::Tracking {
                            at, place: at_place, eta: estimate, withdraws, ..
                        } => {
                            *at = moment;
                            *withdraws = withdrawn.map(|n| Stamp::tag_of(&task(&format!("t-{n}"))));
                            *at_place = place.map(|code| code.parse().unwrap());
                            *estimate = eta.map(|eta| plus_minutes(moment, eta));
                        }
                    }
                    n.known.slot = SlotView {
                        generation: Generation(generation),
                        live: live.then(|| booking("steady", "standard")),
                        busy,
                    };
                    let made = made.then(|| booking("swift", "express"));
                    let mut concluded = concluded(n, generation, made);
                    concluded.notified = notified;
                    concluded
                },
            )
    }

    fn fold_all<'a>(
        all: impl IntoIterator<Item = &'a (usize, Concluded)>,
    ) -> Option<ShipmentState> {
        let mut state: Option<ShipmentState> = None;
        for (n, concluded) in all {
            let task = task(&format!("t-{n}"));
            match ShipmentState::fold(state.as_ref(), concluded, &task) {
                Folded::Changed(after) => {
                    assert_ne!(state.as_ref(), Some(&*after), "a change that changed nothing");
                    state = Some(*after);
                }
                Folded::Stale => {}
            }
        }
        state
    }

    proptest! {
        /// The newest event wins whatever the order of arrival.
        #[test]
        fn any_order_of_arrival_gives_the_same_memory(
            (all, shuffled) in proptest::collection::vec(any_concluded(), 1..14)
                .prop_map(|all| all.into_iter().enumerate().collect::<Vec<_>>())
                .prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
            again in any::<prop::sample::Index>(),
        ) {
            let state = fold_all(&all);
            prop_assert_eq!(&state, &fold_all(&shuffled));
            // A replay of any of them changes nothing.
            let (n, concluded) = again.get(&all);
            let task = task(&format!("t-{n}"));
            prop_assert_eq!(
                ShipmentState::fold(state.as_ref(), concluded, &task),
                Folded::Stale
            );
            // Each part is the newest of its kind.
            let state = state.unwrap();
            let newest = |wanted: fn(&Event) -> bool| {
                all.iter().filter(|(_, c)| wanted(&c.event)).map(|(_, c)| c.event.at()).max()
            };
            prop_assert_eq!(
                state.order.as_ref().map(|order| order.stamp.at),
                newest(|event| matches!(event, Event::Order { .. }))
            );
            prop_assert_eq!(
                state.position.as_ref().map(|position| position.stamp.at),
                newest(|event| match event {
                    Event::Tracking { milestone, .. } => *milestone != Milestone::Withdrawn,
                    Event::Order { .. } => false,
                })
            );
            // And what was taken back does not count.
            let withdrawn = |stamp: &Stamp| state.withdrawn.iter().any(|w| w.value == stamp.tag());
            prop_assert!(state.withdrawn.len() <= 8);
            prop_assert!(!state.position().is_some_and(|part| withdrawn(&part.stamp)));
            prop_assert!(!state.estimate().is_some_and(|part| withdrawn(&part.stamp)));
            prop_assert!(!state.place().is_some_and(|part| withdrawn(&part.stamp)));
            prop_assert!(!state.delivered().is_some_and(withdrawn));
            let json = serde_json::to_string(&state).unwrap();
            prop_assert_eq!(serde_json::from_str::<ShipmentState>(&json).unwrap(), state);
        }
    }

    fn fold(before: Option<&ShipmentState>, n: Normalised, task_name: &str) -> Folded {
        let concluded = concluded(n, 0, None);
        ShipmentState::fold(before, &concluded, &task(task_name))
    }

    fn changed(folded: Folded) -> ShipmentState {
        match folded {
            Folded::Changed(state) => *state,
            Folded::Stale => panic!("stale"),
        }
    }

    #[test]
    fn a_processed_order_is_known_before_it_is_concluded_and_concluding_it_changes_nothing_else() {
        let concluded = concluded(order(), 0, None);
        let stamp = Stamp::new(concluded.event.at(), &task("t-1"));
        let value = Ordered { facts: concluded.known.facts.clone(), ids: Vec::new() };
        let early = ShipmentState::with_order(None, Stamped { stamp, value });
        assert_eq!(early.order.as_ref().unwrap().value.facts, concluded.known.facts);
        let before = changed(fold(None, tracking(Milestone::Departed, None), "t-2"));
        let both = ShipmentState::with_order(Some(before.clone()), early.order.clone().unwrap());
        assert_eq!((both.position, both.order), (before.position, early.order));
    }

    #[test]
    fn an_estimate_for_a_place_on_the_way_is_remembered_for_the_destination() {
        let mut concluded =
            concluded(tracking(Milestone::Estimated, Some("2026-11-29T08:00:00Z")), 1, None);
        let at_destination = "2026-11-30T08:00:00Z".parse().unwrap();
        concluded.decision.expected = Some(at_destination);
        let state = changed(ShipmentState::fold(None, &concluded, &task("t-1")));
        assert_eq!(state.expected_arrival(), Some(at_destination));
    }

    #[test]
    fn ties_are_broken_by_the_task() {
        let mut heavy = order();
        heavy.known.facts.weight_g = 9;
        let weight = |state: &ShipmentState| state.order.as_ref().unwrap().value.facts.weight_g;
        let first = changed(fold(None, order(), "t-5"));
        assert_eq!(fold(Some(&first), heavy.clone(), "t-4"), Folded::Stale);
        assert_eq!(weight(&changed(fold(Some(&first), heavy, "t-6"))), 9);
    }

    #[test]
    fn a_booking_that_another_task_made_is_not_overwritten_by_one_that_saw_it() {
        let made = concluded(order(), 0, Some(booking("tortoise", "economy")));
        let state = changed(ShipmentState::fold(None, &made, &task("t-1")));
        let saw = tracking(Milestone::Departed, None);
        let after = changed(fold(Some(&state), saw.clone(), "t-2"));
        assert!(after.carriage.as_ref().unwrap().made.is_some());
        // Seen before the making was reported, it stands in until then.
        let early = changed(fold(None, saw, "t-2"));
        let carriage = early.carriage.as_ref().unwrap();
        assert_eq!(carriage.booking, Some(booking("tortoise", "economy")));
        assert!(carriage.made.is_none());
        let after = changed(ShipmentState::fold(Some(&early), &made, &task("t-1")));
        assert!(after.carriage.unwrap().made.is_some());
    }

    #[test]
    fn an_estimate_for_a_place_on_the_way_is_remembered_as_the_arrival_that_was_worked_out() {
        let eta = "2026-11-29T08:00:00Z";
        let estimate = |onward_km, expected: Option<&str>| {
            let mut n = tracking(Milestone::Departed, Some(eta));
            n.known.onward_km = onward_km;
            let mut concluded = concluded(n, 0, None);
            concluded.decision.expected = expected.map(at);
            let state = changed(ShipmentState::fold(None, &concluded, &task("t-1")));
            state.estimate().map(|estimate| estimate.value.to_string())
        };
        assert_eq!(estimate(None, None).as_deref(), Some(eta));
        assert_eq!(estimate(Some(255), None), None, "nobody worked it out");
        let later = "2026-11-30T01:00:00Z";
        assert_eq!(estimate(Some(255), Some(later)).as_deref(), Some(later));
    }

    #[test]
    fn a_slot_in_a_move_says_nothing() {
        let mut n = tracking(Milestone::Departed, None);
        n.known.slot.busy = true;
        assert_eq!(changed(fold(None, n, "t-1")).carriage, None);
    }
}

//! What is known of a load: whose it is, and which other loads were in it when.
//!
//! Pallets travel in containers, and tracking systems report the container.
//! Which pallet is in which container is learned from packing events. They come
//! late, twice and in any order, so only two moments of each pair are kept, the
//! newest packing and the newest unpacking: maxima, which do not care for order.

use crate::identifier::Identifier;
use flotilla_task::ShipmentId;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// One load's last stay in another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stay {
    /// When it was last put in.
    pub packed: Option<Timestamp>,
    /// When it was last taken out.
    pub unpacked: Option<Timestamp>,
}

impl Stay {
    /// Whether it was inside at that moment, as far as its last stay tells: put
    /// in by then, and not taken out before. What happens at the moment it is
    /// taken out still concerns it. Of an earlier stay nothing is known any more.
    #[must_use]
    pub fn covers(&self, at: Timestamp, emptied: Option<Timestamp>) -> bool {
        self.packed.is_some_and(|packed| {
            let still_in = |out: Option<Timestamp>| out.is_none_or(|out| out < packed || out >= at);
            packed <= at && still_in(self.unpacked) && still_in(emptied)
        })
    }

    /// Both pieces of knowledge together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { packed: self.packed.max(other.packed), unpacked: self.unpacked.max(other.unpacked) }
    }
}

/// What is known of a load.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Load {
    /// The shipment that it is registered for.
    pub owner: Option<ShipmentId>,
    /// What has ever been in it.
    pub contents: BTreeMap<Identifier, Stay>,
    /// When it was last emptied as a whole.
    pub emptied: Option<Timestamp>,
}

impl Load {
    /// What was in it at that moment.
    pub fn inside(&self, at: Timestamp) -> impl Iterator<Item = &Identifier> {
        let covers = move |stay: &Stay| stay.covers(at, self.emptied);
        self.contents.iter().filter(move |(_, stay)| covers(stay)).map(|(load, _)| load)
    }

    /// Whether anything was ever put into it: more may be.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.contents.values().any(|stay| stay.packed.is_some())
    }

    /// Whether anything is known that tells whose it is. Where nothing is, an
    /// event waits until an order or a packing event comes.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.owner.is_some() || self.holds()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn stay(packed: Option<i64>, unpacked: Option<i64>) -> Stay {
        Stay { packed: packed.map(at), unpacked: unpacked.map(at) }
    }

    #[test]
    fn a_stay_lasts_from_packing_to_unpacking() {
        let stayed = stay(Some(10), Some(20));
        let inside = |second| stayed.covers(at(second), None);
        assert_eq!([9, 10, 19, 20, 21].map(inside), [false, true, true, true, false]);
        assert!(stay(Some(10), None).covers(at(99), None));
        assert!(stay(Some(30), Some(20)).covers(at(30), None), "packed again");
        assert!(!stay(None, Some(20)).covers(at(10), None), "the packing is not known yet");
        assert!(stay(Some(10), Some(10)).covers(at(10), None), "for a moment");
        assert!(!stay(Some(10), Some(10)).covers(at(11), None));
    }

    #[test]
    fn emptying_ends_every_stay_that_began_before() {
        let stayed = stay(Some(10), None);
        assert!(stayed.covers(at(14), Some(at(15))));
        assert!(stayed.covers(at(15), Some(at(15))));
        assert!(!stayed.covers(at(16), Some(at(15))));
        assert!(stayed.covers(at(15), Some(at(9))), "emptied before");
    }

    #[test]
    fn what_was_only_ever_taken_out_does_not_make_a_load_known() {
        let name: Identifier = "sscc:003456789012345670".parse().unwrap();
        let mut load = Load::default();
        assert!(!load.is_known());
        load.contents.insert(name.clone(), stay(None, Some(5)));
        assert!(!load.is_known());
        load.contents.insert(name.clone(), stay(Some(1), Some(5)));
        assert!(load.is_known());
        assert_eq!(load.inside(at(3)).collect::<Vec<_>>(), [&name]);
        assert_eq!(load.inside(at(6)).count(), 0);
    }

    proptest! {
        #[test]
        fn stays_are_learned_in_any_order(
            events in proptest::collection::vec((any::<bool>(), 0_i64..50), 1..8),
            moment in 0_i64..60,
        ) {
            let of = |(packs, second): &(bool, i64)| {
                if *packs { stay(Some(*second), None) } else { stay(None, Some(*second)) }
            };
            let forth = events.iter().map(of).fold(Stay::default(), Stay::and);
            let back = events.iter().rev().map(of).fold(Stay::default(), Stay::and);
            prop_assert_eq!(forth, back);
            prop_assert_eq!(forth.covers(at(moment), None), back.covers(at(moment), None));
        }
    }
}

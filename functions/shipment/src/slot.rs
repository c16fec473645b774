//! The booking slot: a shipment's record of which booking of a leg is live.
//!
//! Two different delay events of one shipment must not both book. So the right
//! to book is a slot with a version: communication advances it on the version
//! the decision was made on, and a loser is decided again. The idempotency key
//! a partner sees is shipment, leg and generation (the slot's version), never
//! the task's id or epoch, so a repeated call is recognised whoever makes it.
//!
//! ```text
//!          reserve(v -> v+1)            settle
//!   Free ---------------------> Booking -------> Live
//!    ^  <----------------------    |              |
//!    |          free               |   reserve(v -> v+1), the old booking
//!    +-----------------------------+<- - - - - -  + is carried along as `replaces`
//! ```

use crate::places::Place;
use flotilla_task::{ShipmentId, TaskId};
use serde::{Deserialize, Serialize};

/// The only leg of a shipment so far: door to door.
pub const MAIN_LEG: &str = "main";

/// The longest reference that a carrier may give; it stands in records and URLs.
pub const MAX_REFERENCE_BYTES: usize = 64;

/// A slot's version. It grows with every reservation and never shrinks.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Generation(pub u64);

impl Generation {
    /// The generation a reservation on this one makes.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// What a carrier agreed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booking {
    /// The carrier's id in the policy.
    pub carrier: String,
    /// The carrier's service.
    pub service: String,
    /// The hub the goods go over, if one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<Place>,
    /// The carrier's own name for the booking.
    pub reference: String,
    /// Price in cents of the currency that the policy names for the carrier.
    pub cost_cents: i64,
}

/// Which booking of a leg is live.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Slot {
    /// The version, named in the condition of every write to the slot.
    pub generation: Generation,
    /// What the slot holds.
    pub status: SlotStatus,
}

/// What a slot holds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum SlotStatus {
    /// No booking is live.
    #[default]
    Free,
    /// A task has the right to book and has not said how it ended.
    Booking {
        /// The task that holds the reservation.
        task: TaskId,
        /// The live booking that the new one replaces; cancelled before the new call.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        replaces: Option<Booking>,
    },
    /// This booking is live.
    Live {
        /// The booking.
        booking: Booking,
        /// The task that made it.
        task: TaskId,
    },
}

/// What came of trying to reserve a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reserved {
    /// The slot is this task's; the booking to make has this generation.
    Mine {
        /// Generation of the booking to make, part of its idempotency key.
        generation: Generation,
        /// A live booking to cancel first.
        replaces: Option<Booking>,
        /// An earlier attempt made the reservation, and may have called already.
        repeated: bool,
    },
    /// This task had booked already: a replay, nothing to call.
    AlreadyBooked(Booking),
    /// Another task holds the reservation: wait until it is settled.
    Busy(TaskId),
    /// The slot has moved on since the decision was made: decide again on it.
    Lost(Slot),
}

impl Slot {
    /// What a task that decided on `decided_on` may do with the slot as it is.
    /// `Mine` with the current generation means it had reserved before.
    #[must_use]
    pub fn reserve(&self, task: &TaskId, decided_on: Generation) -> Reserved {
        match &self.status {
            SlotStatus::Live { booking, task: owner }
                if owner == task && self.generation == decided_on.next() =>
            {
                Reserved::AlreadyBooked(booking.clone())
            }
            SlotStatus::Booking { task: owner, replaces }
                if owner == task && self.generation == decided_on.next() =>
            {
                Reserved::Mine {
                    generation: self.generation,
                    replaces: replaces.clone(),
                    repeated: true,
                }
            }
            // A reservation of this task's other round: whoever sees it is late.
            SlotStatus::Booking { task: owner, .. } if owner == task => {
                Reserved::Lost(self.clone())
            }
            SlotStatus::Booking { task: owner, .. } => Reserved::Busy(owner.clone()),
            SlotStatus::Free | SlotStatus::Live { .. } if self.generation != decided_on => {
                Reserved::Lost(self.clone())
            }
            SlotStatus::Free => Reserved::Mine {
                generation: self.generation.next(),
                replaces: None,
                repeated: false,
            },
            SlotStatus::Live { booking, .. } => Reserved::Mine {
                generation: self.generation.next(),
                replaces: Some(booking.clone()),
                repeated: false,
            },
        }
    }

    /// The live booking, if there is one.
    #[must_use]
    pub fn live(&self) -> Option<&Booking> {
        match &self.status {
            SlotStatus::Live { booking, .. } => Some(booking),
            SlotStatus::Free | SlotStatus::Booking { .. } => None,
        }
    }
}

/// The idempotency key of a booking: shipment, leg and generation.
#[must_use]
pub fn booking_key(shipment: &ShipmentId, leg: &str, generation: Generation) -> String {
    format!("{shipment}/{leg}/{}", generation.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(n: u8) -> TaskId {
        TaskId::new(format!("task-{n}")).unwrap()
    }

    fn booking() -> Booking {
        Booking {
            carrier: "swift".into(),
            service: "express".into(),
            via: None,
            reference: "SW-1".into(),
            cost_cents: 900,
        }
    }

    #[test]
    fn two_tasks_that_decided_on_the_same_slot_do_not_both_book() {
        let free = Slot::default();
        let Reserved::Mine { generation, .. } = free.reserve(&task(1), Generation(0)) else {
            panic!("the first takes it")
        };
        let taken =
            Slot { generation, status: SlotStatus::Booking { task: task(1), replaces: None } };
        assert_eq!(taken.reserve(&task(2), Generation(0)), Reserved::Busy(task(1)));
        let live =
            Slot { generation, status: SlotStatus::Live { booking: booking(), task: task(1) } };
        assert_eq!(live.reserve(&task(2), Generation(0)), Reserved::Lost(live.clone()));
    }

    #[test]
    fn a_replay_finds_its_own_reservation_and_its_own_booking() {
        let status = SlotStatus::Booking { task: task(1), replaces: Some(booking()) };
        let mine = Slot { generation: Generation(4), status };
        assert_eq!(
            mine.reserve(&task(1), Generation(3)),
            Reserved::Mine { generation: Generation(4), replaces: Some(booking()), repeated: true }
        );
        let status = SlotStatus::Live { booking: booking(), task: task(1) };
        let live = Slot { generation: Generation(4), status };
        assert_eq!(live.reserve(&task(1), Generation(3)), Reserved::AlreadyBooked(booking()));
    }

    #[test]
    fn a_decision_on_a_slot_that_was_being_filled_is_made_again() {
        let status = SlotStatus::Booking { task: task(1), replaces: None };
        let filling = Slot { generation: Generation(2), status };
        let view = crate::payload::SlotView::from(&filling);
        assert_eq!(filling.reserve(&task(2), view.generation), Reserved::Busy(task(1)));
        let status = SlotStatus::Live { booking: booking(), task: task(1) };
        let settled = Slot { generation: Generation(2), status };
        assert_eq!(settled.reserve(&task(2), view.generation), Reserved::Lost(settled.clone()));
    }

    #[test]
    fn a_zombie_of_an_earlier_round_does_not_get_the_later_rounds_reservation() {
        let status = SlotStatus::Booking { task: task(1), replaces: None };
        let second = Slot { generation: Generation(2), status };
        assert!(matches!(second.reserve(&task(1), Generation(0)), Reserved::Lost(_)));
    }

    #[test]
    fn a_rebooking_carries_the_booking_it_replaces() {
        let status = SlotStatus::Live { booking: booking(), task: task(1) };
        let live = Slot { generation: Generation(4), status };
        assert_eq!(
            live.reserve(&task(2), Generation(4)),
            Reserved::Mine {
                generation: Generation(5),
                replaces: Some(booking()),
                repeated: false
            }
        );
    }
}

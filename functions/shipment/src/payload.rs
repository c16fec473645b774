//! What a task carries from stage to stage.
//!
//! Compact JSON, for a task's record should cost one write unit of 1 KiB: short
//! field names, nothing that is absent or can be computed. Unknown fields are
//! ignored, so that a reader can be a release behind its writer.

use crate::decision::Decision;
use crate::event::{Event, ServiceLevel};
use crate::identifier::Identifier;
use crate::memory::Stamp;
use crate::places::Place;
use crate::quantity::Money;
use crate::slot::{Booking, Generation, Slot, SlotStatus};
use crate::words::minutes_between;
use flotilla_task::{EventId, ShipmentId, Source, TaskId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Ingestion to processing: a document of the right shape, without personal
/// data, its values as they were written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Received {
    /// An order.
    Order(RawOrder),
    /// A tracking event.
    Tracking(RawTracking),
}

impl Received {
    /// With the zone of its source, for times without an offset, unless the
    /// document brought one itself.
    #[must_use]
    pub fn in_zone(mut self, zone: Option<&str>) -> Self {
        let own = match &mut self {
            Self::Order(order) => &mut order.zone,
            Self::Tracking(tracking) => &mut tracking.zone,
        };
        if own.is_none() {
            *own = zone.map(str::to_owned);
        }
        self
    }

    /// As one shipment's task carries it: the event that it takes back goes by
    /// the tag of the task that this event became for this shipment, which is
    /// what the memory's stamps hold. An id that no task could have come from
    /// takes nothing back.
    #[must_use]
    pub fn withdrawing(mut self, source: &Source, shipment: &ShipmentId) -> Self {
        if let Self::Tracking(tracking) = &mut self {
            let event = tracking.withdraws.take().and_then(|id| EventId::new(id).ok());
            let tag = |event| Stamp::tag_of(&TaskId::derive(source, &event, shipment));
            tracking.withdraws = event.map(tag);
        }
        self
    }
}

/// An order as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields of the order document, unread")]
pub struct RawOrder {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ids: Vec<Identifier>,
    /// For times without an offset: an offset, or the name of a time zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    pub origin: String,
    pub destination: String,
    pub ordered_at: String,
    pub promised: String,
    pub service: String,
    pub items: Vec<RawItem>,
}

/// One line of an order as it was written; weight, value and size are of one piece.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields of the order document, unread")]
pub struct RawItem {
    pub quantity: i64,
    pub weight: RawWeight,
    pub value: RawValue,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<RawSize>,
}

/// The sides of one piece as they were written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields of the order document, unread")]
pub struct RawSize {
    pub length: serde_json::Number,
    pub width: serde_json::Number,
    pub height: serde_json::Number,
    pub unit: String,
}

/// A weight as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields of the order document, unread")]
pub struct RawWeight {
    pub value: serde_json::Number,
    pub unit: String,
}

/// A value as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields of the order document, unread")]
pub struct RawValue {
    pub amount: String,
    pub currency: String,
}

/// A tracking event as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields of the tracking event, unread")]
pub struct RawTracking {
    pub milestone: String,
    pub occurred_at: String,
    /// For times without an offset: an offset, or the name of a time zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimated_arrival: Option<String>,
    /// Where the estimate is for; the destination when it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimated_for: Option<String>,
    /// What is taken back: as a reader leaves it, the id of the event at the same
    /// source; in a task, the tag of that event's task. [`Received::withdrawing`]
    /// makes the one into the other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdraws: Option<String>,
}

/// What an order says about its shipment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Where the goods start.
    #[serde(rename = "from")]
    pub origin: Place,
    /// Where they go.
    #[serde(rename = "to")]
    pub destination: Place,
    /// What they weigh together, in whole grams.
    #[serde(rename = "g")]
    pub weight_g: u64,
    /// How much room they take together, in whole cubic centimetres, when every
    /// item tells its size.
    #[serde(rename = "cm3", default, skip_serializing_if = "Option::is_none")]
    pub volume_cm3: Option<u64>,
    /// What they are worth together.
    pub value: Money,
    /// When the customer was promised to have them.
    pub promised: Timestamp,
    /// What the customer paid for.
    pub level: ServiceLevel,
}

/// What was known of the shipment when the event was processed. A decision looks
/// at this and at nothing else, so it can be made again from the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// The order's facts.
    #[serde(flatten)]
    pub facts: Facts,
    /// Great-circle distance of the whole lane, when both places are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub km: Option<u32>,
    /// Where the goods are, as far as anybody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub here: Option<Place>,
    /// From where the goods are to the destination, when it is another distance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_km: Option<u32>,
    /// From the place that the event's estimate is for to the destination, when
    /// that is another place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub onward_km: Option<u32>,
    /// From when on something can be done: the time of processing, or of the
    /// event if that is later.
    pub as_of: Timestamp,
    /// The arrival that was expected before this event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Timestamp>,
    /// The customer has the goods already.
    #[serde(default, skip_serializing_if = "is_false")]
    pub delivered: bool,
    /// Something newer of the same kind is known already.
    #[serde(default, skip_serializing_if = "is_false")]
    pub superseded: bool,
    /// The booking slot as it was; left out before anything was booked.
    #[serde(default, skip_serializing_if = "SlotView::is_untouched")]
    pub slot: SlotView,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

/// What a decision needs of a booking slot: its generation and its booking, not
/// who owns it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SlotView {
    /// The slot's version.
    #[serde(rename = "gen")]
    pub generation: Generation,
    /// The live booking, or the one that is just being replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live: Option<Booking>,
    /// A task is booking just now. The generation is then the one before, so that
    /// whoever decides on this loses the slot and decides again.
    #[serde(default, skip_serializing_if = "is_false")]
    pub busy: bool,
}

impl SlotView {
    fn is_untouched(&self) -> bool {
        *self == Self::default()
    }
}

impl From<&Slot> for SlotView {
    fn from(slot: &Slot) -> Self {
        let (live, busy) = match &slot.status {
            SlotStatus::Free => (None, false),
            SlotStatus::Booking { replaces, .. } => {
                let generation = Generation(slot.generation.0.saturating_sub(1));
                return Self { generation, live: replaces.clone(), busy: true };
            }
            SlotStatus::Live { booking, .. } => (Some(booking.clone()), false),
        };
        Self { generation: slot.generation, live, busy }
    }
}

/// Processing to decision: the event and what was known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Normalised {
    /// What happened.
    pub event: Event,
    /// What was known.
    pub known: Known,
    /// Carriers that refused this shipment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excluded: Vec<String>,
    /// How often it was decided again.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub rounds: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
const fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl Normalised {
    /// When the goods are expected: as the event says, else as was known before.
    #[must_use]
    pub const fn estimate(&self) -> Option<Timestamp> {
        match &self.event {
            Event::Tracking { eta: Some(eta), .. } => Some(*eta),
            Event::Tracking { eta: None, .. } | Event::Order { .. } => self.known.expected,
        }
    }

    /// Minutes between the expected arrival and the promise, or the time left
    /// until the promise when no arrival is expected yet. Below zero: too late.
    #[must_use]
    pub fn slack_minutes(&self) -> i64 {
        minutes_between(self.estimate().unwrap_or(self.known.as_of), self.known.facts.promised)
    }

    /// With its decision.
    #[must_use]
    pub fn decided(self, decision: Decision) -> Decided {
        let Self { event, known, excluded, rounds } = self;
        Decided { event, known, decision, excluded, rounds }
    }
}

/// Decision to communication, or to state when there is nothing to call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// What happened.
    pub event: Event,
    /// What was known.
    pub known: Known,
    /// What is to be done.
    pub decision: Decision,
    /// Carriers that refused this shipment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excluded: Vec<String>,
    /// How often it was decided again.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub rounds: u32,
}

impl Decided {
    /// Back to the decision, on the slot as it is now: another task was faster,
    /// or a carrier refused and is not to be asked again.
    #[must_use]
    pub fn decide_again(self, slot: &Slot, excluded: Option<String>) -> Normalised {
        let Self { event, mut known, decision: _, excluded: mut carriers, rounds } = self;
        known.slot = SlotView::from(slot);
        carriers.extend(excluded.filter(|carrier| !carriers.contains(carrier)));
        Normalised { event, known, excluded: carriers, rounds: rounds.saturating_add(1) }
    }

    /// On to state, with what was really done; the customer was not told.
    #[must_use]
    pub fn conclude(self, booking: Option<Booking>, notified: bool) -> Concluded {
        let Self { event, known, decision, .. } = self;
        Concluded { event, known, decision, booking, notified, customer_told: false }
    }
}

/// Communication or decision to state: what happened, what was decided, and
/// what was really done. It is also the entry of the decision log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Concluded {
    /// What happened.
    pub event: Event,
    /// What was known.
    pub known: Known,
    /// What was decided.
    pub decision: Decision,
    /// The booking that this task made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booking: Option<Booking>,
    /// Whether the dispatch desk was told.
    #[serde(default, skip_serializing_if = "is_false")]
    pub notified: bool,
    /// Whether the shop was told, which tells its customer.
    #[serde(default, skip_serializing_if = "is_false")]
    pub customer_told: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Milestone;
    use crate::samples::{booking, decided, order, policy, task, tracking};

    fn json<T: Serialize>(value: &T) -> String {
        serde_json::to_string(value).unwrap()
    }

    fn reads_back<T>(value: &T)
    where
        T: Serialize + for<'de> Deserialize<'de> + PartialEq + std::fmt::Debug,
    {
        assert_eq!(&serde_json::from_str::<T>(&json(value)).unwrap(), value);
    }

    /// A task's record has a little over 300 bytes beside its payload, and 1 KiB
    /// is one write unit. Only a rescue, the rarest of these, takes two.
    #[test]
    fn a_typical_payload_is_small_at_every_stage() {
        let policy = policy();
        let delayed = || tracking(Milestone::Delayed, Some("2026-12-01T12:00:00Z"));
        let arrived = || tracking(Milestone::Arrived, None);
        for (name, normalised, most) in
            [("arrived", arrived(), 600), ("order", order(), 700), ("delayed", delayed(), 950)]
        {
            reads_back(&normalised);
            let bytes = json(&normalised).len();
            assert!(bytes <= 480, "{name}: {bytes}\n{}", json(&normalised));
            let decision = decided(&policy, &normalised, &[]);
            let payload = normalised.decided(decision);
            reads_back(&payload);
            let bytes = json(&payload).len();
            assert!(bytes <= most, "{name}: {bytes}\n{}", json(&payload));
            let concluded = payload.conclude(None, false);
            reads_back(&concluded);
            let bytes = json(&concluded).len();
            assert!(bytes <= most, "{name}: {bytes}\n{}", json(&concluded));
        }
    }

    #[test]
    fn a_document_keeps_its_own_zone_and_takes_its_sources_otherwise() {
        let raw = |zone: Option<&str>| {
            let json = serde_json::json!({"tracking": {
                "milestone": "arrived", "occurred_at": "2026-11-28T08:00:00", "zone": zone,
            }});
            serde_json::from_value::<Received>(json).unwrap()
        };
        assert_eq!(raw(None).in_zone(Some("Europe/Berlin")), raw(Some("Europe/Berlin")));
        assert_eq!(raw(Some("+02:00")).in_zone(Some("Europe/Berlin")), raw(Some("+02:00")));
        assert_eq!(raw(None).in_zone(None), raw(None));
    }

    #[test]
    fn what_is_taken_back_goes_by_the_tag_of_its_task() {
        let source = Source::new("urn:acme:wms").unwrap();
        let shipment = ShipmentId::new("SHP-1").unwrap();
        let withdraws = |event: Option<&str>| {
            let json = serde_json::json!({"tracking": {
                "milestone": "withdrawn", "occurred_at": "2026-11-28T08:00:00Z", "withdraws": event,
            }});
            let received: Received = serde_json::from_value(json).unwrap();
            match received.withdrawing(&source, &shipment) {
                Received::Tracking(tracking) => tracking.withdraws,
                Received::Order(_) => panic!("an order"),
            }
        };
        let wrong = EventId::new("evt-7").unwrap();
        let task = TaskId::derive(&source, &wrong, &shipment);
        let stamp = Stamp::new("2026-11-28T07:00:00Z".parse().unwrap(), &task);
        assert_eq!(withdraws(Some("evt-7")).as_deref(), Some(stamp.tag()));
        assert_ne!(withdraws(Some("evt-8")).as_deref(), Some(stamp.tag()));
        assert_eq!((withdraws(None), withdraws(Some("no event id"))), (None, None));
    }

    #[test]
    fn deciding_again_takes_the_new_slot_and_remembers_refusals() {
        let policy = policy();
        let live = Slot {
            generation: Generation(3),
            status: SlotStatus::Live { booking: booking("swift", "express"), task: task("t") },
        };
        let decision = decided(&policy, &order(), &[]);
        let once = order().decided(decision.clone()).decide_again(&live, Some("tortoise".into()));
        assert_eq!(once.known.slot, SlotView::from(&live));
        assert_eq!(
            (once.excluded.as_slice(), once.rounds),
            (["tortoise".to_owned()].as_slice(), 1)
        );
        let twice = once.decided(decision).decide_again(&Slot::default(), Some("tortoise".into()));
        assert_eq!((twice.excluded.len(), twice.rounds), (1, 2));
        assert_eq!(twice.known.slot, SlotView::default());
        reads_back(&twice);
    }

    #[test]
    fn a_slot_that_is_being_rebooked_shows_what_it_replaces() {
        let replaces = Some(booking("steady", "standard"));
        let status = SlotStatus::Booking { task: task("t"), replaces: replaces.clone() };
        let view = SlotView::from(&Slot { generation: Generation(2), status });
        assert_eq!(view, SlotView { generation: Generation(1), live: replaces, busy: true });
    }

    #[test]
    fn slack_is_to_the_estimate_or_to_now() {
        assert_eq!(order().slack_minutes(), (3 * 24 + 9) * 60);
        let late = tracking(Milestone::Delayed, Some("2026-11-30T18:30:00Z"));
        assert_eq!(late.slack_minutes(), -90);
        assert_eq!(tracking(Milestone::Arrived, None).slack_minutes(), 15 * 60 + 10);
    }

    #[test]
    fn a_reader_one_release_behind_ignores_what_it_does_not_know() {
        let mut later = serde_json::to_value(tracking(Milestone::Arrived, None)).unwrap();
        for part in ["", "/known", "/known/slot", "/event/tracking"] {
            let object = later.pointer_mut(part).unwrap().as_object_mut().unwrap();
            object.insert("invented_later".into(), serde_json::json!([1]));
        }
        let read: Normalised = serde_json::from_value(later).unwrap();
        assert_eq!(read, tracking(Milestone::Arrived, None));
    }
}

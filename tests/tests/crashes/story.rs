//! What happens to a row's shipments, so that its crash point is reached.

use flotilla::books::{Entry, Event, Fate, SentBook};
use flotilla::generate::body_hash;
use flotilla_tests::{SOURCE, cloud_event, fresh, in_hours, order, order_data, tracking};
use serde_json::json;

/// Some of a batch are at work side by side, as they would be.
const SOME: usize = 3;
/// More than one `SendMessageBatch` takes.
const MANY: usize = 12;

/// What a row needs to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Story {
    /// Orders are booked with a carrier that honours keys.
    Orders,
    /// An order is booked with one that ignores them.
    Keyless,
    /// What the agent asks fails at first, so the failure is counted and tried again.
    Retried,
    /// More orders than one batch holds, in one invocation.
    Many,
    /// Booked orders run late and are booked elsewhere.
    Late,
    /// An order is too heavy for the carrier that it is meant for.
    Heavy,
    /// One order of several makes no sense.
    Wrong,
    /// Events come before their orders, which come when all is over.
    Early,
    /// Events wait for their orders, and these come.
    Awaited,
    /// Events of booked orders are pulled from a source, a page for each.
    Pulled,
    /// A task has lost its message long ago, and recovery looks for it.
    Stuck,
}

/// A message and what must become of it.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) what: &'static str,
    pub(crate) event: String,
    pub(crate) shipment: String,
    pub(crate) body: String,
    pub(crate) fate: Fate,
}

/// The messages of a story.
#[derive(Debug, Clone, Default)]
pub(crate) struct Script {
    /// These go all their way before anything is made to go wrong.
    pub(crate) before: Vec<Told>,
    pub(crate) then: Vec<Told>,
    /// These come when something has gone wrong.
    pub(crate) after: Vec<Told>,
}

/// A shipment with the reference that its events name.
struct Shipment {
    id: String,
    reference: String,
}

impl Story {
    /// The most messages of one event at the agent that something happens to.
    pub(crate) fn batch(self) -> usize {
        match self {
            Self::Many => 2 * MANY,
            Self::Orders | Self::Keyless | Self::Late | Self::Heavy | Self::Wrong => 10,
            Self::Early | Self::Awaited | Self::Stuck | Self::Retried | Self::Pulled => 10,
        }
    }

    pub(crate) fn script(self) -> Script {
        let shipments = |count| (0..count).map(|_| Shipment::new()).collect::<Vec<_>>();
        let orders = |of: &[Shipment]| of.iter().map(|one| one.order(60)).collect();
        match self {
            Self::Orders | Self::Retried => {
                Script { then: orders(&shipments(SOME)), ..Script::default() }
            }
            Self::Many => Script { then: orders(&shipments(MANY)), ..Script::default() },
            Self::Keyless => Script { then: vec![Shipment::new().order(96)], ..Script::default() },
            Self::Heavy => Script { then: vec![Shipment::new().heavy()], ..Script::default() },
            Self::Stuck => Script { then: vec![Shipment::new().order(60)], ..Script::default() },
            Self::Wrong => {
                let mut then: Vec<_> = orders(&shipments(SOME - 1));
                then.insert(1, Shipment::new().wrong());
                Script { then, ..Script::default() }
            }
            Self::Late => {
                let of = shipments(SOME);
                let then = of.iter().map(Shipment::late).collect();
                Script { before: orders(&of), then, ..Script::default() }
            }
            Self::Pulled => {
                let of = shipments(SOME);
                let then = of.iter().map(Shipment::loaded).collect();
                Script { before: orders(&of), then, ..Script::default() }
            }
            Self::Early => {
                let of = shipments(SOME);
                let then = of.iter().map(Shipment::departed).collect();
                Script { then, after: orders(&of), ..Script::default() }
            }
            Self::Awaited => {
                let of = shipments(SOME);
                let before = of.iter().map(Shipment::departed).collect();
                Script { before, then: orders(&of), ..Script::default() }
            }
        }
    }
}

impl Shipment {
    fn new() -> Self {
        Self { id: fresh("SHP"), reference: fresh("BKR") }
    }

    fn told(&self, what: &'static str, event: String, body: String) -> Told {
        let fate = Fate::task(&self.id);
        Told { what, event, shipment: self.id.clone(), body, fate }
    }

    fn order(&self, promised: i64) -> Told {
        let event = fresh("order");
        let body = order(&event, &self.id, &self.reference, promised);
        self.told("order", event, body)
    }

    /// In a hurry, so that it is meant for the fast carrier, which takes a tonne.
    fn heavy(&self) -> Told {
        let event = fresh("order");
        let mut data = order_data(&self.id, &self.reference, 30);
        data["items"][0]["weight"] = json!({"value": 2000, "unit": "kg"});
        let body = cloud_event(&event, "flotilla.order.v1", &data);
        self.told("heavy order", event, body)
    }

    fn wrong(&self) -> Told {
        let event = fresh("order");
        let mut data = order_data(&self.id, &self.reference, 60);
        data["items"][0]["weight"]["value"] = json!(-3);
        let body = cloud_event(&event, "flotilla.order.v1", &data);
        let fate = Fate::rejected(&["invalid_field"]);
        Told { fate, ..self.told("negative weight", event, body) }
    }

    fn late(&self) -> Told {
        let event = fresh("late");
        let more = json!({"estimated_arrival": in_hours(200)});
        let body = tracking(&event, &self.reference, "delayed", &more);
        self.told("delayed", event, body)
    }

    /// As the tracking system has it: a DCSA event, and no message yet.
    fn loaded(&self) -> Told {
        let event = fresh("pulled");
        let data = json!({
            "eventID": event,
            "eventType": "EQUIPMENT",
            "eventClassifierCode": "ACT",
            "eventDateTime": in_hours(0),
            "eventCreatedDateTime": in_hours(0),
            "equipmentEventTypeCode": "GTOT",
            "emptyIndicatorCode": "LADEN",
            "eventLocation": {"UNLocationCode": "NLRTM"},
            "documentReferences": [
                {"documentReferenceType": "BKG", "documentReferenceValue": self.reference},
            ],
        });
        self.told("pulled", event, data.to_string())
    }

    fn departed(&self) -> Told {
        let event = fresh("early");
        let body = tracking(&event, &self.reference, "departed", &json!({}));
        self.told("departed", event, body)
    }
}

impl Script {
    /// Everything that is said.
    pub(crate) fn all(&self) -> Vec<Told> {
        [&self.before, &self.then, &self.after].into_iter().flatten().cloned().collect()
    }

    /// The first of the three books: what was sent, and what must become of it.
    pub(crate) fn book(&self) -> SentBook {
        let entry = |(number, told): (usize, &Told)| Entry {
            number,
            source: Some(SOURCE.to_owned()),
            events: vec![Event {
                what: told.what.to_owned(),
                id: Some(told.event.clone()),
                expected: told.fate.clone(),
            }],
            body_hash: body_hash(&told.body),
            bytes: told.body.len(),
            sent: 1,
            sent_at_ms: None,
        };
        let entries = self.all().iter().enumerate().map(entry).collect();
        SentBook { run: String::new(), seed: 0, entries }
    }
}

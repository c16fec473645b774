//! Events of loads over an in-memory index that somebody else writes to between
//! two looks of ingestion.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test says what is wrong by panicking")]
#![allow(clippy::indexing_slicing, reason = "a test says what is wrong by panicking")]

use flotilla_runtime::batch::{Call, Handled, Handler, Incoming, Verdict};
use flotilla_runtime::meter::Meter;
use flotilla_runtime::queue::{NotSent, Outgoing, Queues, Router};
use flotilla_runtime::settings::{Environment, Settings};
use flotilla_runtime::stage::Protocol;
use flotilla_shipment::identifier::Identifier;
use flotilla_shipment::inbound::Contact;
use flotilla_shipment::load::{Load, Stay};
use flotilla_shipment::places::Places;
use flotilla_shipment::ports::{Index, Loads, Parked, Parking, Registered};
use flotilla_shipment::sources::Sources;
use flotilla_task::clock::ManualClock;
use flotilla_task::envelope::Envelope;
use flotilla_task::memory::MemoryStore;
use flotilla_task::*;
use ingestion::{Ingestion, Intake};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const NOW: u64 = 1_795_000_000_000;

/// What others write while ingestion looks: before the look of that number.
type Meanwhile = BTreeMap<usize, (String, Load)>;

#[derive(Debug, Default)]
struct Known {
    loads: BTreeMap<String, Load>,
    parked: BTreeMap<String, Vec<Parked>>,
    kept: BTreeMap<String, Vec<Parked>>,
    looks: usize,
    /// Writes about what is in what.
    packs: usize,
    meanwhile: Meanwhile,
}

#[derive(Debug, Clone, Default)]
struct Records(Arc<Mutex<Known>>);

impl Index for Records {
    async fn owner(&self, name: &Identifier) -> Result<Option<ShipmentId>, StoreError> {
        let known = self.0.lock().unwrap();
        Ok(known.loads.get(&name.index_key()).and_then(|load| load.owner.clone()))
    }
    async fn register(&self, _: &Identifier, _: &ShipmentId) -> Result<Registered, StoreError> {
        Ok(Registered::Mine)
    }
    async fn keep_contact(
        &self,
        _: &ShipmentId,
        _: jiff::Timestamp,
        _: &Contact,
    ) -> Result<(), StoreError> {
        Ok(())
    }
}

impl Loads for Records {
    async fn load(&self, load: &Identifier) -> Result<Load, StoreError> {
        let mut known = self.0.lock().unwrap();
        known.looks += 1;
        let looks = known.looks;
        if let Some((name, load)) = known.meanwhile.remove(&looks) {
            known.loads.insert(name, load);
        }
        Ok(known.loads.get(&load.index_key()).cloned().unwrap_or_default())
    }
    async fn pack(
        &self,
        parent: &Identifier,
        child: &Identifier,
        at: jiff::Timestamp,
        _: &str,
    ) -> Result<bool, StoreError> {
        let mut known = self.0.lock().unwrap();
        known.packs += 1;
        let load = known.loads.entry(parent.index_key()).or_default();
        let stay = Stay { packed: Some(at), unpacked: None };
        let before = load.contents.insert(child.clone(), stay);
        Ok(before.is_none_or(|before| before.packed < Some(at)))
    }
    async fn unpack(
        &self,
        _: &Identifier,
        _: Option<&Identifier>,
        _: jiff::Timestamp,
    ) -> Result<(), StoreError> {
        Ok(())
    }
}

impl Parking for Records {
    async fn park(&self, load: &Identifier, event: &Parked) -> Result<(), StoreError> {
        let mut known = self.0.lock().unwrap();
        known.parked.entry(load.index_key()).or_default().push(event.clone());
        Ok(())
    }
    async fn parked(&self, load: &Identifier) -> Result<Vec<Parked>, StoreError> {
        Ok(self.0.lock().unwrap().parked.get(&load.index_key()).cloned().unwrap_or_default())
    }
    async fn unpark(&self, load: &Identifier, _: &Parked) -> Result<(), StoreError> {
        self.0.lock().unwrap().parked.remove(&load.index_key());
        Ok(())
    }
    async fn keep(
        &self,
        load: &Identifier,
        event: &Parked,
        _: jiff::Timestamp,
    ) -> Result<(), StoreError> {
        let mut known = self.0.lock().unwrap();
        known.kept.entry(load.index_key()).or_default().push(event.clone());
        Ok(())
    }
    async fn kept(&self, load: &Identifier, _: jiff::Timestamp) -> Result<Vec<Parked>, StoreError> {
        Ok(self.0.lock().unwrap().kept.get(&load.index_key()).cloned().unwrap_or_default())
    }
    async fn overdue(&self, _: Timestamp) -> Result<Vec<(Identifier, Parked)>, StoreError> {
        Ok(Vec::new())
    }
}

/// Takes everything and counts it.
#[derive(Debug, Default)]
struct Taken(AtomicUsize);

impl Queues for Taken {
    async fn send(&self, _: &str, messages: &[Outgoing]) -> Vec<Result<(), NotSent>> {
        self.0.fetch_add(messages.len(), Ordering::Relaxed);
        messages.iter().map(|_| Ok(())).collect()
    }
    async fn give_back(&self, _: &str, _: &[(String, Duration)]) {}
}

struct Bench {
    records: Records,
    agent: Ingestion<Records, Taken, MemoryStore, ManualClock>,
}

impl Bench {
    fn new(loads: &[(&str, Load)], meanwhile: Meanwhile) -> Self {
        let settings = Settings::read(&Environment::from([
            ("TABLE_NAME", "t"),
            ("QUEUE_URL", "ingestion"),
            ("DEAD_LETTER_QUEUE_URL", "dead"),
            ("PROCESSING_QUEUE_URL", "processing"),
        ]))
        .unwrap();
        let records = Records::default();
        let known = loads.iter().map(|(name, load)| ((*name).to_owned(), load.clone()));
        *records.0.lock().unwrap() =
            Known { loads: known.collect(), meanwhile, ..Known::default() };
        let agent = Ingestion {
            records: records.clone(),
            queues: Taken::default(),
            intake: Intake {
                sources: Sources::default(),
                places: Places::default(),
                horizon: settings.horizon,
            },
            patience: Duration::from_secs(1),
            protocol: Protocol {
                store: MemoryStore::default(),
                clock: ManualClock::at(Timestamp::from_millis(NOW)),
                router: Router::new(Stage::Ingestion, "ingestion".into(), settings.next.clone()),
                settings,
                meter: Arc::new(Meter::default()),
            },
        };
        Self { records, agent }
    }

    /// A tracking event of the box, received so often; with more on its envelope.
    async fn take(&self, milestone: &str, receives: u32, after: Option<&str>) -> Handled {
        let at: jiff::Timestamp = Timestamp::from_millis(NOW - 60_000).into();
        let mut body = json!({
            "specversion": "1.0", "id": "e", "source": "s", "type": "flotilla.tracking.v1",
            "data": {
                "identifier": {"scheme": "waybill", "value": "BOX"},
                "milestone": milestone, "occurred_at": at.to_string(),
            },
        });
        if let Some(after) = after {
            body["after"] = after.into();
        }
        self.handle(body.to_string(), receives).await
    }

    /// Pallets go into the box: an aggregation event, received so often.
    async fn pack(&self, pallets: &[u32], receives: u32, after: Option<&str>) -> Handled {
        let children =
            pallets.iter().map(|pallet| format!("https://id.gs1.org/00/{}", sscc(*pallet)));
        let at: jiff::Timestamp = Timestamp::from_millis(NOW - 60_000).into();
        let mut body = json!({
            "specversion": "1.0", "id": "p", "source": "s", "type": "flotilla.epcis.v2",
            "data": {
                "type": "AggregationEvent", "eventTime": at.to_string(),
                "eventTimeZoneOffset": "+00:00", "eventID": "p", "action": "ADD",
                "parentID": format!("https://id.gs1.org/00/{}", sscc(1)),
                "childEPCs": children.collect::<Vec<_>>(),
            },
        });
        if let Some(after) = after {
            body["after"] = after.into();
        }
        self.handle(body.to_string(), receives).await
    }

    async fn handle(&self, body: String, receives: u32) -> Handled {
        let incoming = Incoming { id: "m".into(), receives, body, ..Incoming::default() };
        let envelope = Envelope::parse(&incoming.body).unwrap();
        let deadline = Timestamp::from_millis(NOW + 30_000);
        self.agent.handle(Call { incoming: &incoming, envelope: &envelope, deadline }).await
    }

    fn names(&self, of: impl Fn(&Known) -> &BTreeMap<String, Vec<Parked>>) -> Vec<String> {
        of(&self.records.0.lock().unwrap()).keys().cloned().collect()
    }

    fn parked(&self) -> Vec<String> {
        self.names(|known| &known.parked)
    }

    fn kept_under(&self, load: &str) -> Parked {
        self.records.0.lock().unwrap().kept[load][0].clone()
    }

    fn kept(&self) -> Vec<String> {
        self.names(|known| &known.kept)
    }
}

fn owned(shipment: &str) -> Load {
    Load { owner: Some(ShipmentId::new(shipment).unwrap()), ..Load::default() }
}

/// SSCCs with their check digits.
fn sscc(of: u32) -> &'static str {
    match of {
        1 => "095212343282489958",
        2 => "095212343282489965",
        _ => "095212343282489972",
    }
}

fn holding(child: &str) -> Load {
    let packed = Timestamp::from_millis(NOW - 3_600_000).into();
    let stay = Stay { packed: Some(packed), unpacked: None };
    Load { contents: [(child.parse().unwrap(), stay)].into(), ..Load::default() }
}

const BOX: &str = "waybill:BOX";
const PALLET: &str = "waybill:P1";

#[tokio::test]
async fn what_a_second_look_finds_is_parked_and_kept_as_well() {
    // Nobody knows the box; then it is said what is in it; nobody knows whose that is.
    let meanwhile = BTreeMap::from([(2, (BOX.to_owned(), holding(PALLET)))]);
    let bench = Bench::new(&[], meanwhile);
    let handled = bench.take("departed", 1, None).await;
    assert_eq!((handled.verdict, handled.send.len()), (Verdict::Acknowledge, 0));
    assert_eq!((bench.parked(), bench.kept()), (vec![PALLET.to_owned()], vec![BOX.to_owned()]));
    // The same, and the pallet is somebody's.
    let meanwhile = BTreeMap::from([(2, (BOX.to_owned(), holding(PALLET)))]);
    let bench = Bench::new(&[(PALLET, owned("S1"))], meanwhile);
    assert_eq!(bench.take("departed", 1, None).await.send.len(), 1, "the task's message");
    assert_eq!((bench.parked(), bench.kept()), (vec![], vec![BOX.to_owned()]));
}

#[tokio::test]
async fn the_rest_of_an_events_shipments_leaves_parked_copies_alone() {
    // The box's order comes after the first message's two looks and one of the next's.
    let meanwhile = BTreeMap::from([(4, (BOX.to_owned(), owned("S1")))]);
    let bench = Bench::new(&[], meanwhile);
    bench.take("departed", 1, None).await;
    assert_eq!(bench.parked(), [BOX]);
    let handled = bench.take("departed", 1, Some("S5")).await;
    assert_eq!(handled.send.len(), 0, "S1 has its turn with the parked copy");
    assert_eq!(bench.parked(), [BOX]);
    assert_eq!(bench.kept(), [""; 0]);
}

#[tokio::test]
async fn a_redelivery_forgets_the_copy_of_the_try_before() {
    let bench = Bench::new(&[], BTreeMap::new());
    bench.take("departed", 1, None).await;
    bench.records.0.lock().unwrap().loads.insert(BOX.to_owned(), owned("S1"));
    assert_eq!(bench.take("departed", 2, None).await.send.len(), 1);
    assert_eq!(bench.parked(), [""; 0]);
}

/// Kept under the time of each try, it would come back doubled with every packing.
#[tokio::test]
async fn an_event_that_makes_no_sense_is_not_kept() {
    let loads = [(BOX, holding(PALLET)), (PALLET, owned("S1"))];
    let bench = Bench::new(&loads, BTreeMap::new());
    assert_eq!(bench.take("vanished", 1, None).await.send.len(), 1, "its task fails later");
    assert_eq!(bench.kept(), [""; 0]);
    bench.take("departed", 1, None).await;
    assert_eq!(bench.kept(), [BOX]);
}

/// More may turn out to have been on the pallet when it went into the box.
#[tokio::test]
async fn a_packing_event_is_kept_as_well() {
    let (outer, pallet) = (format!("sscc:{}", sscc(1)), format!("sscc:{}", sscc(2)));
    let loads = [(pallet.as_str(), holding(BOX)), (BOX, owned("S1"))];
    let bench = Bench::new(&loads, BTreeMap::from([(1, (outer.clone(), holding(&pallet)))]));
    assert_eq!(bench.pack(&[2], 1, None).await.send.len(), 1, "the task's message");
    assert_eq!(bench.kept(), [outer, pallet]);
}

/// A container of hundreds of pallets may take more than one invocation.
#[tokio::test]
async fn a_try_that_ran_out_of_time_leaves_less_to_the_next() {
    let [outer, one, two] = [1, 2, 3].map(|of| format!("sscc:{}", sscc(of)));
    let loads = [(one.as_str(), owned("S1")), (two.as_str(), owned("S2"))];
    let bench = Bench::new(&loads, BTreeMap::new());
    let packs = || bench.records.0.lock().unwrap().packs;
    let looks = || std::mem::take(&mut bench.records.0.lock().unwrap().looks);
    let sent = || bench.agent.queues.0.load(Ordering::Relaxed);

    assert_eq!(bench.pack(&[2, 3], 1, None).await.send.len(), 2, "their tasks' messages");
    assert_eq!((packs(), looks()), (2, 5), "of the pallets nothing can have become new");
    bench.pack(&[2, 3], 2, None).await;
    assert_eq!(packs(), 2, "what is known is not written again");
    assert_eq!(bench.kept(), [outer.as_str()]);
    assert_eq!(sent(), 0, "the copy that the first try kept is the event in hand");
    looks();
    bench.pack(&[2, 3], 1, Some("S1")).await;
    assert_eq!((packs(), looks()), (2, 3), "the rest of its shipments learns nothing");

    // What happened to the box since is told again, as the try before may not have.
    let other = Parked { event: EventId::new("other").unwrap(), ..bench.kept_under(&outer) };
    bench.records.0.lock().unwrap().kept.entry(outer.clone()).or_default().push(other);
    bench.pack(&[2, 3], 2, None).await;
    assert_eq!(sent(), 1);
}

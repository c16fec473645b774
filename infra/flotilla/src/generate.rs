//! A day in the life of the supply chain, made up from a seed.
//!
//! Pure and deterministic: the same [`Settings`] give the same messages. Beside
//! every event stands what has to become of it. These expectations are the first
//! of the three books the reconciler compares, and they are made without asking
//! the functions anything.
//!
//! ```text
//! order ──> journey    what happens to one shipment  ┐
//!       ──> container  to several that travel together├─> documents ─> schedule
//!       ──> several    to a truck's load, or nobody's │
//!           wrong, malformed                          ┘
//! ```
//!
//! The names of things carry the run, so that a second demo on the same stack
//! is not taken for a replay of the first.

mod calendar;
mod codes;
mod container;
mod crowd;
mod dcsa;
mod documents;
mod epcis;
mod happening;
mod journey;
mod malformed;
mod order;
mod pen;
mod schedule;
mod several;
mod tracking;
mod wrong;

use crate::books::{Entry, Event, SentBook};
use crate::error::Error;
use calendar::Day;
use container::Trip;
use flotilla_task::fingerprint;
use happening::Happening;
use jiff::Timestamp;
use journey::Told;
use order::Order;
use pen::Pen;
use serde_json::Value;

pub use codes::{PLACES, sscc};
pub use crowd::{Crowd, Noisy, TENANTS};

/// What kind of day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// How many shipments are ordered.
    pub shipments: u32,
    /// How many different events happen, malformed ones included. Duplicates
    /// come on top.
    pub events: u32,
    /// Where the dice start.
    pub seed: u64,
    /// Part of every name, so that runs do not mix.
    pub run: String,
    /// When the day ends. No event lies after it.
    pub until: Timestamp,
    /// How unevenly the events are spread.
    pub crowd: Crowd,
}

/// One message to send. The same entry may be sent more than once.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Which entry of the plan it is a copy of.
    pub entry: usize,
    /// When to send it, as a share of the whole sending time: 0 to 1.
    pub share: f64,
}

/// Everything to send, and what must become of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Every different message.
    pub entries: Vec<Entry>,
    /// The body of each entry.
    pub bodies: Vec<String>,
    /// Whose traffic each entry is.
    pub tenants: Vec<&'static str>,
    /// What to send, in this order.
    pub messages: Vec<Message>,
}

impl Plan {
    /// The body of the message at this place.
    #[must_use]
    pub fn body(&self, place: usize) -> Option<&str> {
        let entry = self.messages.get(place)?.entry;
        self.bodies.get(entry).map(String::as_str)
    }

    /// The first book, before anything is sent.
    #[must_use]
    pub fn book(&self, run: &str, seed: u64) -> SentBook {
        SentBook { run: run.to_owned(), seed, entries: self.entries.clone() }
    }
}

/// A message before its turn in the day is drawn.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) what: &'static str,
    pub(crate) body: String,
    pub(crate) source: Option<String>,
    pub(crate) tenant: &'static str,
    pub(crate) events: Vec<Event>,
    /// When it happened, as a share of the day.
    pub(crate) at: f64,
}

/// How many events of each kind there are.
struct Budget {
    malformed: u32,
    wrong: u32,
    orphans: u32,
    trips: usize,
    trucks: u32,
    nobodys: u32,
}

impl Budget {
    /// Each shipment has an order and an event at least; what remains is for
    /// events that concern several or nobody, and for longer journeys.
    fn new(settings: &Settings) -> Result<Self, Error> {
        let Settings { shipments, events, .. } = *settings;
        let wrong = wrong::KINDS + (events / 150).saturating_sub(wrong::KINDS);
        let malformed = malformed::KINDS + (events / 75).saturating_sub(malformed::KINDS);
        let orphans = 2 + events / 400;
        let least = shipments.saturating_mul(2) + malformed + wrong + orphans;
        if shipments == 0 || events < least {
            return Err(Error::usage(format!(
                "--events {events}: {shipments} shipments need at least {least} events (an order \
                 and a tracking event each, {} malformed, {orphans} without an order)",
                malformed + wrong
            )));
        }
        let room = (events - least) / 3;
        let trips = (shipments / 18).min(room / container::MOST_EVENTS) as usize;
        let (trucks, nobodys) = ((events / 70).min(room), (events / 80).min(room));
        Ok(Self { malformed, wrong, orphans, trips, trucks, nobodys })
    }
}

/// Makes up a day.
///
/// # Errors
/// [`Error::Usage`] when the numbers do not fit together.
pub fn plan(settings: &Settings) -> Result<Plan, Error> {
    let budget = Budget::new(settings)?;
    let day = Day::ending(settings.until)?;
    let (mut dice, mut names) =
        (fastrand::Rng::with_seed(settings.seed), codes::Names::new(&settings.run));
    let mut pen = Pen { dice: &mut dice, names: &mut names, day: &day };
    let orders: Vec<_> = (0..settings.shipments)
        .map(|_| order::draw(&mut pen, &settings.crowd))
        .collect::<Result<_, _>>()?;
    let trips = container::trips(&mut pen, &orders, budget.trips);
    let mut drafts: Vec<_> = orders.iter().map(|order| order.draft.clone()).collect();
    for _ in 0..budget.orphans {
        drafts.push(tracking::orphan(&mut pen)?);
    }
    drafts.extend(malformed::draw(&mut pen, &orders, budget.malformed, settings.crowd.prompt)?);
    let mut happenings = shared(&mut pen, &orders, &trips, &budget)?;
    let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    let rest = settings.events.saturating_sub(count(drafts.len()) + count(happenings.len()));
    let shares =
        journey::share_out(&mut pen, rest, settings.shipments, settings.crowd.hot_shipment);
    for (at, (order, count)) in orders.iter().zip(shares).enumerate() {
        let stay = trips.iter().find(|trip| trip.orders.contains(&at)).map(|trip| trip.stay);
        for told in journey::of(&mut pen, order, stay, count)? {
            match told {
                Told::Alone(draft) => drafts.push(draft),
                Told::Of(happening) => happenings.push(happening),
            }
        }
    }
    drafts.extend(documents::bundle(&mut pen, happenings)?);
    Ok(schedule::arrange(&mut dice, drafts, &settings.crowd))
}

/// The events of the standards that are not about one shipment.
fn shared(
    pen: &mut Pen<'_>,
    orders: &[Order],
    trips: &[Trip],
    budget: &Budget,
) -> Result<Vec<Happening>, Error> {
    let mut happenings = wrong::draw(pen, orders, budget.wrong)?;
    for trip in trips {
        happenings.extend(container::journey(pen, orders, trip)?);
    }
    for _ in 0..budget.trucks {
        happenings.extend(several::truck(pen, orders)?);
    }
    for _ in 0..budget.nobodys {
        happenings.push(several::nobodys(pen)?);
    }
    Ok(happenings)
}

/// A `CloudEvent` around `data`.
pub(crate) fn envelope(
    kind: &str,
    source: &str,
    event: &str,
    time: &str,
    tenant: &str,
    data: &Value,
) -> Value {
    serde_json::json!({
        "specversion": "1.0", "id": event, "source": source, "type": kind, "time": time,
        "datacontenttype": "application/json", "tenant": tenant, "data": data,
    })
}

/// How a body is recognised again in another book.
#[must_use]
pub fn body_hash(body: &str) -> String {
    fingerprint(&[body])
}

#[cfg(test)]
mod tests;

//! The books, arranged so that the same thing is found in each.

use crate::books::{
    Booking, DeadLetter, Decided, Entry, Event, Notice, SentBook, SlotItem, TableBook, Task,
    WorldBook,
};
use std::collections::{BTreeMap, BTreeSet};

/// A shipment and its leg.
pub(super) type Leg<'a> = (&'a str, &'a str);
/// Where an event came from, and its id there.
pub(super) type Name<'a> = (&'a str, &'a str);
/// How often each key was delivered, by task.
type Keys<'a> = BTreeMap<&'a str, BTreeMap<&'a str, u32>>;

/// An event, in the first message that told it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sent<'a> {
    pub(super) entry: &'a Entry,
    pub(super) event: &'a Event,
    /// How often it was sent in all.
    pub(super) copies: u32,
}

impl Sent<'_> {
    pub(super) fn label(&self) -> String {
        self.entry.label(self.event)
    }
}

/// References into the three books, limited to this run's events and shipments.
#[derive(Debug, Default)]
pub(super) struct Index<'a> {
    /// Every different event that was sent.
    pub(super) events: Vec<Sent<'a>>,
    pub(super) known: BTreeSet<Name<'a>>,
    pub(super) shipments: BTreeSet<&'a str>,
    pub(super) tasks: BTreeMap<Name<'a>, Vec<&'a Task>>,
    pub(super) tasks_by_id: BTreeMap<&'a str, &'a Task>,
    /// The loads under which each event waits.
    pub(super) parked: BTreeMap<Name<'a>, BTreeSet<&'a str>>,
    letters_by_body: BTreeMap<&'a str, &'a DeadLetter>,
    letters_by_event: BTreeMap<Name<'a>, &'a DeadLetter>,
    pub(super) decisions: BTreeMap<&'a str, &'a Decided>,
    pub(super) slots: BTreeMap<Leg<'a>, &'a SlotItem>,
    pub(super) bookings: BTreeMap<Leg<'a>, Vec<&'a Booking>>,
    /// What dispatch was told of each task.
    pub(super) notices: Keys<'a>,
    /// What the shop was told of each task.
    pub(super) customer_events: Keys<'a>,
}

impl<'a> Index<'a> {
    pub(super) fn new(sent: &'a SentBook, table: &'a TableBook, world: &'a WorldBook) -> Self {
        let mut index = Self { shipments: sent.shipments(), ..Self::default() };
        index.add_sent(sent);
        for task in &table.tasks {
            index.tasks_by_id.insert(&task.id, task);
            let event = (task.source.as_str(), task.event.as_str());
            if index.known.contains(&event) || index.shipments.contains(task.shipment.as_str()) {
                index.tasks.entry(event).or_default().push(task);
            }
        }
        for parked in &table.parked {
            let event = (parked.source.as_str(), parked.event.as_str());
            index.parked.entry(event).or_default().insert(&parked.identifier);
        }
        for letter in &table.dead_letters {
            index.letters_by_body.insert(&letter.body_hash, letter);
            for (source, event) in &letter.events {
                index.letters_by_event.insert((source, event), letter);
            }
        }
        for decided in &table.decisions {
            index.decisions.insert(&decided.task, decided);
        }
        for slot in &table.slots {
            if index.shipments.contains(slot.shipment.as_str()) {
                index.slots.insert((&slot.shipment, &slot.leg), slot);
            }
        }
        for booking in &world.bookings {
            if index.shipments.contains(booking.shipment.as_str()) {
                let leg = (booking.shipment.as_str(), booking.leg.as_str());
                index.bookings.entry(leg).or_default().push(booking);
            }
        }
        index.notices = keys(&world.notices);
        index.customer_events = keys(&world.customer_events);
        index
    }

    /// An event that several messages tell is one event, sent more than once.
    fn add_sent(&mut self, sent: &'a SentBook) {
        let mut places: BTreeMap<Name<'a>, usize> = BTreeMap::new();
        for entry in sent.taken() {
            for event in &entry.events {
                let name = entry.name(event);
                self.known.extend(name);
                let before = name.and_then(|name| places.get(&name));
                if let Some(told) = before.and_then(|place| self.events.get_mut(*place)) {
                    told.copies += entry.sent;
                    continue;
                }
                places.extend(name.map(|name| (name, self.events.len())));
                self.events.push(Sent { entry, event, copies: entry.sent });
            }
        }
    }

    /// The tasks of this run, each once.
    pub(super) fn all_tasks(&self) -> impl Iterator<Item = &'a Task> + '_ {
        self.tasks.values().flatten().copied()
    }

    /// The dead letter of an event: with the message's body, or, where the message
    /// was cut or waited, about the event.
    pub(super) fn letter(&self, sent: &Sent<'_>) -> Option<&'a DeadLetter> {
        let by_body = self.letters_by_body.get(sent.entry.body_hash.as_str());
        let by_event = || {
            let (source, event) = sent.entry.name(sent.event)?;
            self.letters_by_event.get(&(source, event))
        };
        by_body.or_else(by_event).copied()
    }
}

fn keys(notices: &[Notice]) -> Keys<'_> {
    let mut keys = Keys::new();
    for notice in notices {
        *keys.entry(&notice.task).or_default().entry(&notice.key).or_default() += 1;
    }
    keys
}

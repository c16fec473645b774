//! The books, arranged so that the same thing is found in each.

use crate::books::{
    Booking, DeadLetter, Decided, Entry, Parked, SentBook, SlotItem, TableBook, Task, WorldBook,
};
use std::collections::{BTreeMap, BTreeSet};

/// A shipment and its leg.
pub(super) type Leg<'a> = (&'a str, &'a str);

/// References into the three books, limited to this run's events and shipments.
#[derive(Debug, Default)]
pub(super) struct Index<'a> {
    pub(super) entries: Vec<&'a Entry>,
    pub(super) known: BTreeSet<(&'a str, &'a str)>,
    pub(super) shipments: BTreeSet<&'a str>,
    pub(super) tasks: BTreeMap<(&'a str, &'a str), Vec<&'a Task>>,
    pub(super) tasks_by_id: BTreeMap<&'a str, &'a Task>,
    pub(super) parked: BTreeMap<(&'a str, &'a str), &'a Parked>,
    pub(super) letters_by_body: BTreeMap<&'a str, &'a DeadLetter>,
    pub(super) decisions: BTreeMap<&'a str, &'a Decided>,
    pub(super) slots: BTreeMap<Leg<'a>, &'a SlotItem>,
    pub(super) bookings: BTreeMap<Leg<'a>, Vec<&'a Booking>>,
    /// Keys of the notices of each task.
    pub(super) notices: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

impl<'a> Index<'a> {
    pub(super) fn new(sent: &'a SentBook, table: &'a TableBook, world: &'a WorldBook) -> Self {
        // What SQS never took has not been sent.
        let entries = sent.entries.iter().filter(|entry| entry.sent > 0).collect();
        let mut index = Self { entries, ..Self::default() };
        for entry in &index.entries {
            index.known.extend(name(entry));
            index.shipments.extend(entry.shipment.as_deref());
        }
        for task in &table.tasks {
            index.tasks_by_id.insert(&task.id, task);
            let event = (task.source.as_str(), task.event.as_str());
            if index.known.contains(&event) || index.shipments.contains(task.shipment.as_str()) {
                index.tasks.entry(event).or_default().push(task);
            }
        }
        for parked in &table.parked {
            index.parked.insert((&parked.source, &parked.event), parked);
        }
        for letter in &table.dead_letters {
            index.letters_by_body.insert(&letter.body_hash, letter);
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
        for notice in &world.notices {
            index.notices.entry(&notice.task).or_default().insert(&notice.key);
        }
        index
    }

    /// The tasks of this run, each once.
    pub(super) fn all_tasks(&self) -> impl Iterator<Item = &'a Task> + '_ {
        self.tasks.values().flatten().copied()
    }

    /// A dead letter with this body.
    pub(super) fn letter(&self, entry: &Entry) -> Option<&'a DeadLetter> {
        self.letters_by_body.get(entry.body_hash.as_str()).copied()
    }
}

/// Source and id of an entry that has them.
pub(super) fn name(entry: &Entry) -> Option<(&str, &str)> {
    entry.source.as_deref().zip(entry.event.as_deref())
}

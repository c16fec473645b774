//! What was seen in a row, and whether that was right.

use crate::rig::{Books, Rig};
use crate::story::Script;
use flotilla::reconcile::reconcile;
use flotilla_task::Stage;
use std::collections::BTreeMap;

/// What a row has to come to, besides that nothing is lost or doubled.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Expected {
    /// Nobody can tell whether a carrier has booked, so a person has to say.
    pub(crate) held: bool,
    /// Something is wrong with one event, and it ends in a dead-letter queue.
    pub(crate) refused: bool,
}

/// A row's figures.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    pub(crate) tasks: usize,
    pub(crate) held: usize,
    /// Messages that were handed out again.
    pub(crate) redelivered: u32,
    /// Stored messages that were sent once more.
    pub(crate) resent: u64,
    /// Records that found their task busy.
    pub(crate) busy: u64,
    /// Writes of a process that had been overtaken, refused by the store.
    pub(crate) refused: u64,
}

impl Seen {
    pub(crate) fn of(rig: &Rig, script: &Script) -> Self {
        Self {
            tasks: script.all().len(),
            redelivered: rig.tally().redelivered,
            resent: rig.counted("Resent"),
            busy: rig.counted("Busy"),
            ..Self::default()
        }
    }

    /// Nothing lost, nothing doubled, nothing left over; held and refused only
    /// what has to be.
    pub(crate) fn judge(&mut self, expected: Expected, books: &Books, script: &Script, rig: &Rig) {
        let findings = reconcile(&script.book(), &books.table, &books.world);
        assert!(findings.clean(), "{findings:#?}\n{}", rig.logs());
        self.held = findings.held.len();
        assert_eq!(self.held > 0, expected.held, "{findings:#?}\n{}", rig.logs());
        let letters = &books.table.dead_letters;
        assert_eq!(!letters.is_empty(), expected.refused, "{letters:#?}");
        assert!(letters.iter().all(|letter| letter.stage == Stage::Processing), "{letters:#?}");
        let mut keys: BTreeMap<&str, usize> = BTreeMap::new();
        for booking in &books.world.bookings {
            *keys.entry(&booking.key).or_default() += 1;
        }
        assert!(keys.values().all(|bookings| *bookings == 1), "{keys:#?}\n{}", rig.logs());
        assert!(books.table.parked.is_empty(), "{:#?}", books.table.parked);
    }

    /// Whoever was overtaken has written nothing that can be seen.
    pub(crate) fn unchanged(&self, before: &Books, after: &Books, rig: &Rig) {
        let (before, after) = (before.untouchable(), after.untouchable());
        assert!(before == after, "before {before:#?}\nafter {after:#?}\n{}", rig.logs());
    }
}

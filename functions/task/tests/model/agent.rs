//! A stand-in for the communication agent: one booking, in the order of
//! `communication/src/booking.rs`, with every way the call may end.
//!
//! ```text
//! keys honoured:  call -> commit
//! keys ignored:   note the intent -> call -> checkpoint -> commit
//! ```

use crate::bounds::{Bounds, Budget, Partner, Without};
use crate::moves::{CallEnd, Does};
use crate::store::{EARLY, LEASE_END};
use crate::world::{Step, Trouble, World};
use flotilla_task::{Checkpoints, Intent, TaskRecord};

/// The booking's checkpoint and intent.
pub(crate) const BOOK: &str = "book";

/// Where an agent begins that has just claimed the task.
pub(crate) fn first_step(bounds: &Bounds, record: &TaskRecord) -> Step {
    if record.intent.is_some() {
        // The call was not finished, and the partner would not recognise another.
        return Step::Fail(Trouble::Ambiguous);
    }
    if record.checkpoints.contains_key(BOOK) {
        return Step::Commit;
    }
    if notes_its_intent(bounds) { Step::Intend } else { Step::Call }
}

/// What may go wrong before anything is called.
pub(crate) fn troubles(left: &Budget) -> Vec<Trouble> {
    let mut troubles = Vec::new();
    troubles.extend((left.retries > 0).then_some(Trouble::Retry));
    troubles.extend((left.permanents > 0).then_some(Trouble::Permanent));
    troubles.extend((left.waits > 0).then_some(Trouble::Wait));
    troubles
}

/// What it writes before a call that the partner would not recognise.
pub(crate) fn before_the_call(left: &Budget, does: Does) -> Vec<Does> {
    let mut all = instead_of_the_call(left);
    all.push(does);
    all
}

/// What it may write where it makes no call: the booking slot has moved on, or
/// something is wrong.
pub(crate) fn instead_of_the_call(left: &Budget) -> Vec<Does> {
    let mut all: Vec<Does> = Vec::new();
    all.extend((left.rounds > 0).then_some(Does::DecideAgain));
    all.extend((left.permanents > 0).then_some(Does::Fail(Trouble::Permanent)));
    all
}

/// How its call may end.
pub(crate) fn call_ends(bounds: &Bounds, left: &Budget) -> Vec<CallEnd> {
    let mut ends = vec![CallEnd::Booked];
    ends.extend((left.retries > 0).then_some(CallEnd::NotSent(Trouble::Retry)));
    ends.extend((left.waits > 0).then_some(CallEnd::NotSent(Trouble::Wait)));
    if left.ambiguous > 0 {
        ends.push(CallEnd::NoAnswer { booked: true });
        // Where keys are honoured, a call that did not book is one that was not sent.
        ends.extend(
            (bounds.partner == Partner::IgnoresKeys).then_some(CallEnd::NoAnswer { booked: false }),
        );
    }
    ends
}

/// Makes the call, and says what the agent does after it.
pub(crate) fn call(bounds: &Bounds, world: &mut World, owned: &TaskRecord, end: CallEnd) -> Step {
    let honoured = bounds.partner == Partner::HonoursKeys;
    let booked = match end {
        CallEnd::Booked => true,
        CallEnd::NotSent(_) => false,
        CallEnd::NoAnswer { booked } => booked,
    };
    // The shipped key is made of shipment, leg and generation, which no write of
    // the task protocol changes.
    let epoch = bounds.without == Without::KeyWithoutEpoch;
    let key = if epoch { owned.epoch.get() } else { 0 };
    if booked && !(honoured && world.booked.contains(&key)) {
        world.booked.push(key);
    }
    match end {
        CallEnd::Booked if honoured => Step::Commit,
        CallEnd::Booked => Step::Note,
        CallEnd::NotSent(trouble) => {
            spend(&mut world.left, trouble);
            if notes_its_intent(bounds) { Step::Clear(trouble) } else { Step::Fail(trouble) }
        }
        CallEnd::NoAnswer { .. } => {
            world.left.ambiguous -= 1;
            let trouble = if honoured { Trouble::Retry } else { Trouble::Ambiguous };
            Step::Fail(trouble)
        }
    }
}

/// Takes a trouble off the budget.
pub(crate) fn spend(left: &mut Budget, trouble: Trouble) {
    match trouble {
        Trouble::Retry => left.retries -= 1,
        Trouble::Permanent => left.permanents -= 1,
        Trouble::Wait => left.waits -= 1,
        Trouble::Ambiguous => {}
    }
}

/// The checkpoint of a booking.
pub(crate) fn noted() -> Checkpoints {
    Checkpoints::from([(BOOK.to_owned(), "\"booked\"".to_owned())])
}

/// The note that a call is about to be made.
pub(crate) fn intent(bounds: &Bounds) -> Intent {
    // A call that is made late outlasts the limit that was noted before it: what
    // stops an answer then is the lease.
    let until = if bounds.slow_calls { EARLY } else { LEASE_END };
    Intent { effect: BOOK.to_owned(), until }
}

fn notes_its_intent(bounds: &Bounds) -> bool {
    bounds.partner == Partner::IgnoresKeys && bounds.without != Without::IntentBeforeCall
}

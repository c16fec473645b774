//! What must hold in every state, and what the search must reach.

use crate::fleet::Fleet;
use crate::world::{Broken, Cause, Phase, World};
use flotilla_task::{ReasonCode, StatusKind};
use stateright::Property;

pub(crate) const NEVER_LOST: &str = "an event or open task always has a message";
pub(crate) const COMMITTED_ONCE: &str = "a stage commits at most once";
pub(crate) const FENCED_INVISIBLE: &str = "no write by a fenced owner is visible";
pub(crate) const ENDED_STAYS: &str = "what is completed or cancelled stays so";
pub(crate) const BOOKED_ONCE: &str = "a booking is made at most once";
pub(crate) const LETTERED: &str = "a failed task ends in the dead-letter queue";
pub(crate) const SENDS_STORED: &str = "a message says what the record has stored";
pub(crate) const ANNOUNCED: &str = "a call after a cancel is announced by the record";
pub(crate) const EXPLAINED: &str = "no agent closes a call that may have happened as a failure";
pub(crate) const MENDED: &str = "recovery sees every task that lost its message";
pub(crate) const AT_REST: &str = "in the end the task is closed or a person has it";

pub(crate) const TAKEOVER: &str = "a task is taken over from a worker that still works";
pub(crate) const FENCED: &str = "a late owner is fenced";
pub(crate) const RESENT: &str = "a replay sends the stored message";
pub(crate) const ADOPTED: &str = "a write whose answer was lost is adopted";
pub(crate) const HELD: &str = "a task is held";
pub(crate) const DEAD_LETTER: &str = "a failure reaches the dead-letter queue";
pub(crate) const ORPHANED: &str = "a task has lost its only message";
pub(crate) const RECOVERED: &str = "recovery sends again";
pub(crate) const UNRECOVERED: &str = "recovery gives up";
pub(crate) const CANCELLED: &str = "a task is cancelled";
pub(crate) const RESUMED: &str = "an operator lets a task go on";
pub(crate) const COMPLETED: &str = "a task is completed and nothing is left";
pub(crate) const DECIDED_AGAIN: &str = "a task is decided again";

type Holds = fn(&Fleet, &World) -> bool;

const ALWAYS: [(&str, Holds); 11] = [
    (NEVER_LOST, |_, world| !world.is_open() || world.is_carried() || world.memory.orphaned),
    (COMMITTED_ONCE, |_, world| !world.has(Broken::CommittedTwice)),
    (FENCED_INVISIBLE, |_, world| !world.has(Broken::FencedWriteVisible)),
    (ENDED_STAYS, |_, world| !world.has(Broken::EndedChanged)),
    (BOOKED_ONCE, |_, world| world.booked.len() <= 1),
    (LETTERED, |_, world| {
        world.kind() != Some(StatusKind::Failed)
            || world.memory.lettered
            || world.is_carried()
            || reason(world) == Some(ReasonCode::Unrecovered)
    }),
    (SENDS_STORED, |_, world| !world.has(Broken::UnstoredSent)),
    (ANNOUNCED, |_, world| !world.has(Broken::UnannouncedCall)),
    (EXPLAINED, |_, world| {
        let open = world.record.as_ref().is_some_and(|record| record.intent.is_some());
        let failed = world.kind() == Some(StatusKind::Failed);
        !(open && failed && reason(world) == Some(ReasonCode::RetriesExhausted))
    }),
    (MENDED, |_, world| !world.has(Broken::Overlooked)),
    (AT_REST, |fleet, world| {
        let lost_before_its_task = world.record.is_none() && world.memory.orphaned;
        !fleet.is_at_rest(world) || !world.is_open() || lost_before_its_task
    }),
];

const SOMETIMES: [(&str, Holds); 13] = [
    (TAKEOVER, |_, world| {
        let Some(now) = &world.record else { return false };
        now.status.kind() == StatusKind::Running
            && world.workers.iter().any(|worker| match &worker.phase {
                Phase::Owning { record, .. } => {
                    record.epoch < now.epoch && !world.wrote(worker.by())
                }
                Phase::Received | Phase::Repeat { .. } | Phase::Settling { .. } => false,
            })
    }),
    (FENCED, |_, world| settles(world, Cause::Fenced)),
    (RESENT, |_, world| settles(world, Cause::Resent)),
    (ADOPTED, |_, world| settles(world, Cause::Adopted)),
    (HELD, |_, world| world.kind() == Some(StatusKind::Held)),
    (DEAD_LETTER, |_, world| world.kind() == Some(StatusKind::Failed) && world.memory.lettered),
    (ORPHANED, |_, world| world.memory.orphaned),
    (RECOVERED, |_, world| world.record.as_ref().is_some_and(|record| record.resends > 0)),
    (UNRECOVERED, |_, world| {
        world.kind() == Some(StatusKind::Failed) && reason(world) == Some(ReasonCode::Unrecovered)
    }),
    (CANCELLED, |_, world| world.kind() == Some(StatusKind::Cancelled)),
    (RESUMED, |_, world| world.operator.is_some()),
    (COMPLETED, |_, world| world.kind() == Some(StatusKind::Completed) && world.is_quiet()),
    (DECIDED_AGAIN, |fleet, world| {
        fleet.0.budget.rounds > world.left.rounds && world.kind() == Some(StatusKind::Completed)
    }),
];

/// Those that must hold always, and those that must be reached.
pub(crate) fn all(reaches: &[&str]) -> Vec<Property<Fleet>> {
    let always = ALWAYS.iter().map(|(name, holds)| Property::always(name, *holds));
    let reached = SOMETIMES.iter().filter(|(name, _)| reaches.contains(name));
    always.chain(reached.map(|(name, holds)| Property::sometimes(name, *holds))).collect()
}

fn settles(world: &World, why: Cause) -> bool {
    world.workers.iter().any(|worker| match &worker.phase {
        Phase::Settling { cause, .. } => *cause == why,
        Phase::Received | Phase::Repeat { .. } | Phase::Owning { .. } => false,
    })
}

fn reason(world: &World) -> Option<ReasonCode> {
    Some(world.record.as_ref()?.reason.as_ref()?.code)
}

//! By which id an event is known, and which one it takes back.

use super::super::ids;
use crate::Invalid;
use crate::fields::Field;
use flotilla_task::EventId;

/// What is no part of the event itself: when a server stored it, in which
/// context it was written, and whether it was taken back later.
const OUTSIDE: [&str; 3] = ["recordTime", "@context", "errorDeclaration"];

/// The ids of an event.
pub(super) struct Identity {
    /// Its own.
    pub(super) event: EventId,
    /// The event that it takes back.
    pub(super) withdrawn: Option<EventId>,
}

/// An event with an error declaration is the earlier one once more, under the
/// same `eventID`; that it is taken back is an event of its own.
pub(super) fn of(event: &Field<'_>) -> Result<Identity, Invalid> {
    let id = id(event)?;
    if event.optional("errorDeclaration")?.is_none() {
        return Ok(Identity { event: id, withdrawn: None });
    }
    Ok(Identity { event: ids::named(&format!("{id}#error"))?, withdrawn: Some(id) })
}

/// The id of the event itself, taken back or not.
pub(super) fn id(event: &Field<'_>) -> Result<EventId, Invalid> {
    ids::of(event, &OUTSIDE)
}

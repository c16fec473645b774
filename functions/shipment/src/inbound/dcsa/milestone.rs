//! What an actual event means for a shipment on its way.
//!
//! | type | code | milestone |
//! |---|---|---|
//! | transport | `ARRI` arrived | arrived |
//! | transport | `DEPA` departed | departed |
//! | equipment | `GTOT` gated out | departed |
//! | equipment | `DISC` discharged | arrived |
//! | equipment | `PICK` picked up | picked up |
//! | equipment | `DROP` dropped off | received |
//! | shipment | `HOLD` on hold, `REJE` rejected, `VOID`, `CANC` cancelled (2.3) | stopped |
//! | any | anything else, such as `GTIN`, `LOAD`, `STUF`, `STRP`, `INSP`, `ISSU` | seen |
//!
//! Received is delivered at the destination and arrived elsewhere, which is for
//! processing to tell.

use super::super::RECEIVED;
use super::Type;
use crate::event::Milestone;

/// The milestone's name, as tracking events write it.
pub(super) fn of(kind: Type, code: &str) -> &'static str {
    let milestone = match (kind, code) {
        (Type::Transport, "ARRI") | (Type::Equipment, "DISC") => Milestone::Arrived,
        (Type::Transport, "DEPA") | (Type::Equipment, "GTOT") => Milestone::Departed,
        (Type::Equipment, "PICK") => Milestone::PickedUp,
        (Type::Equipment, "DROP") => return RECEIVED,
        (Type::Shipment, "HOLD" | "REJE" | "VOID" | "CANC") => Milestone::Stopped,
        (Type::Transport | Type::Equipment | Type::Shipment, _) => Milestone::Seen,
    };
    milestone.as_str()
}

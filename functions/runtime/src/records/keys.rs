//! The keys of the table's items.

use crate::table::item::wrong;
use flotilla_shipment::identifier::Identifier;
use flotilla_shipment::slot::{Generation, MAIN_LEG};
use flotilla_shipment::week::Week;
use flotilla_task::{EventId, ShipmentId, Source, StoreError, fingerprint};

/// Prefix of identifiers' partitions.
const IDENTIFIER: &str = "ID#";
/// Sort key of an identifier's owner.
pub const OWNER: &str = "OWNER";
/// Prefix of the sort keys of what is or was in a load.
pub const CHILD: &str = "CHILD#";
/// Stands for every child. No identifier is written so.
pub const EVERY_CHILD: &str = "*";
/// Prefix of kept events' sort keys. After `OWNER`, up to which a load is read.
pub const KEPT: &str = "SEEN#";
/// Prefix of parked events' sort keys.
pub const PARKED: &str = "PARKED#";
/// Sort key of a shipment's state.
pub const SHIPMENT: &str = "SHIPMENT";
/// Sort key of what a shipment's newest order says.
pub const ORDER: &str = "ORDER";
/// Sort key of a shipment's personal data.
pub const CONTACT: &str = "CONTACT";
/// Prefix of the decision log's sort keys.
pub const DECISION: &str = "DECISION#";
/// Prefix of a lane's sort keys.
pub const WEEK: &str = "WEEK#";

/// Sort key of a source's cursor.
pub const CURSOR: &str = "CURSOR";
/// Sort key of a partner's breaker.
pub const BREAKER: &str = "BREAKER";
/// Sort key of what is taken of a partner's rate.
pub const RATE: &str = "RATE";

/// After every sort key that starts with a prefix ending in `#`.
#[must_use]
pub fn after(prefix: &str) -> String {
    format!("{prefix}\u{7f}")
}

/// The partition of an identifier.
#[must_use]
pub fn identifier(identifier: &Identifier) -> String {
    format!("{IDENTIFIER}{}", identifier.index_key())
}

/// The identifier whose partition that is.
///
/// # Errors
/// [`StoreError::Unreadable`] when it is another kind of partition.
pub fn identifier_in(pk: &str) -> Result<Identifier, StoreError> {
    let name = pk.strip_prefix(IDENTIFIER).and_then(|name| name.parse().ok());
    name.ok_or_else(|| wrong("pk", pk))
}

/// The partition of a shipment.
#[must_use]
pub fn shipment(shipment: &ShipmentId) -> String {
    format!("SHIPMENT#{shipment}")
}

/// The sort key of what is or was in a load; `None`: of all that is in it.
#[must_use]
pub fn child(child: Option<&Identifier>) -> String {
    match child {
        Some(child) => format!("{CHILD}{}", child.index_key()),
        None => format!("{CHILD}{EVERY_CHILD}"),
    }
}

/// The sort key of a parked event.
#[must_use]
pub fn parked(source: &Source, event: &EventId) -> String {
    format!("{PARKED}{}", fingerprint(&[source.as_str(), event.as_str()]))
}

/// The sort key of a kept event: they stand in the order in which they happened.
#[must_use]
pub fn kept(at: jiff::Timestamp, event: Option<(&Source, &EventId)>) -> String {
    let mark = event.map(|(source, event)| fingerprint(&[source.as_str(), event.as_str()]));
    format!("{KEPT}{:014}#{}", at.as_millisecond().max(0), mark.unwrap_or_default())
}

/// The sort key of a shipment's booking slot.
#[must_use]
pub fn slot() -> String {
    format!("SLOT#{MAIN_LEG}")
}

/// The sort key that marks a booking's outcome as counted.
#[must_use]
pub fn outcome(generation: Generation) -> String {
    format!("OUTCOME#{MAIN_LEG}#{}", generation.0)
}

/// The partition of a partner.
#[must_use]
pub fn partner(id: &str) -> String {
    format!("PARTNER#{id}")
}

/// The partition of a lane.
#[must_use]
pub fn lane(name: &str) -> String {
    format!("LANE#{name}")
}

/// The partition of a source.
#[must_use]
pub fn source(source: &Source) -> String {
    format!("SOURCE#{source}")
}

/// The prefix of a lane's sort keys in a week.
#[must_use]
pub fn week(week: Week) -> String {
    format!("{WEEK}{week}#")
}

/// The sort key of a carrier's service on a lane in a week. The week comes first,
/// so that a range of them is one range of keys.
#[must_use]
pub fn carrier_week(of: Week, carrier: &str, service: &str) -> String {
    format!("{}{carrier}#{service}", week(of))
}

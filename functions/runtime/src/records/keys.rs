//! The keys of the table's items.

use flotilla_shipment::identifier::Identifier;
use flotilla_shipment::slot::{Generation, MAIN_LEG};
use flotilla_shipment::week::Week;
use flotilla_task::{EventId, ShipmentId, Source, fingerprint};

/// Sort key of an identifier's owner.
pub const OWNER: &str = "OWNER";
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

/// After every sort key that starts with a prefix ending in `#`.
#[must_use]
pub fn after(prefix: &str) -> String {
    format!("{prefix}\u{7f}")
}

/// The partition of an identifier.
#[must_use]
pub fn identifier(identifier: &Identifier) -> String {
    format!("ID#{}", identifier.index_key())
}

/// The partition of a shipment.
#[must_use]
pub fn shipment(shipment: &ShipmentId) -> String {
    format!("SHIPMENT#{shipment}")
}

/// The sort key of a parked event.
#[must_use]
pub fn parked(source: &Source, event: &EventId) -> String {
    format!("{PARKED}{}", fingerprint(&[source.as_str(), event.as_str()]))
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

/// The partition of a lane.
#[must_use]
pub fn lane(name: &str) -> String {
    format!("LANE#{name}")
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

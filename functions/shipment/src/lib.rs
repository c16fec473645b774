//! The domain of the first fleet: shipment events in, steering decisions out.
//!
//! Everything here is pure: no clock, no network, no AWS type. The five agents
//! call it in this order.
//!
//! ```text
//! ingestion      pull                a source's page -> bodies of messages
//!                inbound::read       body of a message -> Received (+ ids, contact)
//! processing     process::normalise  Received + Memory -> Normalised
//! decision       decide::decide      Normalised + Policy + Places + LaneStats -> Decision
//! communication  slot, Decided       books through the slot, decides again when it lost
//! state          memory              ShipmentState::fold(Concluded), outcome -> LaneStats
//! ```
//!
//! **Architecture invariant:** no float carries money or weight. Prices are cents
//! in `i64`, weights whole grams, both read from the sender's decimal digits.
//!
//! **Architecture invariant:** personal data leaves this crate only as
//! [`inbound::Contact`]; no payload, decision or error text contains any.

pub mod answers;
mod csv;
pub mod decide;
pub mod decision;
pub mod effect;
pub mod event;
mod fields;
pub mod gs1;
pub mod identifier;
pub mod inbound;
mod invalid;
mod iso6346;
pub mod lane;
pub mod load;
pub mod memory;
pub mod partner;
pub mod payload;
pub mod places;
pub mod policy;
pub mod ports;
pub mod process;
pub mod pull;
pub mod quantity;
#[cfg(test)]
mod samples;
pub mod size;
pub mod slot;
pub mod sources;
mod toml_section;
pub mod week;
pub mod words;
mod zone;

pub use invalid::Invalid;

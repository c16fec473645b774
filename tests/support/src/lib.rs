//! What stands around functions under test: a host that runs them ([`host`]), a
//! [`store`] in this process, a [`collector`] of their traces, and the wire proxy, which
//! stands between the functions and a local cloud, records every AWS call and makes some
//! of them go wrong.
//!
//! ```text
//! GET    /_wire/calls       every call since the start or the last DELETE
//! DELETE /_wire/calls       forgets them
//! GET    /_wire/faults      the rules in force, with how often each may still act
//! POST   /_wire/faults      adds a rule: {"action":"PutItem","do":"lose_answer","times":1}
//! DELETE /_wire/faults      no more faults
//! GET    /_wire/seen        takeovers, fenced writes and faults so far
//! anything else             goes to the cloud as it came, and its answer back
//! ```
//!
//! Who calls is told by the application name in the SDK's user agent, which the
//! runtime sets to the function's name. The proxy does not sign again, so it
//! works in front of emulators, which do not check signatures, and not of AWS.

pub mod collector;
pub mod host;
pub mod own_thread;
pub mod store;

mod about;
mod action;
mod entries;
mod fault;
mod proxy;
mod record;
mod server;
mod units;
mod witness;

pub use about::{Sent, Written};
pub use action::{Called, Part, caller};
pub use fault::{Fault, Kind};
pub use record::{Call, Record};
pub use server::{Error, Running, listen, serve, start};
pub use units::item_bytes;
pub use witness::Seen;

//! The stand-in outside world, over real HTTP: three carriers with different
//! speed, price and mood, a dispatch desk, and a ledger of what they were
//! really asked to do.
//!
//! ```text
//! POST   /carriers/{id}/bookings              book, with an Idempotency-Key
//! GET    /carriers/{id}/bookings?key=KEY      look up
//! DELETE /carriers/{id}/bookings/{reference}  cancel
//! POST   /dispatch/notices                    tell the dispatch desk
//! GET    /ledger                              everything that was really done
//! GET    /moods, POST /moods/{partner}        see and set moods
//! GET    /healthz
//! ```
//!
//! The ledger is one of the three books the reconciler compares, so it records
//! what happened and never what should have: a partner that books twice for
//! one key writes two bookings into it. Tests start the world in their own
//! process with [`start`].

mod bookings;
mod carriers;
mod input;
mod ledger;
mod line;
mod moods;
mod notices;
mod problem;
mod routes;
mod server;
mod world;

pub use carriers::{CARRIERS, Carrier, Service};
pub use ledger::{Booking, Ledger, Notice, Status};
pub use moods::{DISPATCH, Mood, Moods};
pub use server::{Error, Running, listen, serve, start, stop_signal};
pub use world::World;

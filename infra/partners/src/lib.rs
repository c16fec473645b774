//! The stand-in outside world, over real HTTP: three carriers with different
//! speed, price and mood, a dispatch desk, the shop's webhook, a warehouse and a
//! tracking system that speak the standards of their trade, and a ledger of what
//! all of them were really asked to do.
//!
//! ```text
//! POST   /carriers/{id}/bookings              book, with an Idempotency-Key
//! GET    /carriers/{id}/bookings?key=KEY      look up
//! DELETE /carriers/{id}/bookings/{reference}  cancel
//! POST   /dispatch/notices                    tell the dispatch desk
//! POST   /customer/events                     tell the shop, which tells its customer
//! POST   /warehouse/capture                   EPCIS 2.0: take a document
//! GET    /warehouse/events                    EPCIS 2.0: query, page by page
//! GET    /tracking/v2/events                  DCSA Track & Trace 2.2: query, page by page
//! POST   /tracking/v2/events                  the stand-in's own: what to tell
//! GET    /yard/moves, /yard/moves.csv         plain feeds, in pages and as one file
//! POST   /yard/moves                          the stand-in's own: what to tell
//! POST   /oddities/{source}                   what a source sends instead of pages
//! GET    /ledger                              everything that was really done
//! GET    /moods, POST /moods/{partner}        see and set moods
//! POST   /signatures/{receiver}               the keys whose signatures it takes
//! GET    /healthz
//! ```
//!
//! The ledger is one of the three books the reconciler compares, so it records
//! what happened and never what should have: a partner that books twice for
//! one key writes two bookings into it. Tests start the world in their own
//! process with [`start`].

mod answers;
mod bookings;
mod carriers;
mod dialect;
mod feed;
mod input;
mod ledger;
mod line;
mod moods;
mod notices;
mod oddity;
mod problem;
mod query;
mod routes;
mod server;
mod signatures;
mod tracking;
mod warehouse;
mod world;
mod yard;

pub use answers::Answers;
pub use carriers::{CARRIERS, Carrier, Service};
pub use ledger::{Booking, Ledger, Notice, Status};
pub use moods::{CUSTOMER, DISPATCH, Mood, Moods, TRACKING, WAREHOUSE};
pub use server::{Error, Running, listen, serve, start, stop_signal};
pub use world::World;
pub use yard::YARD;

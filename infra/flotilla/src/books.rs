//! The three books the reconciler compares. Nobody who writes one reads another.
//!
//! 1. [`SentBook`]: the generator's list of what was sent and what must become of it.
//! 2. [`TableBook`]: what the fleet's table and its dead-letter queues hold.
//! 3. [`WorldBook`]: what the partners were really asked to do.

pub mod items;
mod sent;
mod table;
mod world;

pub use sent::{Entry, Event, Fate, SentBook};
pub use table::{DeadLetter, Decided, Parked, SlotItem, TableBook, Task, Why};
pub use world::{Booking, Notice, WorldBook};

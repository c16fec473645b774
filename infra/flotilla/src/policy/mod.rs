//! A dry run: what another policy would have decided, and what that would cost.
//!
//! The decision log keeps what every decision looked at: the event and what was known
//! of the shipment. Both policies decide on that again, so that whatever differs is
//! the policy's doing. Two things a decision looked at are not in the log, and a
//! decision that they changed is told apart instead of compared:
//!
//! - what was learned of the lane by then: the sums of its week may have grown since;
//! - that a carrier had refused the shipment before, and was left out.

mod command;
mod compare;
mod recorded;
mod tell;

pub use command::Command;
pub use compare::{Change, Comparison, Side, compare};
pub use recorded::{NotRead, Recorded, of_book, read, write};

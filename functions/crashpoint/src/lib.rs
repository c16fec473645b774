//! Named places between two steps of the protocol at which a test may stop a process.
//!
//! A function calls [`reach`] at each of them. Where [`VARIABLE`] names one, the
//! process announces itself there and stands still until it is killed or told to
//! go on:
//!
//! ```text
//! FLOTILLA_CRASH_AT=claimed@127.0.0.1:4711      the first time
//! FLOTILLA_CRASH_AT=claimed:3@127.0.0.1:4711    the third time
//! ```
//!
//! **Architecture invariant:** this exists in builds with debug assertions only.
//! What is deployed has an empty function here and does not hold the variable's name.

mod point;
#[cfg(debug_assertions)]
mod stop;

pub use point::Point;

/// Names the point at which to stop, which time, and who is to be told.
pub const VARIABLE: &str = "FLOTILLA_CRASH_AT";

/// Announces itself and stands still, when this is the point and the time that
/// the environment names.
#[cfg(debug_assertions)]
pub fn reach(point: Point) {
    stop::at(point);
}

/// Does nothing: this is a deploy build.
#[cfg(not(debug_assertions))]
#[inline]
pub const fn reach(_: Point) {}

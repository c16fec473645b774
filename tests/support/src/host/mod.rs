//! A host for functions: runs a `bootstrap` as a process that speaks the Lambda
//! Runtime API, and lets a test do to it what a cloud does by accident.
//!
//! ```text
//! launch       what to run, with which settings and time limit
//! environment  one process: invoke, kill, stop, continue, see it end
//! api          the Runtime API of that process
//! process      its end, and what it prints
//! trap         where a process announces that it has reached a crash point
//! queue        an SQS queue: receive, delete, show again
//! event        messages in the shape in which Lambda hands them over
//! mapping      a queue that calls a function, and what becomes of its messages
//! answer       what the function says about them
//! ```
//!
//! A local cloud ends a process at its time limit, so it never shows one that
//! wakes up after its lease has lapsed. Here a process may outlive its limit, two
//! may work on one queue, and nothing happens that the test has not asked for.

mod answer;
mod api;
mod environment;
mod event;
mod launch;
mod mapping;
mod process;
mod queue;
mod trap;

pub use answer::acknowledged;
pub use environment::{Environment, InitFailed, Outcome};
pub use event::sqs_event;
pub use launch::{Launch, Overrun};
pub use mapping::{Delivery, Mapping, Tally};
pub use queue::{Depth, Queue, QueueError};
pub use trap::{Caught, Trap};

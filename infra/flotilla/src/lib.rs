//! The `flotilla` command: sends events, watches the stages, kills processes,
//! compares three books and tells stories.
//!
//! ```text
//! cli        what can be asked
//! generate   a day from a seed, and what must become of it      (pure)
//! books      the three books, and how items are decoded
//! reconcile  compares the books                                 (pure)
//! offer      batches for the ingestion queue, and the first book
//! watch      the stages, until the fleet is quiet
//! processes  the local cloud's own
//! see        what an operator looks at
//! steer      what an operator changes
//! operator   the fleet as both hold it, the protocol's writes included
//! answer     one document for a program, lines for a person
//! progress   what is told while something lasts
//! span       times as people give them                         (pure)
//! pace       how fast the table is scanned, and what is told meanwhile
//! cloud      stack, queues, table, logs through the AWS clients
//! policy     what another policy would have decided            (pure)
//! partners   the ledger of the outside world
//! directory  whom the fleet calls                               (pure)
//! counts     as floats, and as people read them                 (pure)
//! wire       the proxy that lets calls go wrong in a storm
//! demo       sends, kills and watches; report and story tell
//! chaos      the same in a storm
//! surge      a load after a profile, measured second by second
//! plan       what a forecast needs before it comes
//! ```
//!
//! **Architecture invariant:** it asks no function what happened. It reads what
//! the functions wrote, and compares that with what others wrote.

pub mod answer;
pub mod books;
pub mod chaos;
pub mod cli;
pub mod cloud;
pub mod counts;
pub mod demo;
pub mod directory;
pub mod error;
pub mod generate;
mod offer;
pub mod operator;
pub mod pace;
pub mod parked;
pub mod partners;
pub mod plan;
pub mod policy;
mod processes;
pub mod progress;
pub mod reconcile;
pub mod report;
pub mod see;
pub mod send;
pub mod sources;
pub mod span;
pub mod steer;
pub mod story;
pub mod surge;
pub mod watch;
pub mod wire;

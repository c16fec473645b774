//! The planner: from a forecast of arrivals to what each agent needs before they come.
//!
//! ```text
//! book       the price file
//! limits     what AWS allows, from that file
//! rates      a rate over time, from points or a file
//! forecast   what is expected to come, and when
//! formula    sizing rules, and queues in equilibrium
//! place      what is wrong with a file, by line and column
//! network    what is simulated, and what is wrong with it
//! fleet      the five agents as a network: their work, their setup
//! sim        discrete events, and the same aggregated for whole days
//! bound      limits that hold messages up
//! size       what each agent needs
//! bill       what a day costs
//! plan       all of it: the day with the plan and without
//! tell       a plan for a terminal
//! overrides  a plan as parameters of the template
//! schedule   its scheduled actions as a template
//! scale      the fleet at 1,000, 10,000 and 100,000 events a second
//! calibrate  from a measured surge to the next
//! ```
//!
//! **Architecture invariant:** pure. It reads no clock, no environment and no network, and
//! draws from its seed alone: the same forecast, settings and seed make the same plan.

pub mod bill;
pub mod book;
pub mod bound;
pub mod calibrate;
pub mod fleet;
pub mod forecast;
pub mod formula;
pub mod limits;
pub mod network;
pub mod overrides;
mod place;
pub mod plan;
pub mod rates;
pub mod scale;
pub mod schedule;
pub mod sim;
pub mod size;
pub mod tell;

pub use book::Book;
pub use forecast::Forecast;
pub use limits::Limits;
pub use plan::Plan;

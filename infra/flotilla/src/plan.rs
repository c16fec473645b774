//! `flotilla plan`: from a forecast to what each agent needs before it comes.
//!
//! ```text
//! arguments  what can be asked, and the files that are read
//! measured   what a surge measured, as the planner takes it
//! run        makes the plan, writes what is for machines, tells people
//! page       the plan as one HTML file, and its picture
//! compare    one surge predicted from another, in figures and drawn
//! ```
//!
//! It asks no cloud: the planner is `infra/plan`, which is pure.

mod arguments;
mod compare;
mod measured;
mod page;
mod run;

pub use arguments::PlanArguments;
pub use run::run;

//! What an operator looks at: the fleet at a glance and live, a shipment's and a
//! task's story, and which tasks wait, failed or are stuck.
//!
//! Nothing here changes anything.

mod document;
pub mod fleet;
pub mod shipment;
pub mod status;
pub mod task;
pub mod tasks;
pub mod top;

use crate::error::Error;
use crate::operator::Wishes;
use clap::Subcommand;
use std::io::Write;

/// The commands that look.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Tells how the fleet is: agents, partners, policy, and what needs a person.
    Status(status::Arguments),
    /// Shows the fleet live.
    Top(top::Arguments),
    /// Tells a shipment's story in order: events, decisions with reasons, bookings.
    #[command(alias = "story")]
    Shipment(shipment::Arguments),
    /// Tells a task's story in order.
    Task(task::Arguments),
    /// Lists tasks that failed, are held, are stuck, or wait for an order.
    Tasks(tasks::Arguments),
}

impl Command {
    /// Does it and says whether all is well.
    ///
    /// # Errors
    /// [`Error`] when it could not be done.
    pub async fn run(self, wishes: &Wishes, out: &mut dyn Write) -> Result<bool, Error> {
        match self {
            Self::Status(arguments) => arguments.run(wishes, out).await,
            Self::Top(arguments) => arguments.run(wishes, out).await,
            Self::Shipment(arguments) => arguments.run(wishes, out).await,
            Self::Task(arguments) => arguments.run(wishes, out).await,
            Self::Tasks(arguments) => arguments.run(wishes, out).await,
        }
    }
}

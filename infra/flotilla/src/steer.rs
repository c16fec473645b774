//! What an operator changes: tasks, dead letters, agents and partners.
//!
//! Every change goes through the fleet's own conditional writes, can be tried
//! first (`--dry-run`), and is asked about before it is made (`--yes` answers).

pub mod author;
pub mod cancel;
pub mod change;
pub mod dlq;
pub mod forget;
pub mod grant;
pub mod hold;
pub mod over;
pub mod pause;
pub mod rate;
pub mod recovery;
pub mod release;
pub mod resume;
pub mod retry;
#[cfg(test)]
mod samples;
mod tasks;
pub mod wish;
pub mod word;
pub mod words;

pub(crate) use crate::answer::json;
pub use crate::progress;

use crate::error::Error;
use crate::operator::Wishes;
use clap::Subcommand;
use std::io::Write;

/// The commands that change something.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Stops a task that has not ended.
    Cancel(cancel::Arguments),
    /// Holds a task until a person releases it.
    Hold(hold::Arguments),
    /// Lets a held task go on.
    Release(release::Arguments),
    /// Lets a failed task go on at the stage where it failed.
    Retry(retry::Arguments),
    /// Lists, shows, redrives and drops dead letters.
    Dlq(dlq::Arguments),
    /// Pauses an agent or a partner.
    ///
    /// An agent's messages wait in its queue until it is resumed: what polls the queue
    /// is switched off, and work under way ends. They wait no longer than the queue
    /// keeps them (QueueRetentionDays).
    ///
    /// A partner is not called by any environment within about five seconds; calls
    /// under way end. Tasks that need it wait, look again every 30 to 45 seconds, and
    /// count no failure. Each look is two write units: 10,000 tasks that wait for an
    /// hour are about 2 million.
    Pause(pause::Arguments),
    /// Resumes an agent or a partner.
    ///
    /// With --gradually an agent begins with 2 environments and has twice as many at
    /// each step, up to the maximum that the stack gives it, so that a backlog does not
    /// hit its partners all at once. Without, it has its maximum at once; that also ends
    /// a climb which was interrupted. Exit code 1: Ctrl-C left it at a step, or somebody
    /// else paused or resumed it meanwhile.
    ///
    /// A partner whose breaker is open is probed at once instead of when its time is
    /// over. The tasks that wait for it go on within 50 seconds.
    Resume(resume::Arguments),
    /// Erases a person's data from the fleet.
    Forget(forget::Arguments),
}

impl Command {
    /// Does it and says whether all is well.
    ///
    /// # Errors
    /// [`Error`] when it could not be done.
    pub async fn run(self, wishes: &Wishes, out: &mut dyn Write) -> Result<bool, Error> {
        match self {
            Self::Cancel(arguments) => arguments.run(wishes, out).await,
            Self::Hold(arguments) => arguments.run(wishes, out).await,
            Self::Release(arguments) => arguments.run(wishes, out).await,
            Self::Retry(arguments) => arguments.run(wishes, out).await,
            Self::Dlq(arguments) => arguments.run(wishes, out).await,
            Self::Pause(arguments) => arguments.run(wishes, out).await,
            Self::Resume(arguments) => arguments.run(wishes, out).await,
            Self::Forget(arguments) => arguments.run(wishes, out).await,
        }
    }
}

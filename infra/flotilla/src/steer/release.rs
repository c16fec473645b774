//! Lets held tasks go on.

use super::tasks::Tasks;
use super::wish::Wish;
use super::word::Word;
use crate::error::Error;
use crate::operator::Wishes;
use clap::Args;
use std::io::Write;

/// What can be asked for.
#[derive(Debug, Args)]
#[command(after_help = "The task goes on at the stage where it was held, with everything it has \
    done: the release is written, then its message is sent. If this command dies between the two, \
    the same release sends it, or recovery when it next looks (RecoverAfterSeconds and \
    RecoverySchedule of the stack).\n\n\
    A task that was held because nobody knows whether a call happened needs your word on it: ask \
    the partner, then say --done with what its books show, or --not-done, which makes the call \
    again. A word counts when the call can no longer be under way; --wait waits for that. Where \
    the policy asked for a person, the release itself is the consent.\n\n\
    Examples:\n  flotilla release 0f3a5be07c2189d4e6ab30517c9f2d84\n  \
    flotilla release 0f3a5be07c2189d4e6ab30517c9f2d84 --done TT-4711 --cost 18.40 --wait\n  \
    flotilla release 0f3a5be07c2189d4e6ab30517c9f2d84 --not-done")]
pub struct Arguments {
    #[command(flatten)]
    tasks: Tasks,
    #[command(flatten)]
    word: Word,
    /// Wait until it counts, when a call may still be under way.
    #[arg(long)]
    wait: bool,
}

impl Arguments {
    /// Does it and says whether all is well.
    ///
    /// # Errors
    /// [`Error`] when it could not be done.
    pub async fn run(self, wishes: &Wishes, out: &mut dyn Write) -> Result<bool, Error> {
        if self.word.done.is_some() && self.tasks.tasks.len() > 1 {
            let text = "--done: a reference belongs to one task; release them one by one";
            return Err(Error::usage(text.to_owned()));
        }
        self.tasks.wish(&Wish::Release(self.word), self.wait, wishes, out).await
    }
}

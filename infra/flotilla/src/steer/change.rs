//! What every command that changes something has: a dry run, and a question first.

use crate::error::Error;
use clap::Args;
use std::io::{BufRead, IsTerminal, Write};

/// How a change is to be made.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct Change {
    /// Do not ask before the change is made.
    #[arg(long)]
    pub yes: bool,
    /// Say what would be done, and change nothing.
    #[arg(long, conflicts_with = "yes")]
    pub dry_run: bool,
}

impl Change {
    /// Whether the change is to be made. `what` is a sentence without its full stop,
    /// such as `cancel the task 0123`; it is asked on standard error, so that
    /// standard output stays a program's. Where it is not to be made, all is well only
    /// after a dry run: what was asked for and declined has not been done.
    ///
    /// # Errors
    /// [`Error::Usage`] when there is nobody to ask.
    pub fn wanted(self, what: &str) -> Result<bool, Error> {
        let (input, mut screen) = (std::io::stdin(), std::io::stderr());
        if self.dry_run {
            writeln!(screen, "Would {what}. Nothing was changed.")?;
            return Ok(false);
        }
        if self.yes {
            return Ok(true);
        }
        if !input.is_terminal() {
            let text = format!("asked to {what}, and nobody is there to confirm it; add --yes");
            return Err(Error::usage(text));
        }
        write!(screen, "About to {what}. Go on? [y/N] ")?;
        screen.flush()?;
        let mut answer = String::new();
        input.lock().read_line(&mut answer)?;
        let yes = matches!(answer.trim(), "y" | "Y" | "yes");
        if !yes {
            writeln!(screen, "Nothing was changed.")?;
        }
        Ok(yes)
    }
}

//! The fleet live, in a terminal.
//!
//! ```text
//! view     what is shown, and what a key or a look changes    (pure)
//! draw     the view as a frame                                (pure)
//! detail   what is asked about one agent or one task
//! screen   the terminal, the keys, and the loop between them
//! ```

mod detail;
mod draw;
mod screen;
mod view;

use super::fleet::given::Given;
use super::fleet::json::json;
use super::fleet::needs::needs;
use crate::answer;
use crate::cloud::Cloud;
use crate::error::Error;
use crate::operator::Wishes;
use crate::span::span;
use clap::Args;
use flotilla_task::SystemClock;
use std::io::{IsTerminal, Write};
use std::time::Duration;
use view::{Happened, View};

/// How far back invocations are looked at: rates are of this long.
const WINDOW: Duration = Duration::from_secs(60);
/// A look waits no longer than this for logs.
const PATIENCE: Duration = Duration::from_secs(4);
/// The fastest refresh, in seconds: CloudWatch Logs allows an account ten reads a second in
/// most regions, and a look takes seven to fourteen. Source: CloudWatch Logs quotas,
/// FilterLogEvents.
const FASTEST: u64 = 2;
const HOUR: u64 = 3600;

/// What can be asked for.
#[derive(Debug, Args)]
#[command(
    after_help = "Keys: up and down select, enter goes into an agent and from there into a task, \
                  esc goes\nback, p stops the refresh and starts it again, ? shows help, q \
                  quits. Rates and times\nare those of the last minute.\n\nExamples:\n  flotilla \
                  top\n  flotilla top --every 5s\n  flotilla top --once"
)]
pub struct Arguments {
    /// How often the fleet is looked at, such as 5s or 1m: 2 s to 1 h.
    #[arg(long, default_value = "2s", value_parser = span::<FASTEST, HOUR>, value_name = "TIME")]
    every: Duration,
    /// Print one frame as text and end.
    #[arg(long)]
    once: bool,
    #[command(flatten)]
    given: Given,
}

impl Arguments {
    /// Shows it until a key ends it.
    ///
    /// # Errors
    /// [`Error`] when it could not be done. A cloud that stops answering while the view
    /// is open is shown there.
    pub async fn run(self, wishes: &Wishes, out: &mut dyn Write) -> Result<bool, Error> {
        let wish = self.given.wish(WINDOW, PATIENCE)?;
        if !(self.once || wishes.json || std::io::stdout().is_terminal()) {
            return Err(Error::environment(
                "opening the live view",
                "the output is no terminal",
                "`flotilla status --json` says the same to a program, `flotilla top --once` \
                 prints one frame.",
            ));
        }
        let cloud = Cloud::connect(&wishes.stack).await?;
        let mut view = View::new(&wishes.stack, self.every);
        if !(self.once || wishes.json) {
            screen::run(&cloud, &wish, view).await?;
            return Ok(true);
        }
        let fleet = cloud.snapshot(&wish, &SystemClock).await?;
        if wishes.json {
            answer::json(&json(&fleet, &needs(&fleet)), out)?;
        } else {
            view.update(Happened::Looked(Box::new(fleet)));
            write!(out, "{}", draw::as_text(&view))?;
        }
        Ok(true)
    }
}

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
use crate::cloud::Cloud;
use crate::error::Error;
use crate::operator::Wishes;
use clap::Args;
use flotilla_task::SystemClock;
use std::io::{IsTerminal, Write};
use std::time::Duration;
use view::{Happened, View};

/// How far back invocations are looked at: rates are of this long.
const WINDOW: Duration = Duration::from_secs(60);
/// A look waits no longer than this for logs.
const PATIENCE: Duration = Duration::from_secs(4);
/// The fastest refresh: CloudWatch Logs allows an account ten reads a second in most
/// regions, and a look takes seven to twelve. Source: CloudWatch Logs quotas,
/// FilterLogEvents.
const FASTEST: Duration = Duration::from_secs(1);

/// What can be asked for.
#[derive(Debug, Args)]
#[command(
    after_help = "Keys: up and down select, enter goes into an agent and from there into a task, \
                  esc goes\nback, p stops the refresh and starts it again, ? shows help, q \
                  quits. Rates and times\nare those of the last minute.\n\nExamples:\n  flotilla \
                  top\n  flotilla top --every 5s\n  flotilla top --once"
)]
pub struct Arguments {
    /// How often the fleet is looked at, such as 2s or 1m; a second at least.
    #[arg(long, default_value = "2s", value_parser = every, value_name = "TIME")]
    every: Duration,
    /// Print one frame as text and end.
    #[arg(long)]
    once: bool,
    #[command(flatten)]
    given: Given,
}

fn every(text: &str) -> Result<Duration, String> {
    let wrong = || format!("expected a time of a second or more, such as 2s, got {text:?}");
    let parsed: jiff::SignedDuration = text.parse().map_err(|_| wrong())?;
    let time = Duration::try_from(parsed).map_err(|_| wrong())?;
    if time < FASTEST { Err(wrong()) } else { Ok(time) }
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
            writeln!(out, "{:#}", json(&fleet, &needs(&fleet)))?;
        } else {
            view.update(Happened::Looked(Box::new(fleet)));
            write!(out, "{}", draw::as_text(&view))?;
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_refresh_is_a_time_that_the_cloud_can_bear() {
        assert_eq!(every("2s"), Ok(Duration::from_secs(2)));
        assert_eq!(every("1m"), Ok(Duration::from_secs(60)));
        for wrong in ["2", "", "0s", "-2s", "100ms", "soon"] {
            assert!(every(wrong).unwrap_err().contains(&format!("got {wrong:?}")), "{wrong}");
        }
    }
}

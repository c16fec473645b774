//! The fleet at a glance.

mod page;

use super::fleet::given::Given;
use super::fleet::json::json;
use super::fleet::needs::needs;
use crate::answer;
use crate::cloud::Cloud;
use crate::error::Error;
use crate::operator::Wishes;
use anstream::adapter::strip_str;
use anstream::{AutoStream, ColorChoice};
use clap::Args;
use flotilla_task::SystemClock;
use std::io::Write;
use std::time::Duration;

/// How far back invocations are looked at.
const WINDOW: Duration = Duration::from_secs(300);
/// A glance waits no longer than this for logs.
const PATIENCE: Duration = Duration::from_secs(5);

/// What can be asked for.
#[derive(Debug, Args)]
#[command(
    after_help = "Rates and times are those of the last five minutes. A task that failed is told \
                  until it\ngoes on (`flotilla retry`) or expires. Exit code 1 says that something \
                  needs a person.\nReads queue attributes, an index and a few items; it scans \
                  nothing.\n\nExamples:\n  flotilla status\n  flotilla status --json | jq \
                  '.needs'"
)]
pub struct Arguments {
    #[command(flatten)]
    given: Given,
}

impl Arguments {
    /// Does it and says whether all is well.
    ///
    /// # Errors
    /// [`Error`] when it could not be done.
    pub async fn run(self, wishes: &Wishes, out: &mut dyn Write) -> Result<bool, Error> {
        let wish = self.given.wish(WINDOW, PATIENCE)?;
        let cloud = Cloud::connect(&wishes.stack).await?;
        let fleet = cloud.snapshot(&wish, &SystemClock).await?;
        let needs = needs(&fleet);
        if wishes.json {
            answer::json(&json(&fleet, &needs), out)?;
        } else {
            let page = page::tell(&fleet, &needs, &wishes.stack);
            // `NO_COLOR` and its like are honoured, and a file gets none.
            match AutoStream::choice(&std::io::stdout()) {
                ColorChoice::Never => write!(out, "{}", strip_str(&page))?,
                ColorChoice::Auto | ColorChoice::AlwaysAnsi | ColorChoice::Always => {
                    write!(out, "{page}")?;
                }
            }
        }
        Ok(needs.is_empty())
    }
}

//! Tasks that need a person, or may: failed, held, stuck; and events that wait.

mod find;
mod list;

use crate::answer::json;
use crate::error::Error;
use crate::operator::{Operator, Wishes};
use crate::parked;
use crate::span::span;
use clap::Args;
use flotilla_task::{Clock, SystemClock};
use list::List;
use std::io::Write;
use std::time::Duration;

/// Lines of a list, and tasks behind a grouped one, unless asked for others.
const LINES: usize = 50;
const GROUPED: usize = 5_000;
/// Longer than a fleet has been there, in seconds.
const TEN_THOUSAND_DAYS: u64 = 10_000 * 86_400;

/// What can be asked for.
#[derive(Debug, Args)]
#[command(after_help = "Exit code 1 says that there are failed, held or stuck tasks.\n\n\
                        Examples:\n  flotilla tasks --failed --by-reason\n  \
                        flotilla tasks --held\n  flotilla tasks --stuck --older-than 2h\n  \
                        flotilla tasks --parked --json")]
pub struct Arguments {
    #[command(flatten)]
    which: Which,
    /// With --stuck: how long nothing has touched it, such as 90s, 2h or 1d.
    ///
    /// Unless given, it is what the stack's own recovery takes: RecoverAfterSeconds.
    #[arg(long, value_name = "TIME", value_parser = span::<1, TEN_THOUSAND_DAYS>)]
    #[arg(conflicts_with_all = ["failed", "held", "parked"])]
    older_than: Option<Duration>,
    /// Count them by stage and reason, with one of each as an example.
    #[arg(long, conflicts_with = "parked")]
    by_reason: bool,
    /// List no more than so many; of a grouped list, look at no more than so many.
    #[arg(long, value_name = "N", conflicts_with = "parked")]
    limit: Option<usize>,
}

/// Exactly one of them.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Which {
    /// Tasks that stopped at their stage for good, the newest first.
    #[arg(long)]
    failed: bool,
    /// Tasks that wait for a person, the one that has waited longest first.
    #[arg(long)]
    held: bool,
    /// Open tasks that nothing has touched for long; scans the table at 63 read units
    /// for 500 items of 1 KiB, and says what it took.
    #[arg(long)]
    stuck: bool,
    /// Events that wait until somebody says which shipment they belong to.
    #[arg(long)]
    parked: bool,
}

impl Arguments {
    /// Does it and says whether all is well.
    ///
    /// # Errors
    /// [`Error`] when it could not be done.
    pub async fn run(self, wishes: &Wishes, out: &mut dyn Write) -> Result<bool, Error> {
        if self.which.parked {
            return parked::run(wishes, out).await;
        }
        let operator = Operator::connect(&wishes.stack).await?;
        let limit = self.limit.unwrap_or(if self.by_reason { GROUPED } else { LINES });
        let list = self.list(&operator, limit).await?;
        match (wishes.json, self.by_reason) {
            (true, true) => json(&list.groups_document(), out)?,
            (true, false) => json(&list.document(), out)?,
            (false, true) => write!(out, "{}", list.groups_words())?,
            (false, false) => write!(out, "{}", list.words())?,
        }
        Ok(list.total == 0)
    }

    async fn list(&self, operator: &Operator, limit: usize) -> Result<List, Error> {
        if self.which.failed {
            return find::failed(operator, limit).await;
        }
        if self.which.held {
            return find::held(operator, limit).await;
        }
        let idle = match self.older_than {
            Some(idle) => idle,
            None => operator.cloud.stack.recover_after()?,
        };
        find::stuck(operator, idle, SystemClock.now(), limit).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        arguments: Arguments,
    }

    fn parsed(words: &str) -> Result<Arguments, String> {
        let words = std::iter::once("tasks").chain(words.split_whitespace());
        Line::try_parse_from(words).map(|line| line.arguments).map_err(|error| error.to_string())
    }

    #[test]
    fn exactly_one_kind_is_asked_for() {
        assert!(parsed("--failed --by-reason --limit 3").unwrap().which.failed);
        let six = parsed("--stuck --older-than 6h").unwrap();
        assert_eq!(six.older_than, Some(Duration::from_secs(21_600)));
        for wrong in [
            "",
            "--stuck --older-than soon",
            "--failed --held",
            "--failed --older-than 6h",
            "--parked --limit 3",
        ] {
            assert!(parsed(wrong).is_err(), "{wrong}");
        }
    }
}

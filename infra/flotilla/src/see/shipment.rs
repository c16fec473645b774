//! A shipment's story: its events with what was decided and done, which tasks brought
//! them, and how these went from agent to agent.

mod document;
mod resolve;

use crate::answer::json;
use crate::books::{TableBook, WorldBook};
use crate::cloud::attention::Wanted;
use crate::cloud::steps::{About, Told};
use crate::error::Error;
use crate::operator::{Operator, Wishes};
use crate::pace::Pace;
use crate::partners::Partners;
use crate::story;
use clap::Args;
use flotilla_shipment::slot::SlotStatus;
use flotilla_task::{Clock, SystemClock};
use std::collections::BTreeSet;
use std::io::Write;

/// A shipment none of whose tasks is known may still have left lines in the logs.
const A_DAY_MS: u64 = 86_400_000;
/// So many tasks that need a person are looked through for the shipment's: ten reads.
const ATTENTION: usize = 1_000;

/// What can be asked for.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  flotilla shipment SHP-000123\n  \
                        flotilla shipment booking:BKR-1\n  \
                        flotilla shipment 003456789012345670 --all")]
pub struct Arguments {
    /// The shipment, or a name that events know it by: booking:BKR-1, sscc:..., or the
    /// value alone where it is one shipment's.
    #[arg(value_name = "ID")]
    id: String,
    /// Look through the whole table for tasks that no decision and no log line names.
    ///
    /// A task that has not reached its decision is found when it failed, is held, or
    /// was logged; this finds it in any case, for one read unit per 8 KiB of the table.
    #[arg(long)]
    all: bool,
    /// Do not read the logs, which takes seconds for a shipment of weeks; half a minute
    /// at most, and then it is said what is missing.
    #[arg(long)]
    no_logs: bool,
    /// The stand-in world, to add what the carriers' own books say.
    #[arg(long, env = "FLOTILLA_PARTNERS_URL")]
    partners_url: Option<String>,
}

impl Arguments {
    /// Does it and says whether all is well.
    ///
    /// # Errors
    /// [`Error`] when it could not be done.
    pub async fn run(self, wishes: &Wishes, out: &mut dyn Write) -> Result<bool, Error> {
        let operator = Operator::connect(&wishes.stack).await?;
        let shipment = resolve::shipment(&operator, &self.id).await?;
        let mut table = operator.cloud.shipment_book(&shipment).await?;
        let mut ids = named(&table);
        for wanted in [Wanted::Failed, Wanted::Held] {
            let entries = operator.cloud.attention(wanted).await?;
            let tasks: Vec<_> = entries.iter().filter_map(|entry| entry.task()).collect();
            let tasks = tasks.get(..ATTENTION).unwrap_or(&tasks);
            let found = operator.cloud.tasks_named(tasks).await?;
            ids.extend(found.into_iter().filter(|t| t.shipment == shipment).map(|t| t.id));
        }
        self.tasks(&operator, &shipment, &ids, &mut table).await?;
        let told = self.told(&operator, &shipment, &table).await;
        let seen: BTreeSet<_> = told.steps.iter().filter_map(|step| step.task.clone()).collect();
        let unknown: BTreeSet<_> = seen.difference(&ids).cloned().collect();
        table.tasks.extend(read(&operator, &unknown).await?);
        table.tasks.retain(|task| task.shipment == shipment);
        table.tasks.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        if table.tasks.is_empty() && table.decisions.is_empty() {
            return Err(Error::usage(resolve::unknown(&self.id, self.all)));
        }
        let world = match &self.partners_url {
            Some(url) => Some(Partners::new(url)?.ledger().await?),
            None => None,
        };
        if wishes.json {
            let document = document::of(&shipment, &table, world.as_ref(), &told);
            json(&document, out)?;
        } else {
            self.tell(&shipment, &table, world.as_ref(), &told, out)?;
        }
        Ok(true)
    }

    async fn tasks(
        &self,
        operator: &Operator,
        shipment: &str,
        ids: &BTreeSet<String>,
        table: &mut TableBook,
    ) -> Result<(), Error> {
        table.tasks = if self.all {
            let mut pace = Pace::new(format!("tasks of shipment {shipment}"));
            operator.cloud.tasks_of(shipment, &mut pace).await?
        } else {
            read(operator, ids).await?
        };
        Ok(())
    }

    async fn told(&self, operator: &Operator, shipment: &str, table: &TableBook) -> Told {
        if self.no_logs {
            return Told::default();
        }
        let yesterday = SystemClock.now().as_millis().saturating_sub(A_DAY_MS);
        let first = table.tasks.iter().map(|task| task.created_at).min();
        operator.cloud.told(About::Shipment(shipment), first.unwrap_or(yesterday)).await
    }

    fn tell(
        &self,
        shipment: &str,
        table: &TableBook,
        world: Option<&WorldBook>,
        told: &Told,
        out: &mut dyn Write,
    ) -> Result<(), Error> {
        write!(out, "{}", story::tell(shipment, table, world, &told.steps))?;
        for problem in &told.problems {
            writeln!(out, "  logs that could not be read: {problem}")?;
        }
        if !self.all {
            writeln!(
                out,
                "  Tasks that wait in a queue before their decision may be missing; --all scans \
                 the table for them."
            )?;
        }
        Ok(())
    }
}

/// The tasks that the shipment's own items name.
fn named(table: &TableBook) -> BTreeSet<String> {
    let decided = table.decisions.iter().map(|decided| decided.task.clone());
    let booking = table.slots.iter().filter_map(|item| match &item.slot.status {
        SlotStatus::Booking { task, .. } | SlotStatus::Live { task, .. } => Some(task.to_string()),
        SlotStatus::Free => None,
    });
    decided.chain(booking).collect()
}

async fn read(
    operator: &Operator,
    ids: &BTreeSet<String>,
) -> Result<Vec<crate::books::Task>, Error> {
    let ids: Vec<_> = ids.iter().map(String::as_str).collect();
    operator.cloud.tasks_named(&ids).await
}

//! From counted units to dollars for a million five-stage tasks, beside what the same
//! tasks would cost elsewhere.
//!
//! Pure arithmetic at the list prices of `infra/prices`, whose entries say where they
//! were read. Nothing is subtracted for what is free each month, and nothing is added for
//! what is paid when nothing happens (`make plan` and `make deploy` tell both).

mod counted;

pub use counted::measure;

use crate::figure::Figure;
use flotilla_plan::Book;
use flotilla_plan::book::Error;

/// Tasks that are priced.
const TASKS: f64 = 1e6;
/// Stages of a task: steps of a workflow.
const STAGES: f64 = 5.0;
/// Operations that a durable engine counts: its start and each step.
const OPERATIONS: f64 = STAGES + 1.0;
/// Memory of a function, as the template's `MemorySize` is by default.
const FUNCTION_MB: f64 = 128.0;
/// How long an Express workflow of five steps is taken to last, in seconds.
const WORKFLOW_SECONDS: f64 = 1.0;
/// What a durable operation writes, as one of our items has it.
const OPERATION_BYTES: f64 = 1024.0;

/// What one task takes, counted, over all five stages together.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Counts {
    /// DynamoDB write request units.
    pub write_units: f64,
    /// DynamoDB read request units.
    pub read_units: f64,
    /// Requests to SQS: sends, receives and deletes, those of Lambda's pollers too.
    pub sqs_requests: f64,
    /// Those of them that are about messages with a message group on a standard queue,
    /// for which fair queues cost extra.
    pub grouped_requests: f64,
    /// Invocations; a full batch of ten is a tenth for each of its tasks.
    pub invocations: f64,
    /// Milliseconds that an invocation is billed for.
    pub invocation_ms: f64,
    /// Bytes that an invocation logs.
    pub log_bytes: f64,
}

/// What a design costs.
#[derive(Debug, Clone, PartialEq)]
pub struct Cost {
    /// The design.
    pub design: &'static str,
    /// Dollars for a million tasks.
    pub dollars: f64,
    /// Whether a price in it is known from a report only.
    pub is_second_hand: bool,
    /// What one has to know beside the number.
    pub note: &'static str,
}

impl Cost {
    /// For the table.
    #[must_use]
    pub fn figure(&self) -> Figure {
        let approximate = if self.is_second_hand { "a price from reports; " } else { "" };
        Figure::told(self.design, self.dollars, "$/million")
            .note(format!("{approximate}{}", self.note))
    }
}

/// What a million tasks cost here.
///
/// # Errors
/// [`Error`] names the price that is missing.
pub fn fleet(book: &Book, design: &'static str, counts: &Counts) -> Result<Cost, Error> {
    let mut bill = Bill::new(book);
    bill.million("dynamodb_write_units", "write request units", counts.write_units)?;
    bill.million("dynamodb_read_units", "read request units", counts.read_units)?;
    bill.million("sqs_standard_requests", "requests", counts.sqs_requests)?;
    if counts.grouped_requests > 0.0 {
        bill.million("sqs_fair_queue_surcharge", "requests", counts.grouped_requests)?;
    }
    bill.invocations(counts.invocations, counts.invocation_ms)?;
    let log_gb = counts.invocations * counts.log_bytes / 1e9;
    bill.add("logs_ingestion", "GB", log_gb)?;
    Ok(bill.cost(design, "durable state, lock and fence; DynamoDB, SQS, Lambda and logs"))
}

/// What a million tasks cost elsewhere, with five functions that take so many
/// milliseconds each. Logs and queues are left out, which favours the others.
///
/// # Errors
/// [`Error`] names the price that is missing.
pub fn elsewhere(book: &Book, invocation_ms: f64) -> Result<Vec<Cost>, Error> {
    Ok(vec![
        express(book, invocation_ms)?,
        durable(book, invocation_ms)?,
        standard(book, invocation_ms)?,
        temporal(book)?,
    ])
}

/// Everything for the table: the fleet as it was counted, then the others.
///
/// # Errors
/// [`Error`] names the price that is missing.
pub fn figures(
    book: &Book,
    counted: &[(&'static str, Counts)],
    invocation_ms: f64,
) -> Result<Vec<Figure>, Error> {
    let own = counted.iter().map(|(design, counts)| fleet(book, design, counts));
    let mut costs = own.collect::<Result<Vec<_>, _>>()?;
    costs.extend(elsewhere(book, invocation_ms)?);
    Ok(costs.iter().map(Cost::figure).collect())
}

/// Express keeps no state that outlives a workflow: cheaper, and another thing.
fn express(book: &Book, ms: f64) -> Result<Cost, Error> {
    let mut bill = Bill::new(book);
    bill.million("step_functions_express_requests", "requests", 1.0)?;
    let memory = book.limit("step_functions_express_memory", "MB")? / 1024.0;
    let hours = WORKFLOW_SECONDS * memory / 3600.0;
    bill.add("step_functions_express_duration", "GB-hour", hours)?;
    bill.invocations(STAGES, ms)?;
    Ok(bill.cost(
        "Step Functions Express and Lambda",
        "cheaper, because it keeps no durable state and has no lock; workflows of one second",
    ))
}

fn durable(book: &Book, ms: f64) -> Result<Cost, Error> {
    let mut bill = Bill::new(book);
    bill.million("lambda_durable_operations", "operations", OPERATIONS)?;
    bill.add("lambda_durable_written", "GB", OPERATIONS * OPERATION_BYTES / 1e9)?;
    bill.invocations(1.0, STAGES * ms)?;
    Ok(bill.cost("Lambda durable functions", "six operations of 1 KiB in one function"))
}

fn standard(book: &Book, ms: f64) -> Result<Cost, Error> {
    let mut bill = Bill::new(book);
    bill.million("step_functions_standard_transitions", "transitions", STAGES)?;
    bill.invocations(STAGES, ms)?;
    Ok(bill.cost("Step Functions Standard and Lambda", "five transitions"))
}

fn temporal(book: &Book) -> Result<Cost, Error> {
    let mut bill = Bill::new(book);
    let first = book.limit("temporal_cloud_first_actions", "actions a month")? / TASKS;
    let first = first.min(OPERATIONS);
    bill.million("temporal_cloud_actions", "actions", first)?;
    bill.million("temporal_cloud_actions_next", "actions", OPERATIONS - first)?;
    Ok(bill.cost("Temporal Cloud", "six actions; workers, storage and the plan's minimum on top"))
}

/// Items of one task.
struct Bill<'a> {
    book: &'a Book,
    dollars: f64,
    is_second_hand: bool,
}

impl<'a> Bill<'a> {
    const fn new(book: &'a Book) -> Self {
        Self { book, dollars: 0.0, is_second_hand: false }
    }

    /// Something of which a task takes so many.
    fn add(&mut self, price: &str, unit: &str, count: f64) -> Result<(), Error> {
        let price = self.book.price(price, unit)?;
        self.dollars += count * price.value;
        self.is_second_hand |= price.second_hand;
        Ok(())
    }

    /// The same where the price is for a million.
    fn million(&mut self, price: &str, unit: &str, count: f64) -> Result<(), Error> {
        self.add(price, &format!("million {unit}"), count / 1e6)
    }

    fn invocations(&mut self, count: f64, ms: f64) -> Result<(), Error> {
        self.million("lambda_requests", "requests", count)?;
        let seconds = count * ms / 1e3 * FUNCTION_MB / 1024.0;
        self.add("lambda_arm64_duration", "GB-second", seconds)
    }

    fn cost(self, design: &'static str, note: &'static str) -> Cost {
        let is_second_hand = self.is_second_hand;
        Cost { design, dollars: self.dollars * TASKS, is_second_hand, note }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As a task was thought to be before anything was counted: two writes a stage and
    /// its creation; each stage's batch is received, deleted and sent on.
    fn thought(write_units: f64, batch: f64, invocation_ms: f64) -> Counts {
        Counts {
            write_units,
            sqs_requests: STAGES * 3.0 / batch,
            invocations: STAGES / batch,
            invocation_ms,
            log_bytes: 500.0,
            ..Counts::default()
        }
    }

    fn dollars(counts: &Counts) -> f64 {
        fleet(&Book::included().unwrap(), "", counts).unwrap().dollars
    }

    #[test]
    fn a_million_tasks_cost_what_was_computed_by_hand() {
        for (counts, by_hand) in [
            (thought(11.0, 10.0, 20.0), 7.72),
            (thought(6.0, 10.0, 20.0), 4.59),
            (thought(11.0, 1.0, 10.0), 15.21),
        ] {
            assert!((dollars(&counts) - by_hand).abs() < 0.01, "{counts:?}: {}", dollars(&counts));
        }
    }

    #[test]
    fn elsewhere_they_cost_what_was_computed_by_hand() {
        let costs = elsewhere(&Book::included().unwrap(), 10.0).unwrap();
        let of = |name| costs.iter().find(|cost| cost.design.contains(name)).unwrap();
        for (name, by_hand, tolerance) in [
            ("Express", 3.13, 0.01),
            ("durable", 50.0, 0.5),
            ("Standard", 126.0, 0.5),
            ("Temporal", 295.0, 0.5),
        ] {
            let cost = of(name);
            assert!((cost.dollars - by_hand).abs() < tolerance, "{cost:?}");
        }
        assert!(of("durable").is_second_hand && !of("Standard").is_second_hand);
    }

    #[test]
    fn every_count_is_paid_for() {
        let none = dollars(&Counts::default());
        assert!(none.abs() < 1e-9);
        for (counts, price) in [
            (Counts { write_units: 1.0, ..Counts::default() }, 0.625),
            (Counts { read_units: 1.0, ..Counts::default() }, 0.125),
            (Counts { sqs_requests: 1.0, ..Counts::default() }, 0.40),
            (Counts { grouped_requests: 1.0, ..Counts::default() }, 0.10),
            (Counts { invocations: 1.0, ..Counts::default() }, 0.20),
            (Counts { invocations: 1.0, log_bytes: 1000.0, ..Counts::default() }, 0.20 + 0.50),
        ] {
            assert!((dollars(&counts) - price).abs() < 1e-9, "{counts:?}: {}", dollars(&counts));
        }
    }

    #[test]
    fn the_table_says_openly_that_express_is_cheaper_and_why() {
        let book = Book::included().unwrap();
        let own = [("batches of 10", thought(6.0, 10.0, 20.0))];
        let figures = figures(&book, &own, 10.0).unwrap();
        let value = |name| figures.iter().find(|f| f.what.contains(name)).unwrap();
        assert!(value("Express").value < value("batches of 10").value);
        assert!(value("Express").note.contains("no durable state"));
        assert!(value("Temporal").note.starts_with("a price from reports"));
    }
}

//! What tasks cost that were counted on the wire a moment ago.

use super::{Counts, figures};
use crate::counts::{Asked, Counted, Scenario, a_task, count};
use crate::figure::Figure;
use crate::ground::Ground;
use flotilla_plan::Book;

/// Milliseconds that an invocation is taken to be billed for, by its batch: nobody has
/// measured it on Lambda. Source: the same assumption as `infra/plan` makes of a warm
/// function with a few calls to DynamoDB.
const INVOCATION_MS: [(usize, f64); 2] = [(10, 20.0), (1, 10.0)];

/// Counts tasks at full batches and at batches of one, and prices them.
///
/// # Errors
/// When the rig does not work, or a price is missing.
pub async fn measure(ground: &Ground) -> Result<Vec<Figure>, Box<dyn std::error::Error>> {
    let mut counted = Vec::new();
    for (scenario, designs) in [
        (
            Scenario::Departed,
            [
                "Flotilla, nobody is called, batches of 10",
                "Flotilla, nobody is called, batches of 1",
            ],
        ),
        (
            Scenario::Order,
            ["Flotilla, booked and told, batches of 10", "Flotilla, booked and told, batches of 1"],
        ),
    ] {
        for ((batch, ms), design) in INVOCATION_MS.into_iter().zip(designs) {
            let seen = count(ground, scenario, batch).await?;
            counted.push((design, of_a_task(&seen, ms)));
        }
    }
    let single = INVOCATION_MS.map(|(_, ms)| ms).into_iter().fold(f64::MAX, f64::min);
    Ok(figures(&Book::included()?, &counted, single)?)
}

/// What one of the counted tasks takes. Every message has its tenant's message group, so
/// that every request is one of fair queues.
fn of_a_task(counted: &Counted, invocation_ms: f64) -> Counts {
    let each = |of: &dyn Fn(&Asked) -> u64| a_task(counted.stages.values().map(of).sum());
    let invocations = each(&|asked| asked.polls.invocations);
    let sqs_requests = each(&Asked::sqs);
    Counts {
        write_units: each(&|asked| asked.writes.values().sum()) / 100.0,
        read_units: each(&|asked| asked.reads.values().sum()) / 100.0,
        sqs_requests,
        grouped_requests: sqs_requests,
        invocations,
        invocation_ms,
        log_bytes: a_task(counted.logged as u64) / invocations,
    }
}

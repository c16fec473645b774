//! What a load asks of each service, and what the services ask for that.

use super::prices::Prices;
use super::{Architecture, Fleet, Line, Queues, Shape};
use crate::counts::{count, float};
use crate::error::Error;
use crate::surge::measured::Measured;
use flotilla_task::Stage;

/// What is billed.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Usage {
    /// Requests to SQS: sends, receives and deletes, each of up to ten messages.
    pub sqs_requests: f64,
    /// Invocations.
    pub invocations: f64,
    /// Memory times time.
    pub gb_seconds: f64,
    /// Write units of the table.
    pub write_units: f64,
    /// Read units of the table.
    pub read_units: f64,
    /// Gigabytes of log.
    pub log_gb: f64,
}

impl Usage {
    /// Of so many messages of a shape.
    #[must_use]
    pub fn expected(messages: u64, shape: &Shape, fleet: &Fleet) -> Self {
        let messages = float(messages);
        let tasks = messages * shape.tasks;
        let invocations = tasks * shape.stages / shape.batch;
        // Each is received and deleted; each but the last stage's sends.
        let handed_on = invocations * (shape.stages - 1.0).max(0.0) / shape.stages;
        Self {
            sqs_requests: messages / shape.sent_together + 2.0 * invocations + handed_on,
            invocations,
            gb_seconds: invocations * shape.invocation_ms / 1e3 * fleet.memory_mb / 1024.0,
            write_units: tasks * shape.write_units,
            read_units: tasks * shape.read_units,
            log_gb: invocations * shape.log_bytes / 1e9,
        }
    }

    /// Of a run. The shape fills in what nobody measures there.
    #[must_use]
    pub fn measured(measured: &Measured, shape: &Shape, fleet: &Fleet) -> Self {
        let mut usage = Self {
            sqs_requests: float(measured.account.sent) / shape.sent_together,
            read_units: float(measured.account.completed) * shape.read_units,
            ..Self::default()
        };
        for (stage, sum) in &measured.stages {
            let invocations = float(sum.invocations);
            usage.invocations += invocations;
            usage.sqs_requests += invocations * (2.0 + sends(*stage));
            let seconds = invocations * sum.invocation_ms / 1e3;
            usage.gb_seconds += seconds * fleet.memory_mb / 1024.0;
            usage.write_units += sum.write_units;
        }
        usage.log_gb = usage.invocations * shape.log_bytes / 1e9;
        usage
    }

    /// What [`Usage::measured`] assumes.
    pub(super) fn assumptions(shape: &Shape, fleet: &Fleet) -> Vec<String> {
        vec![
            "Measured in this run: invocations, their durations, write units. On the local cloud the durations are those of this computer.".to_owned(),
            format!(
                "Assumed: {} read units a task; an invocation logs {} bytes with Lambda's own lines, and makes one request to SQS each to receive, to delete and for each next queue; each message was sent in a request of its own.",
                shape.read_units, shape.log_bytes
            ),
            format!("Priced as {}.", fleet.words()),
        ]
    }

    /// The bill, at list prices without the free tier.
    pub(super) fn priced(&self, fleet: &Fleet) -> Result<Vec<Line>, Error> {
        let prices = Prices::read()?;
        let queue = match fleet.queues {
            Queues::Standard => "sqs_standard_requests",
            Queues::Fifo => "sqs_fifo_requests",
        };
        let duration = match fleet.architecture {
            Architecture::Arm64 => "lambda_arm64_duration",
            Architecture::X86_64 => "lambda_x86_64_duration",
        };
        let (requests, seconds) = ("million requests", "GB-second");
        let (writes, reads) = ("million write request units", "million read request units");
        let mut lines = vec![
            line(&prices, "SQS requests", self.sqs_requests, queue, requests)?,
            line(&prices, "Lambda requests", self.invocations, "lambda_requests", requests)?,
            line(&prices, "Lambda duration", self.gb_seconds, duration, seconds)?,
            line(&prices, "DynamoDB writes", self.write_units, "dynamodb_write_units", writes)?,
            line(&prices, "DynamoDB reads", self.read_units, "dynamodb_read_units", reads)?,
            line(&prices, "CloudWatch logs", self.log_gb, "logs_ingestion", "GB")?,
        ];
        if fleet.tenants && fleet.queues == Queues::Standard {
            let (what, name) = ("SQS fair queues", "sqs_fair_queue_surcharge");
            lines.insert(1, line(&prices, what, self.sqs_requests, name, requests)?);
        }
        Ok(lines)
    }
}

/// Requests with which an invocation of a stage hands on: one for each next queue.
fn sends(stage: Stage) -> f64 {
    match stage {
        Stage::Ingestion | Stage::Processing | Stage::Communication => 1.0,
        Stage::Decision => 2.0,
        Stage::State => 0.0,
    }
}

fn line(prices: &Prices, what: &str, count: f64, name: &str, unit: &str) -> Result<Line, Error> {
    let (price, approximate) = prices.of(name, unit)?;
    let (counted, dollars) = match unit.strip_prefix("million ") {
        Some(units) => {
            (format!("{} {units} x ${price} per million", whole(count)), count * price / 1e6)
        }
        None => (format!("{} {unit} x ${price}", three(count)), count * price),
    };
    Ok(Line { what: what.to_owned(), arithmetic: counted, dollars, approximate })
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts are positive, and shown to people"
)]
fn whole(amount: f64) -> String {
    count(amount.max(0.0).round() as u64)
}

fn three(amount: f64) -> String {
    if amount >= 100.0 { format!("{amount:.0}") } else { format!("{amount:.3}") }
}

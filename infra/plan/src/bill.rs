//! What a day costs, at list prices.

use crate::book::{Book, Error};
use crate::fleet::{Setup, Work};
use crate::network::{Network, Pollers, Stage};
use crate::sim::{Outcome, StageSum};
use serde::{Deserialize, Serialize};

/// A bill.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bill {
    /// Its items.
    pub lines: Vec<Line>,
    /// Their sum, in US dollars.
    pub dollars: f64,
    /// The same for a million messages that went all the way.
    pub per_million: f64,
}

/// One item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// What is paid for.
    pub what: String,
    /// How many of it.
    pub count: f64,
    /// Of what.
    pub unit: String,
    /// What that comes to, in US dollars.
    pub dollars: f64,
    /// Whether its price is known from a report only.
    pub is_second_hand: bool,
}

impl Bill {
    /// Of a simulated day.
    ///
    /// # Errors
    /// [`Error`] names the price that is missing.
    pub fn of(
        outcome: &Outcome,
        network: &Network,
        work: &Work,
        setup: &Setup,
        book: &Book,
    ) -> Result<Self, Error> {
        let used = Used::of(outcome, network, work);
        let queue =
            if setup.fifo_groups.is_some() { "sqs_fifo_requests" } else { "sqs_standard_requests" };
        let million = "million requests";
        let mut items = vec![
            ("SQS requests", used.requests, queue, million),
            ("Lambda requests", used.invocations, "lambda_requests", million),
            ("Lambda duration", used.on_demand, "lambda_arm64_duration", "GB-second"),
            ("provisioned environments", used.ready, "lambda_provisioned_arm64_idle", "GB-second"),
            ("their duration", used.on_ready, "lambda_provisioned_arm64_duration", "GB-second"),
            ("provisioned pollers", used.pollers, "lambda_provisioned_poller", "poller-hour"),
            ("DynamoDB writes", used.writes, "dynamodb_write_units", "million write request units"),
            ("DynamoDB reads", used.reads, "dynamodb_read_units", "million read request units"),
            ("CloudWatch logs", used.log_gb, "logs_ingestion", "GB"),
        ];
        if setup.fifo_groups.is_none() {
            items
                .insert(1, ("SQS fair queues", used.requests, "sqs_fair_queue_surcharge", million));
        }
        let mut lines = Vec::new();
        for (what, count, price, unit) in items {
            let price = book.price(price, unit)?;
            let (unit, through) = match unit.strip_prefix("million ") {
                Some(unit) => (unit, 1e6),
                None => (unit, 1.0),
            };
            let dollars = count * price.value / through;
            if count > 0.0 {
                lines.push(Line {
                    what: what.to_owned(),
                    count,
                    unit: unit.to_owned(),
                    dollars,
                    is_second_hand: price.second_hand,
                });
            }
        }
        let dollars = lines.iter().map(|line| line.dollars).sum();
        let per_million =
            if outcome.completed > 0.0 { dollars / outcome.completed * 1e6 } else { 0.0 };
        Ok(Self { lines, dollars, per_million })
    }
}

/// What is billed.
#[derive(Debug, Clone, Copy, Default)]
struct Used {
    requests: f64,
    invocations: f64,
    on_demand: f64,
    on_ready: f64,
    ready: f64,
    pollers: f64,
    writes: f64,
    reads: f64,
    log_gb: f64,
}

impl Used {
    fn of(outcome: &Outcome, network: &Network, work: &Work) -> Self {
        let gb = work.memory_mb / 1024.0;
        // Each event is sent in a request of its own.
        let mut used = Self { requests: outcome.arrived, ..Self::default() };
        let seconds = outcome.bin * outcome.bins.len() as f64;
        for (stage, sum) in network.stages.iter().zip(&outcome.stages) {
            used.add(stage, sum, gb, seconds, network.limits.poller_invocations);
        }
        used.log_gb = used.invocations * work.log_bytes / 1e9;
        used
    }

    fn add(&mut self, stage: &Stage, sum: &StageSum, gb: f64, seconds: f64, each: f64) {
        // Each is received and deleted, and sends one request to each next queue.
        self.requests += sum.invocations * (2.0 + stage.next.len() as f64);
        self.invocations += sum.invocations;
        self.on_demand += (sum.busy - sum.busy_ready) * gb;
        self.on_ready += sum.busy_ready * gb;
        let kept =
            stage.ready.iter().map(|ready| ready.count * (ready.to - ready.from).min(seconds));
        self.ready += kept.sum::<f64>() * gb;
        if let Pollers::Provisioned { .. } = stage.pollers {
            self.pollers += sum.allowed / each / 3600.0;
        }
        self.writes += sum.records * stage.units.writes;
        self.reads += sum.records * stage.units.reads;
    }
}

//! One record in the embedded metric format: what it declares, and what it holds.

use super::table::{Metric, When};
use super::values::Value;
use flotilla_task::{Timestamp, safe};
use serde_json::{Map, Value as Json, json};

/// The namespace in CloudWatch.
pub const NAMESPACE: &str = "Flotilla";

/// The most metrics that one record may declare.
///
/// Source: Amazon CloudWatch User Guide, "Specification: Embedded metric format".
pub const MAX_METRICS: usize = 100;

/// The names of the dimensions. Their number is what metrics cost: one for each
/// metric, stack and agent.
const DIMENSIONS: [&str; 2] = ["Stack", "Agent"];

/// A record that is being put together.
#[derive(Debug)]
pub struct Record {
    at: Timestamp,
    declared: Vec<Json>,
    members: Map<String, Json>,
}

impl Record {
    /// The record of a stack's agent.
    #[must_use]
    pub fn new(at: Timestamp, stack: &str, agent: &str) -> Self {
        let of = [stack, agent];
        let dimensions = DIMENSIONS.into_iter().zip(of).map(|(name, of)| (name.into(), of.into()));
        Self { at, declared: Vec::new(), members: dimensions.collect() }
    }

    /// Adds a metric. One that tells nothing is left out, unless it is always there;
    /// so is what would be one more than [`MAX_METRICS`], which the table is far from.
    pub fn put(&mut self, metric: &Metric, value: impl Into<Value>) {
        let value = value.into();
        let is_there = metric.when == When::Always || !value.is_nothing();
        if !is_there || self.declared.len() >= MAX_METRICS {
            return;
        }
        self.declared.push(json!({"Name": metric.name, "Unit": metric.unit.as_str()}));
        self.members.insert(metric.name.to_owned(), value.into_json());
    }

    /// Adds what is no metric and stands beside them.
    pub fn say(&mut self, name: &str, value: impl Into<Json>) {
        self.members.insert(name.to_owned(), value.into());
    }

    /// The same for a count, unless it is zero.
    pub fn say_count(&mut self, name: &str, count: u64) {
        if count > 0 {
            self.say(name, count);
        }
    }

    /// Words that come from elsewhere, which cannot break out of a line.
    pub fn say_words(&mut self, name: &str, words: &str) {
        self.say(name, safe(words));
    }

    /// The line, without its end.
    #[must_use]
    pub fn line(self) -> String {
        let directive = json!({
            "Namespace": NAMESPACE, "Dimensions": [DIMENSIONS], "Metrics": self.declared,
        });
        let mut members = self.members;
        let about = json!({"Timestamp": self.at.as_millis(), "CloudWatchMetrics": [directive]});
        members.insert("_aws".to_owned(), about);
        Json::Object(members).to_string()
    }
}

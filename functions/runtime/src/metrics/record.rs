//! One record in the embedded metric format: what it declares, and what it holds.

use super::table::{Metric, When};
use super::values::Value;
use flotilla_task::{Timestamp, safe};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value as Json;
use std::collections::BTreeMap;

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
    declared: Vec<Declared>,
    members: BTreeMap<&'static str, Json>,
}

/// What the format wants to know of a metric.
#[derive(Debug, serde::Serialize)]
#[serde(rename_all = "PascalCase")]
struct Declared {
    name: &'static str,
    unit: &'static str,
}

/// What makes a line a record of metrics.
#[derive(serde::Serialize)]
#[serde(rename_all = "PascalCase")]
struct About<'a> {
    timestamp: u64,
    cloud_watch_metrics: [Directive<'a>; 1],
}

#[derive(serde::Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directive<'a> {
    namespace: &'static str,
    dimensions: [[&'static str; 2]; 1],
    metrics: &'a [Declared],
}

impl Record {
    /// The record of a stack's agent.
    #[must_use]
    pub fn new(at: Timestamp, stack: &str, agent: &str) -> Self {
        let of = [stack, agent];
        let dimensions = DIMENSIONS.into_iter().zip(of.map(Json::from));
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
        self.declared.push(Declared { name: metric.name, unit: metric.unit.as_str() });
        self.members.insert(metric.name, value.into_json());
    }

    /// Adds what is no metric and stands beside them.
    pub fn say(&mut self, name: &'static str, value: impl Into<Json>) {
        self.members.insert(name, value.into());
    }

    /// The same for a count, unless it is zero.
    pub fn say_count(&mut self, name: &'static str, count: u64) {
        if count > 0 {
            self.say(name, count);
        }
    }

    /// Words that come from elsewhere, which cannot break out of a line.
    pub fn say_words(&mut self, name: &'static str, words: &str) {
        self.say(name, safe(words));
    }

    /// The line, without its end.
    #[must_use]
    pub fn line(&self) -> String {
        // It is made of texts and numbers, all of which can be written.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Serialize for Record {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let directive =
            Directive { namespace: NAMESPACE, dimensions: [DIMENSIONS], metrics: &self.declared };
        let mut line = to.serialize_map(Some(self.members.len() + 1))?;
        let timestamp = self.at.as_millis();
        line.serialize_entry("_aws", &About { timestamp, cloud_watch_metrics: [directive] })?;
        for (name, value) in &self.members {
            line.serialize_entry(name, value)?;
        }
        line.end()
    }
}

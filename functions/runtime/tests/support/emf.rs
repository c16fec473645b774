//! Checks a line against the rules of CloudWatch's embedded metric format, and reads it.
//!
//! The rules are those of the JSON schema and the text of "Specification: Embedded
//! metric format" in the Amazon CloudWatch User Guide.
#![allow(dead_code, reason = "each test file uses its part")]

use serde_json::Value;
use std::collections::BTreeMap;

/// The units that CloudWatch knows and this fleet may use.
const UNITS: [&str; 7] =
    ["Count", "Milliseconds", "Percent", "Megabytes", "Bytes", "Seconds", "None"];

/// A sound record.
#[derive(Debug)]
pub(crate) struct Emf {
    pub(crate) stack: String,
    pub(crate) agent: String,
    /// Unit and values by name.
    pub(crate) metrics: BTreeMap<String, (String, Vec<f64>)>,
    /// Everything, properties too.
    pub(crate) root: Value,
}

impl Emf {
    /// The only value of a metric, or zero where it is left out.
    pub(crate) fn one(&self, name: &str) -> f64 {
        let Some((_, values)) = self.metrics.get(name) else { return 0.0 };
        assert_eq!(values.len(), 1, "{name} {values:?}");
        values[0]
    }

    /// All values of a metric.
    pub(crate) fn each(&self, name: &str) -> &[f64] {
        self.metrics.get(name).map_or(&[], |(_, values)| values)
    }
}

/// Reads a line, which has to be a sound record.
pub(crate) fn check(line: &str) -> Emf {
    assert!(line.len() <= 1_048_576, "{} bytes", line.len());
    let root: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
    let aws = &root["_aws"];
    assert!(aws["Timestamp"].is_u64(), "{line}");
    let directives = aws["CloudWatchMetrics"].as_array().unwrap();
    assert_eq!(directives.len(), 1, "{line}");
    let directive = &directives[0];
    let namespace = directive["Namespace"].as_str().unwrap();
    assert!((1..=1024).contains(&namespace.len()), "{line}");
    let sets = directive["Dimensions"].as_array().unwrap();
    assert_eq!(sets.len(), 1, "one set of dimensions keeps the cost bounded: {line}");
    let dimension = |name: &Value| {
        let name = name.as_str().unwrap();
        assert!((1..=250).contains(&name.len()), "{line}");
        let value = root[name].as_str().unwrap_or_else(|| panic!("{name} is not there: {line}"));
        assert!((1..=1024).contains(&value.len()), "{line}");
        (name.to_owned(), value.to_owned())
    };
    let dimensions: BTreeMap<_, _> = sets[0].as_array().unwrap().iter().map(dimension).collect();
    let declared = directive["Metrics"].as_array().unwrap();
    assert!(declared.len() <= 100, "{line}");
    let mut metrics = BTreeMap::new();
    for metric in declared {
        let name = metric["Name"].as_str().unwrap();
        assert!((1..=1024).contains(&name.len()), "{line}");
        let unit = metric["Unit"].as_str().unwrap();
        assert!(UNITS.contains(&unit), "{unit}: {line}");
        let values = values(&root[name]).unwrap_or_else(|| panic!("{name}: {line}"));
        assert!(values.iter().all(|value| value.is_finite()), "{name}: {line}");
        let before = metrics.insert(name.to_owned(), (unit.to_owned(), values));
        assert!(before.is_none(), "{name} is declared twice: {line}");
    }
    let of = |name: &str| dimensions[name].clone();
    Emf { stack: of("Stack"), agent: of("Agent"), metrics, root }
}

/// A number, up to a hundred of them, or up to a hundred with how many each stands for.
fn values(value: &Value) -> Option<Vec<f64>> {
    let numbers = |value: &Value| -> Option<Vec<f64>> {
        let numbers = value.as_array()?.iter().map(Value::as_f64).collect::<Option<Vec<_>>>()?;
        (1..=100).contains(&numbers.len()).then_some(numbers)
    };
    if let Some(one) = value.as_f64() {
        return Some(vec![one]);
    }
    if value.is_array() {
        return numbers(value);
    }
    let (values, counts) = (numbers(&value["Values"])?, numbers(&value["Counts"])?);
    (values.len() == counts.len()).then_some(values)
}

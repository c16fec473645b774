//! The values of a metric in one line: each of them, or each with how many it stands for.

use crate::counts::float;
use serde_json::Value;

/// Values, each with how many measurements it stands for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Samples(Vec<(f64, u64)>);

impl Samples {
    /// Nothing was measured.
    pub const NONE: Self = Self(Vec::new());

    /// Reads `[1, 2]`, or `{"Values": [1, 2], "Counts": [3, 1]}`. What is neither was
    /// not measured.
    #[must_use]
    pub fn read(value: &Value) -> Self {
        let values = value.get("Values").unwrap_or(value);
        let values = values.as_array().into_iter().flatten().filter_map(Value::as_f64);
        let Some(counts) = value.get("Counts").and_then(Value::as_array) else {
            return Self(values.map(|value| (value, 1)).collect());
        };
        Self(values.zip(counts.iter().filter_map(Value::as_u64)).collect())
    }

    /// How many measurements there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.iter().map(|(_, count)| count).sum()
    }

    /// The largest; zero of none.
    #[must_use]
    pub fn largest(&self) -> f64 {
        self.0.iter().map(|(value, _)| *value).fold(0.0, f64::max)
    }

    /// The mean; zero of none.
    #[must_use]
    pub fn mean(&self) -> f64 {
        let sum: f64 = self.0.iter().map(|(value, count)| value * float(*count)).sum();
        sum / float(self.count().max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn both_forms_are_read_and_what_is_neither_is_nothing() {
        let plain = Samples::read(&json!([1, 2.5, 4]));
        assert_eq!((plain.count(), plain.mean(), plain.largest()), (3, 2.5, 4.0));
        let counted = Samples::read(&json!({"Values": [1, 5], "Counts": [3, 1]}));
        assert_eq!((counted.count(), counted.mean(), counted.largest()), (4, 2.0, 5.0));
        for other in [json!(null), json!("x"), json!({"Counts": [1]}), json!([])] {
            let read = Samples::read(&other);
            assert_eq!((read.count(), read.mean(), read.largest()), (0, 0.0, 0.0), "{other}");
        }
    }
}

//! Values of a metric, and how many of them become a hundred without losing what
//! they say.

use serde_json::{Number, json};
use std::time::Duration;

/// The most values that the format takes for one metric.
///
/// Source: Amazon CloudWatch User Guide, "Specification: Embedded metric format".
pub const MAX_VALUES: usize = 100;

/// What a metric has in one record.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// One number.
    One(Number),
    /// One for each thing that was measured.
    Each(Vec<Duration>),
}

impl From<u64> for Value {
    fn from(count: u64) -> Self {
        Self::One(count.into())
    }
}

impl From<Duration> for Value {
    fn from(duration: Duration) -> Self {
        Self::One(millis(duration))
    }
}

impl Value {
    /// A number with a fraction, to two places.
    #[must_use]
    pub fn fraction(value: f64) -> Self {
        Self::One(rounded(value))
    }

    /// Whether there is nothing to tell.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        match self {
            Self::One(number) => number.as_f64() == Some(0.0),
            Self::Each(all) => all.is_empty(),
        }
    }

    /// As the format has it.
    #[must_use]
    pub fn into_json(self) -> serde_json::Value {
        match self {
            Self::One(number) => number.into(),
            Self::Each(all) => values(&all),
        }
    }
}

/// Durations in milliseconds: as many as there are, up to [`MAX_VALUES`]. Of more,
/// neighbours are put together, and each value comes with how many it stands for:
/// `{"Values": [...], "Counts": [...]}`, the form in which awslabs' metrique and the
/// OpenTelemetry collector write histograms to CloudWatch.
///
/// The number of samples, the smallest and the largest stay exactly what they were, a
/// sum moves by rounding only, and a percentile by less than a hundredth of the samples.
#[must_use]
pub fn values(all: &[Duration]) -> serde_json::Value {
    if all.len() <= MAX_VALUES {
        return all.iter().copied().map(millis).collect::<Vec<_>>().into();
    }
    let mut sorted = all.to_vec();
    sorted.sort_unstable();
    let (values, counts): (Vec<_>, Vec<_>) =
        groups(&sorted).map(|group| (mean(group), group.len())).unzip();
    json!({"Values": values, "Counts": counts})
}

/// The smallest and the largest by themselves, and what is between in equal parts.
fn groups(sorted: &[Duration]) -> impl Iterator<Item = &[Duration]> {
    let (first, rest) = sorted.split_at(sorted.len().min(1));
    let (middle, last) = rest.split_at(rest.len().saturating_sub(1));
    let each = middle.len().div_ceil(MAX_VALUES - 2).max(1);
    [first].into_iter().chain(middle.chunks(each)).chain([last])
}

fn mean(group: &[Duration]) -> Number {
    let sum: Duration = group.iter().sum();
    millis(sum / u32::try_from(group.len()).unwrap_or(u32::MAX).max(1))
}

/// Milliseconds, to a hundredth.
fn millis(duration: Duration) -> Number {
    let whole = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    if duration.subsec_nanos().is_multiple_of(1_000_000) {
        return whole.into();
    }
    rounded(duration.as_secs_f64() * 1000.0)
}

fn rounded(value: f64) -> Number {
    // What is no number was not measured.
    Number::from_f64((value * 100.0).round() / 100.0).unwrap_or_else(|| 0.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(value: &serde_json::Value) -> (Vec<f64>, Vec<u64>) {
        let numbers = |of: &serde_json::Value| -> Vec<f64> {
            of.as_array().unwrap().iter().map(|n| n.as_f64().unwrap()).collect()
        };
        match value.get("Values") {
            Some(values) => {
                let counts = value["Counts"].as_array().unwrap();
                (numbers(values), counts.iter().map(|n| n.as_u64().unwrap()).collect())
            }
            None => (numbers(value), vec![1; value.as_array().unwrap().len()]),
        }
    }

    #[test]
    fn a_hundred_values_are_told_one_by_one_and_as_they_came() {
        let all: Vec<_> = (0..100).rev().map(Duration::from_millis).collect();
        let told = values(&all);
        assert_eq!(told[0], 99);
        assert_eq!(told.as_array().unwrap().len(), MAX_VALUES);
        assert_eq!(values(&[Duration::from_micros(1_234)]).to_string(), "[1.23]");
    }

    proptest! {
        /// However many there are: what CloudWatch makes of them stays the same.
        #[test]
        fn more_than_a_hundred_values_keep_their_meaning(
            all in prop::collection::vec(0_u64..100_000, 1..1_500)
        ) {
            let durations: Vec<_> = all.iter().copied().map(Duration::from_millis).collect();
            let (values, counts) = read(&values(&durations));
            prop_assert!(values.len() <= MAX_VALUES && values.len() == counts.len());
            prop_assert_eq!(counts.iter().sum::<u64>(), all.len() as u64);
            let smallest = values.iter().copied().fold(f64::INFINITY, f64::min);
            let largest = values.iter().copied().fold(0.0, f64::max);
            prop_assert_eq!(smallest, *all.iter().min().unwrap() as f64);
            prop_assert_eq!(largest, *all.iter().max().unwrap() as f64);
            let sum: f64 = values.iter().zip(&counts).map(|(v, n)| v * *n as f64).sum();
            let exact = all.iter().sum::<u64>() as f64;
            prop_assert!((sum - exact).abs() <= 0.01 * all.len() as f64, "{} {}", sum, exact);
            // A median between the values that stand within two hundredths of it.
            let mut sorted = all.clone();
            sorted.sort_unstable();
            let near = |share: f64| sorted[((sorted.len() - 1) as f64 * share) as usize] as f64;
            let mut told: Vec<_> = values.iter().zip(&counts)
                .flat_map(|(v, n)| std::iter::repeat_n(*v, *n as usize)).collect();
            told.sort_by(f64::total_cmp);
            let median = told[(told.len() - 1) / 2];
            prop_assert!(near(0.48) <= median && median <= near(0.52), "{}", median);
        }
    }
}

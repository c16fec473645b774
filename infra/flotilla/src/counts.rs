//! Counts, to calculate with and to read.

/// As a float. Counts and times of a run are far below 2^53, up to which this is exact.
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "counts and times of a run are far below 2^53")]
pub const fn float(count: u64) -> f64 {
    count as f64
}

/// A whole number with its thousands apart: `11,900`.
#[must_use]
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

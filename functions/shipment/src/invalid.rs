//! What was wrong with a document, and where.

use std::fmt::Write as _;

/// The longest field path and the longest problem that are shown, in bytes. The
/// reason travels as a message attribute and in a small task record.
const MAX_FIELD: usize = 96;
const MAX_PROBLEM: usize = 240;

/// A document said something impossible. A retry does not help.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {}", clip(field, MAX_FIELD), clip(problem, MAX_PROBLEM))]
pub struct Invalid {
    /// Where, as a path: `items[1].weight.value`.
    pub field: String,
    /// What was expected and what was found.
    pub problem: String,
}

impl Invalid {
    /// Names a field and its problem; both are cut to a bounded length.
    #[must_use]
    pub fn new(field: &str, problem: impl AsRef<str>) -> Self {
        Self { field: clip(field, MAX_FIELD), problem: clip(problem.as_ref(), MAX_PROBLEM) }
    }
}

/// Cuts text to at most `max` bytes at a character's border and shows that it did.
pub(crate) fn clip(text: &str, max: usize) -> String {
    if text.len() <= max {
        return text.to_owned();
    }
    let mut cut = String::new();
    for c in text.chars() {
        if cut.len() + c.len_utf8() + 3 > max {
            break;
        }
        cut.push(c);
    }
    cut.push_str("...");
    cut
}

/// A value from outside in quotes, escaped and short: safe for a log line.
pub(crate) fn quoted(value: &str) -> String {
    let mut shown = String::from("\"");
    for c in value.chars() {
        if shown.len() > 40 {
            shown.push_str("...");
            break;
        }
        // Writing to a string cannot fail.
        let _ = write!(shown, "{}", c.escape_debug());
    }
    shown.push('"');
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_bounded_whatever_stood_in_the_document() {
        let long = "ü".repeat(5000);
        let made = Invalid::new(&long, quoted(&long));
        assert!(made.to_string().len() <= MAX_FIELD + MAX_PROBLEM + 2);
        // The fields are public, so the text is bounded once more where it is shown.
        let raw = Invalid { field: long.clone(), problem: long };
        assert!(raw.to_string().len() <= MAX_FIELD + MAX_PROBLEM + 2);
        assert!(raw.to_string().contains("..."));
    }

    #[test]
    fn control_characters_do_not_reach_a_log_line() {
        assert_eq!(quoted("a\nb\"c"), r#""a\nb\"c""#);
    }
}

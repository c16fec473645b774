//! What is wrong with a file, with where it stands.

use std::ops::Range;

/// The problem with line, column and field.
pub(crate) fn located(text: &str, place: &Range<usize>, field: &str, problem: &str) -> String {
    let before = text.get(..place.start).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    format!("line {line}, column {column}: {field}: {problem}")
}

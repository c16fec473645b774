//! A row of comma-separated values (RFC 4180), for files and for feeds.
//!
//! Not by the csv crate: that one takes comments and empty lines for the beginning
//! of the row after them, so errors would name the wrong line, and a quote that is
//! never closed swallows the rest of the text.

use std::iter::Peekable;
use std::str::Chars;

/// What a row ended with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// A line break.
    Line,
    /// The text, which has no more rows.
    Text,
    /// The text, in the middle of a cell in quotes.
    Quote,
}

/// Without the byte order mark that spreadsheets put in front of UTF-8.
pub(crate) fn unmarked(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// Takes a row off the text. A cell in double quotes may hold commas and line breaks.
pub(crate) fn row(chars: &mut Peekable<Chars<'_>>) -> (Vec<String>, End) {
    let (mut row, mut cell, mut in_quotes) = (Vec::new(), String::new(), false);
    let end = loop {
        match chars.next() {
            None if in_quotes => break End::Quote,
            None => break End::Text,
            Some('\n') if !in_quotes => break End::Line,
            Some('\r') if !in_quotes && chars.peek() == Some(&'\n') => {}
            Some(',') if !in_quotes => row.push(std::mem::take(&mut cell)),
            Some('"') if in_quotes && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            Some('"') => in_quotes = !in_quotes,
            Some(other) => cell.push(other),
        }
    };
    row.push(cell);
    (row, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_ends_with_its_line_and_a_quoted_cell_does_not() {
        let mut text = unmarked("\u{feff}a,\"b,\"\"c\"\"\nd\"\r\n,\n\"e").chars().peekable();
        let mut next = || row(&mut text);
        assert_eq!(next(), (vec!["a".to_owned(), "b,\"c\"\nd".to_owned()], End::Line));
        assert_eq!(next(), (vec![String::new(), String::new()], End::Line));
        assert_eq!(next(), (vec!["e".to_owned()], End::Quote));
        assert_eq!(next(), (vec![String::new()], End::Text));
    }
}

//! The rows of a feed, and whether it was cut off.

use crate::csv::{End, row, unmarked};

/// Text that ends in the middle of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CutOff {
    /// The row it ends in, counted from 1.
    pub(super) row: usize,
}

/// Every row, empty lines left out.
pub(super) fn rows(text: &str) -> Result<Vec<Vec<String>>, CutOff> {
    let text = unmarked(text);
    let mut chars = text.chars().peekable();
    let mut rows = Vec::new();
    let end = loop {
        let (row, end) = row(&mut chars);
        if row.len() > 1 || row.iter().any(|cell| !cell.is_empty()) {
            rows.push(row);
        }
        if end != End::Line {
            break end;
        }
    };
    let ends_amid = !text.ends_with('\n') && !text.is_empty();
    let short = |rows: &[Vec<String>]| match rows {
        [header, .., last] => last.len() < header.len(),
        [_] | [] => false,
    };
    if end == End::Quote || (ends_amid && short(&rows)) {
        return Err(CutOff { row: rows.len() });
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Vec<String>> {
        rows(text).unwrap()
    }

    #[test]
    fn cells_hold_what_stands_in_their_quotes() {
        let text = "\u{feff}a,b\r\n1,\"x, \"\"y\"\"\nz\"\n\n2,3";
        assert_eq!(read(text), [["a", "b"], ["1", "x, \"y\"\nz"], ["2", "3"]]);
        assert!(read("").is_empty());
        assert_eq!(read("a,b\n"), [["a", "b"]]);
    }

    #[test]
    fn text_that_ends_amid_a_row_is_cut_off() {
        assert_eq!(rows("a,b\n1,2\n3"), Err(CutOff { row: 3 }));
        assert_eq!(rows("a,b\n1,\"2"), Err(CutOff { row: 2 }));
        assert_eq!(read("a,b\n1,2\n3\n").len(), 3, "a whole line is not cut off, it lacks a cell");
    }
}

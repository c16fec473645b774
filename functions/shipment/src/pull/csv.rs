//! Rows of cells (RFC 4180): a cell in double quotes may hold commas and line breaks.

/// Text that ends in the middle of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CutOff {
    /// The row it ends in, counted from 1.
    pub(super) row: usize,
}

/// Every row, empty lines left out.
pub(super) fn rows(text: &str) -> Result<Vec<Vec<String>>, CutOff> {
    // Spreadsheets put a byte order mark in front of UTF-8.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let mut in_quotes = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if in_quotes && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' => in_quotes = !in_quotes,
            ',' if !in_quotes => row.push(std::mem::take(&mut cell)),
            '\r' if !in_quotes && chars.peek() == Some(&'\n') => {}
            '\n' if !in_quotes => {
                row.push(std::mem::take(&mut cell));
                end(&mut rows, &mut row);
            }
            other => cell.push(other),
        }
    }
    let ends_amid = !text.ends_with('\n') && !text.is_empty();
    row.push(cell);
    end(&mut rows, &mut row);
    let short = |rows: &[Vec<String>]| match rows {
        [header, .., last] => last.len() < header.len(),
        [_] | [] => false,
    };
    if in_quotes || (ends_amid && short(&rows)) {
        return Err(CutOff { row: rows.len() });
    }
    Ok(rows)
}

fn end(rows: &mut Vec<Vec<String>>, row: &mut Vec<String>) {
    let row = std::mem::take(row);
    if row.iter().any(|cell| !cell.is_empty()) || row.len() > 1 {
        rows.push(row);
    }
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

//! How much memory a document's tree takes, told from its text before there is one.
//!
//! An object of one member takes a hundred times the bytes that it is written in, so
//! that a message of the largest size could take more memory than a function has,
//! and with it the other records of its batch. What real documents hold is far below
//! these limits: an object or a list for every 50 bytes or more.

use crate::Invalid;

/// More objects and lists than a message of the largest size holds, when each is of
/// 32 bytes.
const MOST_CONTAINERS: usize = 32 * 1024;
/// More members and entries than it holds, when each is of 8 bytes.
const MOST_VALUES: usize = 128 * 1024;

/// Refuses text whose tree would be many times its size. Text that is no JSON is
/// counted up to where a parser stops, at least.
pub(super) fn check(text: &str) -> Result<(), Invalid> {
    let (mut containers, mut values) = (0_usize, 0_usize);
    let (mut in_text, mut escaped) = (false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'{' | b'[' if !in_text => containers += 1,
            b',' if !in_text => values += 1,
            _ => {}
        }
    }
    // Every container has one more than it has commas, unless it is empty.
    let values = values + containers;
    for (what, count, most) in
        [("objects and lists", containers, MOST_CONTAINERS), ("values", values, MOST_VALUES)]
    {
        if count > most {
            return Err(Invalid::new(
                "data",
                format!("expected at most {most} {what}, got {count}"),
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn list(entry: &Value, times: usize) -> String {
        Value::Array(vec![entry.clone(); times]).to_string()
    }

    #[test]
    fn a_tree_of_too_many_nodes_is_refused_before_it_is_made() {
        check(&list(&json!({}), MOST_CONTAINERS - 1)).unwrap();
        let error = check(&list(&json!({}), MOST_CONTAINERS)).unwrap_err();
        let said = "data: expected at most 32768 objects and lists, got 32769";
        assert_eq!(error.to_string(), said);
        check(&list(&json!(0), MOST_VALUES - 1)).unwrap();
        let error = check(&list(&json!(0), MOST_VALUES + 1)).unwrap_err();
        assert_eq!(error.to_string(), "data: expected at most 131072 values, got 131073");
    }

    #[test]
    fn what_stands_in_text_counts_nothing() {
        let marks = "[{,\"\\".repeat(MOST_VALUES);
        check(&list(&json!(marks), 1)).unwrap();
    }
}

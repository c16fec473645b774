//! How every command gives its answer: one JSON document for a program, lines for a
//! person, and moments that both can read.

use crate::error::Error;
use flotilla_shipment::words::whole_second;
use flotilla_task::Timestamp;
use serde::Serialize;
use std::io::Write;

/// The one document of an answer for a program.
///
/// # Errors
/// [`Error::Output`] when nobody can read it.
pub fn json(answer: &impl Serialize, out: &mut dyn Write) -> Result<(), Error> {
    let text = serde_json::to_string_pretty(answer);
    let text = text.map_err(|error| Error::usage(format!("writing JSON: {error}")))?;
    Ok(writeln!(out, "{text}")?)
}

/// The one answer: the document for a program, or the lines for a person.
///
/// # Errors
/// See [`json`].
pub fn either(
    is_json: bool,
    document: &impl Serialize,
    lines: &str,
    out: &mut dyn Write,
) -> Result<(), Error> {
    if is_json { json(document, out) } else { Ok(writeln!(out, "{lines}")?) }
}

/// A moment for a program: RFC 3339, in UTC, as exact as it is.
#[must_use]
pub fn moment(at: Timestamp) -> String {
    jiff::Timestamp::from(at).to_string()
}

/// The same to the second, as logs have it.
#[must_use]
pub fn second(at: Timestamp) -> String {
    whole_second(at.into()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_program_gets_one_document_and_a_person_lines() {
        let said = |is_json| {
            let mut out = Vec::new();
            either(is_json, &json!({"a": 1}), "one", &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        assert_eq!((said(true).as_str(), said(false).as_str()), ("{\n  \"a\": 1\n}\n", "one\n"));
        let at = Timestamp::from_millis(1_764_230_400_250);
        assert_eq!(moment(at), "2025-11-27T08:00:00.25Z");
        assert_eq!(second(at), "2025-11-27T08:00:00Z");
    }
}

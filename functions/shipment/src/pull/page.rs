//! A page: an answer, read into the documents that ingestion takes as if they had
//! been pushed.

use super::csv;
use super::feed::{Fields, Row};
use super::plan::{Plan, Speaks};
use super::problem::{Code, Problem};
use crate::Invalid;
use crate::inbound::{self, Kind};
use flotilla_task::fingerprint;
use serde_json::Value;

/// The largest page, in bytes. A single event of that size still fits in a message,
/// and a page with all that is made of it in a function's memory.
pub const MAX_PAGE: usize = 768 * 1024;
/// Messages that one page becomes. A page of more events becomes as many smaller
/// documents, which ingestion cuts itself.
const MAX_DOCUMENTS: usize = 1000;

/// What a page holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// Its events.
    pub documents: Vec<Document>,
    /// The token of the next page, where it stands in the document.
    pub next: Option<String>,
}

/// One event, or a few of a very long page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The same whenever the page is read.
    pub id: String,
    /// JSON.
    pub data: String,
}

impl Plan {
    /// Reads a page. A bad event on it is not looked for: it is refused alone, when
    /// it is read as a message.
    ///
    /// # Errors
    /// [`Problem`] when it is no page of this kind as a whole.
    pub fn read(&self, body: &str) -> Result<Page, Problem> {
        if body.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']).starts_with('<') {
            return Err(Problem::new(Code::Html, "expected data, got a page for people"));
        }
        match &self.speaks {
            Speaks::Epcis => standard(Kind::Epcis, body),
            Speaks::Dcsa => standard(Kind::Dcsa, body),
            Speaks::Json { rows, next, fields } => json_rows(body, rows, next.as_deref(), fields),
            Speaks::Csv { fields } => csv_rows(body, fields),
        }
    }
}

fn standard(kind: Kind, body: &str) -> Result<Page, Problem> {
    is_whole(body)?;
    let cut = inbound::page(kind, body, MAX_DOCUMENTS).map_err(|error| not_a_page(&error))?;
    let document = |data: String| Document { id: fingerprint(&["page", &data]), data };
    Ok(Page { documents: cut.into_iter().map(document).collect(), next: None })
}

fn json_rows(
    body: &str,
    rows: &[String],
    next: Option<&[String]>,
    fields: &Fields,
) -> Result<Page, Problem> {
    is_whole(body)?;
    let document = inbound::json(body).map_err(|error| not_a_page(&error))?;
    let at = |path: &[String]| path.iter().try_fold(&document, |value, name| value.get(name));
    let list = at(rows).and_then(Value::as_array).ok_or_else(|| {
        let place = if rows.is_empty() { "the document".to_owned() } else { rows.join(".") };
        Problem::new(Code::NotAPage, format!("{place}: expected a list of rows"))
    })?;
    let next = match next.and_then(at) {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) if text.is_empty() => None,
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        Some(Value::Bool(_) | Value::Array(_) | Value::Object(_)) => {
            let place = next.unwrap_or_default().join(".");
            let text = format!("{place}: expected the token of the next page");
            return Err(Problem::new(Code::NotAPage, text));
        }
    };
    Ok(Page {
        documents: list.iter().filter_map(|row| fields.of_json(row)).map(of_row).collect(),
        next,
    })
}

fn csv_rows(body: &str, fields: &Fields) -> Result<Page, Problem> {
    let cut = |cut: csv::CutOff| Problem::new(Code::CutOff, format!("it ends in row {}", cut.row));
    let rows = csv::rows(body).map_err(cut)?;
    let Some((header, rows)) = rows.split_first() else { return Ok(Page::default()) };
    let columns: Vec<String> = header.iter().map(|name| name.trim().to_owned()).collect();
    if let Some(missing) = fields.missing_in(&columns) {
        return Err(Problem::new(Code::NotAPage, format!("it has no column {missing}")));
    }
    let rows = rows.iter().filter_map(|cells| fields.of_cells(&columns, cells));
    Ok(Page { documents: rows.map(of_row).collect(), next: None })
}

fn of_row(row: Row) -> Document {
    Document { id: row.id, data: row.data }
}

/// Text that stops in the middle of its JSON was cut off; anything else that is no
/// JSON is not a page.
fn is_whole(body: &str) -> Result<(), Problem> {
    match serde_json::from_str::<serde::de::IgnoredAny>(body) {
        Ok(_) => Ok(()),
        Err(error) if error.is_eof() => {
            Err(Problem::new(Code::CutOff, format!("{} bytes: {error}", body.len())))
        }
        Err(error) => Err(Problem::new(Code::NotAPage, format!("not JSON: {error}"))),
    }
}

fn not_a_page(error: &Invalid) -> Problem {
    Problem::new(Code::NotAPage, error)
}

#[cfg(test)]
mod tests;

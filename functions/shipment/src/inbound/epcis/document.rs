//! Where the events stand: in a document, in the answer to a query, or bare.

use super::super::pieces::{MAX_EVENTS, cut};
use super::vocabulary::compact;
use crate::Invalid;
use crate::fields::Field;
use serde_json::{Map, Value};

/// Every event of a document; a bare event is one. The events themselves are not
/// looked into.
pub(super) fn events(document: &Value) -> Result<Vec<&Value>, Invalid> {
    let root = Field::root(document);
    let Some(body) = root.optional("epcisBody")? else {
        if root.optional("type")?.is_some_and(|kind| is_document(&kind)) {
            root.required("epcisBody")?;
        }
        return Ok(vec![document]);
    };
    let list = match (body.optional("queryResults")?, body.optional("event")?) {
        (Some(results), _) => results.required("resultsBody")?.required("eventList")?,
        (None, Some(event)) => return Ok(vec![event.value()]),
        (None, None) => body.required("eventList")?,
    };
    Ok(list.list(MAX_EVENTS)?.iter().map(Field::value).collect())
}

fn is_document(kind: &Field<'_>) -> bool {
    kind.text().is_ok_and(|text| text.ends_with("Document"))
}

/// The longest value that every piece of a document carries along, in bytes. No
/// context is looked into, so a piece without its own reads the same; and fifty
/// copies of a long one would be a document of many times the size.
const MAX_SHARED: usize = 2048;

/// See [`super::super::pieces`]. Every piece keeps the context and the version
/// that it was written in, unless they are long, but neither sender nor master data.
pub(in super::super) fn pieces(root: Value, most: usize) -> Result<Option<Vec<String>>, Invalid> {
    let document = compact(root);
    let events = events(&document)?;
    let shared =
        |name: &str| document.get(name).filter(|value| value.to_string().len() <= MAX_SHARED);
    let context = shared("@context");
    let piece = |events: &[&Value]| match events {
        [Value::Object(event)] => bare(event, context),
        events => {
            let kept = ["@context", "schemaVersion", "creationDate"];
            let mut piece: Map<String, Value> = kept
                .into_iter()
                .filter_map(|name| Some((name.to_owned(), shared(name)?.clone())))
                .collect();
            piece.insert("type".to_owned(), "EPCISDocument".into());
            piece.insert("epcisBody".to_owned(), serde_json::json!({"eventList": events}));
            Value::Object(piece)
        }
    };
    Ok(cut(&events, most, piece))
}

/// A bare event brings its context along, as the standard asks for.
fn bare(event: &Map<String, Value>, context: Option<&Value>) -> Value {
    let mut event = event.clone();
    if let (false, Some(context)) = (event.contains_key("@context"), context) {
        event.insert("@context".to_owned(), context.clone());
    }
    Value::Object(event)
}

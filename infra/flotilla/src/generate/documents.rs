//! Puts events into documents, as the systems of each standard send them: bare,
//! alone in a document, several together, or as the answer to a query.

use super::happening::{Happening, Standard};
use super::pen::Pen;
use super::{Draft, envelope};
use crate::error::Error;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const CONTEXT: &str = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld";

/// The form of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// The event itself.
    Bare,
    /// An EPCIS document, or a list of DCSA events.
    Document,
    /// What a repository answers to a query.
    Page,
}

/// All events in documents. Events of one shop and one standard that happened
/// soon after each other may share one.
pub(crate) fn bundle(pen: &mut Pen<'_>, mut all: Vec<Happening>) -> Result<Vec<Draft>, Error> {
    all.sort_by(|a, b| a.at.total_cmp(&b.at));
    let mut systems: BTreeMap<(Standard, &str), Vec<Happening>> = BTreeMap::new();
    for happening in all {
        systems.entry((happening.standard, happening.tenant)).or_default().push(happening);
    }
    let mut drafts = Vec::new();
    for happenings in systems.into_values() {
        let mut rest = happenings.as_slice();
        while let Some(first) = rest.first() {
            let wanted = if pen.chance(45) { pen.dice.usize(2..=6) } else { 1 };
            let soon = |next: &&Happening| next.at - first.at < 0.03;
            let count = rest.iter().take(wanted).take_while(soon).count().max(1);
            let (together, later) = rest.split_at(count);
            let form = match (count, pen.dice.u32(0..10)) {
                (1, 0..=6) => Form::Bare,
                (_, 7) => Form::Page,
                _ => Form::Document,
            };
            drafts.push(draft(pen, together, form)?);
            rest = later;
        }
        if let Some(page) = again(pen, &happenings)? {
            drafts.push(page);
        }
    }
    Ok(drafts)
}

/// A page of a warehouse's query interface, with events that were pushed before.
fn again(pen: &mut Pen<'_>, happenings: &[Happening]) -> Result<Option<Draft>, Error> {
    let good = |h: &&Happening| matches!(h.expected, crate::books::Fate::Taken { .. });
    let pushed: Vec<_> = happenings.iter().filter(good).cloned().collect();
    let is_epcis = |h: &Happening| h.standard == Standard::Epcis;
    if pushed.len() < 4 || !pushed.iter().all(is_epcis) {
        return Ok(None);
    }
    let from = pen.dice.usize(0..=pushed.len() - 4);
    let page: Vec<_> = pushed.into_iter().skip(from).take(4).collect();
    let mut page = draft(pen, &page, Form::Page)?;
    page.what = "events once more";
    page.at = (page.at + 0.1).min(0.98);
    Ok(Some(page))
}

fn draft(pen: &mut Pen<'_>, events: &[Happening], form: Form) -> Result<Draft, Error> {
    let (Some(first), Some(last)) = (events.first(), events.last()) else {
        return Err(Error::usage("a document needs an event".to_owned()));
    };
    let id = pen.names.event();
    let time = pen.utc(last.at)?;
    let (kind, source) = (first.standard.kind(), first.standard.source());
    let data = match first.standard {
        Standard::Epcis => epcis(events, form, &id, &time),
        Standard::Dcsa => dcsa(events, form),
    };
    Ok(Draft {
        what: if events.len() == 1 { first.what } else { "several events" },
        body: envelope(kind, source, &id, &time, first.tenant, &data).to_string(),
        source: Some(source.to_owned()),
        tenant: first.tenant,
        events: events.iter().map(Happening::event).collect(),
        at: last.at,
    })
}

fn epcis(events: &[Happening], form: Form, id: &str, time: &str) -> Value {
    let context = json!([CONTEXT, {"example": "https://ns.example.com/epcis/"}]);
    let mut list: Vec<Value> = events.iter().map(|event| event.data.clone()).collect();
    let document = |kind: &str, body: Value| {
        json!({
            "@context": context, "id": format!("https://wms.example.com/documents/{id}"),
            "type": kind, "schemaVersion": "2.0", "creationDate": time, "epcisBody": body,
        })
    };
    match form {
        Form::Bare => {
            let mut event = list.pop().unwrap_or_default();
            super::epcis::set(&mut event, "@context", context);
            event
        }
        Form::Document => document("EPCISDocument", json!({"eventList": list})),
        Form::Page => {
            for event in &mut list {
                super::epcis::set(event, "recordTime", json!(time));
            }
            let results =
                json!({"queryName": "SimpleEventQuery", "resultsBody": {"eventList": list}});
            document("EPCISQueryDocument", json!({"queryResults": results}))
        }
    }
}

fn dcsa(events: &[Happening], form: Form) -> Value {
    let mut list: Vec<Value> = events.iter().map(|event| event.data.clone()).collect();
    match form {
        Form::Bare => list.pop().unwrap_or_default(),
        Form::Document | Form::Page => Value::Array(list),
    }
}

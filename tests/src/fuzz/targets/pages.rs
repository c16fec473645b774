//! What a source answers: pages of both standards, of rows in JSON and in CSV, and
//! the header that names the next one.

use super::{is_short, target};
use crate::fuzz::{Target, samples};
use flotilla_shipment::pull::{Plan, Problem, Speaks, link, page, problem};
use flotilla_shipment::sources::Sources;
use flotilla_task::EventId;
use serde_json::value::RawValue;

/// Longer than any problem.
const ERROR: usize = 300;

const ROWS: &str = r#"{"moves":[{"nr":"m-1","box":"CSQU3054383","what":"IN","at":"2026-11-20T08:00","gate":"DEHAM"},{"nr":2,"what":"SCAN"}],"paging":{"next":"p2"}}"#;
const TABLE: &str = "nr,box,what,at,gate\nm-1,CSQU3054383,IN,2026-11-20T08:00,\"DE, HAM\"\n\
    m-2,\"CSQU\"\"3054383\",SCAN,2026-11-20T09:00,DEHAM\n";
const LINK: &str = "</events?p=1>; rel=\"first\", <https://a/events?p=2>; rel=\"next\"";

pub(super) fn targets() -> Vec<Target> {
    let sources = Sources::parse(
        &String::from_utf8(samples::file("functions/shipment/data/sources.toml")).unwrap(),
        "f",
    );
    let pulled = sources.unwrap().pulled("http://127.0.0.1:1");
    let of = |plan: Plan| {
        let (name, samples) = match plan.speaks {
            Speaks::Epcis => ("page-epcis", samples::documents("epcis")),
            Speaks::Dcsa => ("page-dcsa", samples::documents("dcsa")),
            Speaks::Json { .. } => ("page-json", vec![ROWS.as_bytes().to_vec()]),
            Speaks::Csv { .. } => ("page-csv", vec![TABLE.as_bytes().to_vec()]),
        };
        target(name, samples, move |bytes| check(&plan, bytes))
    };
    let mut all: Vec<_> = pulled.into_iter().map(|(_, plan)| of(plan)).collect();
    all.push(target("links", vec![LINK.as_bytes().to_vec()], link_is_in_its_header));
    all
}

fn check(plan: &Plan, bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if text.len() > page::MAX_PAGE {
        return;
    }
    if let Some(said) = problem::said(text) {
        is_short(&Problem::new(problem::Code::Refused, said), ERROR);
    }
    match plan.read(text) {
        Ok(page) => {
            assert_eq!(plan.read(text).unwrap(), page, "the same page is the same messages");
            for document in &page.documents {
                EventId::new(document.id.as_str()).unwrap();
                serde_json::from_str::<&RawValue>(&document.data).unwrap();
            }
        }
        Err(problem) => is_short(&problem, ERROR),
    }
}

fn link_is_in_its_header(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Some(target) = link::next(text) {
        assert!(text.contains(target) && !target.contains('>'));
    }
}

use super::*;
use crate::pull::plan::tests::{ROWS, plan};
use serde_json::json;

const URL: &str = "https://a.example/x";

fn epcis(events: &Value) -> String {
    json!({
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISQueryDocument",
        "schemaVersion": "2.0",
        "epcisBody": {"queryResults": {"resultsBody": {"eventList": events}}},
    })
    .to_string()
}

fn event(id: &str) -> Value {
    json!({"type": "ObjectEvent", "eventID": id, "action": "OBSERVE",
        "eventTime": "2026-11-20T08:00:00Z", "eventTimeZoneOffset": "+00:00",
        "epcList": ["urn:epc:id:sscc:0614141.1234567890"]})
}

fn problem(kind: &str, more: &str, body: &str) -> (Code, String) {
    let problem = plan(kind, URL, more).read(body).unwrap_err();
    (problem.code, problem.text)
}

#[test]
fn each_event_of_a_standards_page_is_a_document_that_ingestion_reads() {
    let plan = plan("epcis", URL, "");
    let page = plan.read(&epcis(&json!([event("urn:uuid:1"), event("urn:uuid:2")]))).unwrap();
    let read = |document: &Document| {
        inbound::read(Kind::Epcis, &document.data).unwrap().event.unwrap().to_string()
    };
    assert_eq!(page.documents.iter().map(read).collect::<Vec<_>>(), ["urn:uuid:1", "urn:uuid:2"]);
    let one = plan.read(&epcis(&json!([event("urn:uuid:1")]))).unwrap();
    assert_eq!(read(&one.documents[0]), "urn:uuid:1");
    assert!(plan.read(&epcis(&json!([]))).unwrap().documents.is_empty());
    let again = plan.read(&epcis(&json!([event("urn:uuid:1")]))).unwrap();
    assert_eq!(again, one, "the same page twice is the same messages");
}

#[test]
fn dcsa_lists_stand_bare_or_under_events() {
    let plan = plan("dcsa", URL, "");
    for body in [json!([{"eventID": "1"}, {"eventID": "2"}]), json!({"events": [{}, {}]})] {
        assert_eq!(plan.read(&body.to_string()).unwrap().documents.len(), 2);
    }
}

#[test]
fn an_answer_that_is_no_page_is_named() {
    let whole = epcis(&json!([event("urn:uuid:1")]));
    for kind in ["epcis", "dcsa"] {
        let (code, text) = problem(kind, "", &whole[..whole.len() / 2]);
        assert_eq!(code, Code::CutOff);
        assert!(text.contains("EOF while parsing"), "{text}");
        assert_eq!(problem(kind, "", "\n<!DOCTYPE html><p>down</p>").0, Code::Html);
        assert_eq!(problem(kind, "", "").0, Code::CutOff);
        assert_eq!(problem(kind, "", "hello").0, Code::NotAPage);
        // An error in the clothes of an answer.
        assert_eq!(problem(kind, "", "{\"error\": \"later\"}").0, Code::NotAPage);
    }
    let crowded = format!("[{}]", vec!["{}"; 40_000].join(","));
    let (code, text) = problem("dcsa", "", &crowded);
    assert_eq!(code, Code::NotAPage);
    assert!(text.contains("objects and lists"), "{text}");
}

#[test]
fn a_feed_in_json_may_have_pages() {
    let more = format!("rows = \"data.moves\"\nnext = \"paging.next\"\n{ROWS}");
    let feed = plan("json", URL, &more);
    let row = json!({"nr": "m-1", "box": "CSQU3054383", "what": "IN", "at": "2026-11-20T08:00"});
    let body = json!({"data": {"moves": [row, {"what": "SCAN"}]}, "paging": {"next": 7}});
    let page = feed.read(&body.to_string()).unwrap();
    assert_eq!((page.documents.len(), page.next.as_deref()), (1, Some("7")));
    assert_eq!(page.documents[0].id, "m-1");
    assert!(inbound::read(Kind::Tracking, &page.documents[0].data).is_ok());
    let last = json!({"data": {"moves": []}, "paging": {"next": null}}).to_string();
    assert_eq!(feed.read(&last).unwrap(), Page::default());
    let wrong = json!({"data": {"moves": []}, "paging": {"next": {}}}).to_string();
    assert_eq!(
        problem("json", &more, &wrong),
        (Code::NotAPage, "paging.next: expected the token of the next page".to_owned())
    );
    assert_eq!(
        problem("json", &more, "{\"data\": []}"),
        (Code::NotAPage, "data.moves: expected a list of rows".to_owned())
    );
}

#[test]
fn a_feed_in_csv_has_its_columns_by_name() {
    let text =
        "at,what,box,nr,gate,driver\n2026-11-20T08:00,IN,CSQU3054383,m-1,DEHAM,\"Smith, A\"\n";
    let page = plan("csv", URL, ROWS).read(text).unwrap();
    let read = inbound::read(Kind::Tracking, &page.documents[0].data);
    assert!(read.is_ok() && !page.documents[0].data.contains("Smith"));
    assert_eq!(plan("csv", URL, ROWS).read("").unwrap(), Page::default());
    assert_eq!(
        problem("csv", ROWS, "at,what\n"),
        (Code::NotAPage, "it has no column box".to_owned())
    );
    assert_eq!(
        problem("csv", ROWS, &text[..text.len() - 20]),
        (Code::CutOff, "it ends in row 2".to_owned())
    );
    assert_eq!(problem("csv", ROWS, "<html>").0, Code::Html);
}

//! The partners that speak a standard, over real HTTP: a warehouse with EPCIS
//! 2.0 and a tracking system with DCSA Track & Trace 2.2.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops by panicking")]

use partners::{Moods, Running, World, start};
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};

struct Caller {
    http: Client,
    world: Running,
}

impl Caller {
    async fn calm() -> Self {
        // Another test of this process may have installed it already.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap();
        Self { http, world: start(World::new(7, Moods::calm())).await.unwrap() }
    }

    async fn post(&self, path: &str, body: &Value) -> Response {
        let url = format!("{}{path}", self.world.url);
        self.http.post(url).body(body.to_string()).send().await.unwrap()
    }

    async fn get(&self, path: &str) -> Response {
        let own = path.starts_with("http");
        let url = if own { path.to_owned() } else { format!("{}{path}", self.world.url) };
        self.http.get(url).send().await.unwrap()
    }

    async fn mood(&self, partner: &str, mood: Value) {
        assert_eq!(self.post(&format!("/moods/{partner}"), &mood).await.status(), StatusCode::OK);
    }
}

async fn json(response: Response) -> Value {
    serde_json::from_str(&response.text().await.unwrap()).unwrap()
}

fn document(events: &[Value]) -> Value {
    json!({"type": "EPCISDocument", "schemaVersion": "2.0", "epcisBody": {"eventList": events}})
}

fn seen(id: &str, time: &str) -> Value {
    json!({"type": "ObjectEvent", "eventID": id, "action": "OBSERVE", "eventTime": time,
           "eventTimeZoneOffset": "+00:00", "epcList": ["urn:epc:id:sscc:0614141.1234567890"]})
}

fn ids(page: &Value) -> Vec<&str> {
    let events = &page["epcisBody"]["queryResults"]["resultsBody"]["eventList"];
    events.as_array().unwrap().iter().map(|event| event["eventID"].as_str().unwrap()).collect()
}

/// The URL of `Link: <...>; rel="next"`.
fn next(page: &Response) -> Option<String> {
    let link = page.headers().get("link")?.to_str().unwrap();
    let url = link.strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap();
    Some(url.to_owned())
}

#[tokio::test]
async fn a_captured_document_is_a_job_and_its_events_are_recorded() {
    let caller = Caller::calm().await;
    let nameless = json!({"type": "ObjectEvent", "eventTime": "2026-11-27T09:00:00+01:00"});
    let events = [seen("urn:uuid:1", "2026-11-27T08:00:00Z"), nameless];
    let taken = caller.post("/warehouse/capture", &document(&events)).await;
    assert_eq!(taken.status(), StatusCode::ACCEPTED);
    assert_eq!(taken.headers()["gs1-epcis-version"], "2.0.0");
    let job = json(caller.get(taken.headers()["location"].to_str().unwrap()).await).await;
    assert_eq!((&job["running"], &job["success"]), (&json!(false), &json!(true)));

    let page = json(caller.get("/warehouse/events").await).await;
    assert_eq!(page["type"], "EPCISQueryDocument");
    assert_eq!(ids(&page)[0], "urn:uuid:1");
    assert!(ids(&page)[1].starts_with("urn:uuid:"), "an event without an id is given one");
    let event = &page["epcisBody"]["queryResults"]["resultsBody"]["eventList"][0];
    assert!(event["recordTime"].is_string() && event["epcList"].is_array(), "{event}");

    // A query document can be captured as it was answered.
    assert_eq!(caller.post("/warehouse/capture", &page).await.status(), StatusCode::ACCEPTED);
    assert_eq!(ids(&json(caller.get("/warehouse/events").await).await).len(), 4);
}

#[tokio::test]
async fn a_document_with_one_bad_event_is_refused_whole() {
    let caller = Caller::calm().await;
    let good = seen("urn:uuid:1", "2026-11-27T08:00:00Z");
    for (bad, detail) in [
        (document(&[good.clone(), seen("urn:uuid:2", "yesterday")]), "eventTime: expected"),
        (document(&[good.clone(), json!({"eventTime": "2026-11-27T08:00:00Z"})]), "type: expected"),
        (json!({"type": "EPCISDocument", "epcisBody": {}}), "eventList: expected"),
        (json!({"type": "Order"}), "type: expected EPCISDocument"),
    ] {
        let answer = caller.post("/warehouse/capture", &bad).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        let problem = json(answer).await;
        assert_eq!(problem["type"], "epcisException:ValidationException");
        assert_eq!(problem["status"], 400);
        assert!(problem["detail"].as_str().unwrap().starts_with(detail), "{problem}");
    }
    assert!(ids(&json(caller.get("/warehouse/events").await).await).is_empty());
}

#[tokio::test]
async fn pages_are_followed_by_their_links_and_keep_the_filter() {
    let caller = Caller::calm().await;
    for day in 1..=7 {
        let event = seen(&format!("urn:uuid:{day}"), &format!("2026-11-0{day}T08:00:00+01:00"));
        caller.post("/warehouse/capture", &document(&[event])).await;
    }
    let first = "/warehouse/events?perPage=2&GE_eventTime=2026-11-02T07:00:00Z";
    let mut url = format!("{first}&LT_eventTime=2026-11-07T07:00:00Z");
    let mut pages = Vec::new();
    loop {
        let page = caller.get(&url).await;
        assert_eq!(page.status(), StatusCode::OK);
        let following = next(&page);
        pages.push(ids(&json(page).await).iter().map(|id| (*id).to_owned()).collect::<Vec<_>>());
        // What comes meanwhile neither shifts a page nor comes twice.
        let meanwhile = seen("urn:uuid:late", "2026-11-20T08:00:00Z");
        caller.post("/warehouse/capture", &document(&[meanwhile])).await;
        let Some(following) = following else { break };
        url = following;
    }
    let id = |day| format!("urn:uuid:{day}");
    assert_eq!(pages, [vec![id(2), id(3)], vec![id(4), id(5)], vec![id(6)]]);

    let page = json(caller.get("/warehouse/events").await).await;
    let event = &page["epcisBody"]["queryResults"]["resultsBody"]["eventList"][0];
    let since = event["recordTime"].as_str().unwrap();
    let url = format!("/warehouse/events?LT_recordTime={since}");
    assert!(ids(&json(caller.get(&url).await).await).is_empty());
    let url = format!("/warehouse/events?GE_recordTime={since}");
    assert_eq!(ids(&json(caller.get(&url).await).await).len(), ids(&page).len());
}

#[tokio::test]
async fn a_wrong_query_is_a_problem_document() {
    let caller = Caller::calm().await;
    for wrong in ["perPage=0", "nextPageToken=7", "GE_eventTime=noon", "EQ_colour=red"] {
        let answer = caller.get(&format!("/warehouse/events?{wrong}")).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{wrong}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        let problem = json(answer).await;
        assert_eq!(problem["type"], "epcisException:QueryParameterException", "{problem}");
    }
    let job = caller.get("/warehouse/capture/nobody").await;
    assert_eq!(json(job).await["type"], "epcisException:NoSuchResourceException");
}

#[tokio::test]
async fn partners_that_speak_a_standard_have_moods_too() {
    let caller = Caller::calm().await;
    caller.mood("warehouse", json!({"throttle_rate": 1, "retry_after_s": 4})).await;
    let answer = caller.get("/warehouse/events").await;
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.headers()["retry-after"], "4");
    assert_eq!(json(answer).await["title"], "Too Many Requests");
    caller.mood("tracking", json!({"error_rate": 1})).await;
    let answer = caller.get("/tracking/v2/events").await;
    assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(json(answer).await["statusCode"], 500);
    let calls = json(caller.get("/ledger").await).await["calls"].clone();
    assert_eq!(calls, json!({"warehouse": {"429": 1}, "tracking": {"500": 1}}));
}

fn moved(id: &str, container: &str, booking: &str) -> Value {
    json!({"eventID": id, "eventType": "EQUIPMENT", "eventClassifierCode": "ACT",
           "eventDateTime": "2026-11-27T08:00:00Z", "eventCreatedDateTime": "2026-11-27T08:01:00Z",
           "equipmentEventTypeCode": "LOAD", "equipmentReference": container,
           "documentReferences": [
               {"documentReferenceType": "BKG", "documentReferenceValue": booking}]})
}

async fn told(caller: &Caller, query: &str) -> Vec<String> {
    let answer = caller.get(&format!("/tracking/v2/events{query}")).await;
    assert_eq!(answer.status(), StatusCode::OK, "{query}");
    let list = json(answer).await;
    list.as_array().unwrap().iter().map(|e| e["eventID"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn container_events_are_a_list_that_is_filtered_and_followed_page_by_page() {
    let caller = Caller::calm().await;
    let events = [
        moved("e1", "MSKU1234565", "B1"),
        moved("e2", "MSKU1234565", "B2"),
        moved("e3", "APZU4812090", "B2"),
    ];
    let taken = caller.post("/tracking/v2/events", &json!(events)).await;
    assert_eq!(taken.status(), StatusCode::CREATED);
    let confirmed = json!({"eventID": "e4", "eventType": "SHIPMENT", "documentTypeCode": "BKG",
                           "documentID": "B2", "eventCreatedDateTime": "2026-11-28T08:00:00Z"});
    caller.post("/tracking/v2/events", &confirmed).await;

    assert_eq!(told(&caller, "").await, ["e1", "e2", "e3", "e4"]);
    assert_eq!(told(&caller, "?equipmentReference=MSKU1234565").await, ["e1", "e2"]);
    assert_eq!(told(&caller, "?carrierBookingReference=B2").await, ["e2", "e3", "e4"]);
    assert_eq!(told(&caller, "?eventType=TRANSPORT,SHIPMENT").await, ["e4"]);
    let since = "?eventCreatedDateTime:gte=2026-11-28T00:00:00Z";
    assert_eq!(told(&caller, since).await, ["e4"]);

    let page = caller.get("/tracking/v2/events?limit=2&carrierBookingReference=B2").await;
    assert_eq!(page.headers()["api-version"], "2.2.0");
    assert!(page.headers().contains_key("current-page"));
    let following = page.headers()["next-page"].to_str().unwrap().to_owned();
    let last = caller.get(&following).await;
    assert!(!last.headers().contains_key("next-page"), "the last page names no other");
    assert_eq!(json(last).await[0]["eventID"], "e4");
}

#[tokio::test]
async fn dcsa_refusals_are_dcsa_error_documents() {
    let caller = Caller::calm().await;
    for wrong in ["limit=0", "cursor=-", "colour=red", "eventCreatedDateTime:gte=noon"] {
        let answer = caller.get(&format!("/tracking/v2/events?{wrong}")).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{wrong}");
        let error = json(answer).await;
        assert_eq!((&error["httpMethod"], &error["statusCode"]), (&json!("GET"), &json!(400)));
        assert_eq!(error["requestUri"], format!("/tracking/v2/events?{wrong}"));
        assert!(error["errors"][0]["message"].as_str().unwrap().contains("expected"), "{error}");
    }
    let nothing = caller.post("/tracking/v2/events", &json!([{"eventID": "e"}])).await;
    assert_eq!(nothing.status(), StatusCode::BAD_REQUEST);
}

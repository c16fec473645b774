//! Traces: what a collector is told of an event's way, and what it costs when nobody
//! listens. Stages under the real batch loop; with the real functions in
//! `crashes/traces.rs`.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops by panicking"
)]

#[path = "traces/bench.rs"]
mod bench;

use bench::{Bench, KEY, LIMIT, LIMITED};
use flotilla_runtime::batch::{Call, Handled, Handler};
use flotilla_task::envelope::Envelope;
use flotilla_task::{Failure, Stage};
use flotilla_tests::{PATIENCE, order, until};
use flotilla_wire::collector::{Answers, Collector, Told};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn event(id: &str) -> String {
    order(id, "SHP-1", "BKR-1", 60)
}

/// An event that says itself which trace it belongs to.
fn said(id: &str, parent: &str) -> String {
    event(id).replacen('{', &format!("{{\"traceparent\":\"{parent}\","), 1)
}

fn traceparent(body: &str) -> Option<String> {
    Envelope::parse(body).unwrap().trace_parent().map(str::to_owned)
}

/// The span of a stage's work on a record; the only one.
fn record(spans: &[Told], stage: Stage) -> Told {
    let found: Vec<_> = spans.iter().filter(|span| span.name == stage.as_str()).collect();
    assert_eq!(found.len(), 1, "{stage}: {spans:#?}");
    found[0].clone()
}

#[tokio::test]
async fn an_events_way_is_one_trace_whose_spans_lead_from_one_to_the_next() {
    let bench = Bench::traced(&[]).await;
    bench.through(&event("e-1")).await;
    let spans = bench.collector.spans();
    let ids: BTreeSet<_> = spans.iter().map(|span| span.id.clone()).collect();
    assert_eq!(ids.len(), spans.len(), "no two spans have one id");
    let mut leads = None;
    for stage in Stage::ALL {
        let span = record(&spans, stage);
        assert_eq!((&span.trace, &span.parent), (&spans[0].trace, &leads), "{stage}");
        assert_eq!(span.service, stage.as_str());
        assert_eq!(span.attributes["flotilla.task"], bench.task("e-1").await.id.as_str());
        assert_eq!(span.attributes["flotilla.shipment"], "SHP-1");
        assert_eq!(span.attributes["flotilla.message"], "acknowledged");
        assert_eq!(span.error, None);
        let calls: Vec<_> =
            spans.iter().filter(|call| call.parent.as_ref() == Some(&span.id)).collect();
        let calls: Vec<_> =
            calls.iter().map(|c| c.name.as_str()).filter(|name| name.contains(' ')).collect();
        let (expected, outcome): (&[&str], _) = match stage {
            Stage::Ingestion => (&["PutItem fleet"], "created"),
            Stage::Processing | Stage::Decision => (&["UpdateItem fleet"], "handed_on"),
            Stage::Communication => {
                (&["UpdateItem fleet", "POST dispatch", "UpdateItem fleet"], "handed_on")
            }
            Stage::State => (&["UpdateItem fleet"], "completed"),
        };
        assert_eq!(calls, expected, "{stage}");
        assert_eq!(span.attributes["flotilla.outcome"], outcome, "{stage}");
        leads = Some(span.id);
    }
    let partner = spans.iter().find(|span| span.name == "POST dispatch").unwrap();
    assert_eq!(partner.attributes["http.response.status_code"], "200");
    let notices = bench.partner.posted();
    assert_eq!(
        notices[0].headers["traceparent"],
        format!("00-{}-{}-01", partner.trace, partner.id)
    );
}

#[tokio::test]
async fn a_trace_costs_no_write_and_a_stored_message_is_sent_as_it_is() {
    let bench = Bench::traced(&[]).await;
    assert!(bench.deliver(Stage::Ingestion, &event("e-1")).await);
    let (created, to_processing) = (bench.task("e-1").await, bench.last());
    assert!(bench.deliver(Stage::Processing, &to_processing).await);
    let to_decision = bench.last();
    assert_eq!(bench.task("e-1").await.trace, created.trace, "the record keeps its creation's");
    // Delivered once more, the commit is refused and the stored message is sent again.
    assert!(bench.deliver(Stage::Processing, &to_processing).await);
    assert_eq!(bench.last(), to_decision);
    let spans = bench.collector.spans();
    let works: Vec<_> = spans.iter().filter(|span| span.name == "processing").collect();
    assert_ne!(works[0].id, works[1].id);
    assert_eq!(works[0].parent, works[1].parent);
    assert!(traceparent(&to_decision).unwrap().contains(&works[0].id), "who committed leads");
    assert_eq!(works[1].attributes["flotilla.outcome"], "fenced");
    let refused = spans.iter().find(|span| span.parent.as_ref() == Some(&works[1].id)).unwrap();
    assert_eq!((refused.attributes["flotilla.refused"].as_str(), &refused.error), ("true", &None));
}

#[tokio::test]
async fn an_attempt_that_fails_is_told_of_and_the_one_that_commits_leads() {
    let bench = Bench::traced(&[]).await;
    bench.deliver(Stage::Ingestion, &event("e-1")).await;
    let to_processing = bench.last();
    bench.fails.lock().unwrap().push(Failure::retry("the warehouse said: Ada is ill"));
    assert!(bench.deliver(Stage::Processing, &to_processing).await);
    let again = bench.last();
    assert_eq!(traceparent(&again), traceparent(&to_processing));
    assert!(bench.deliver(Stage::Processing, &again).await);
    let spans = bench.collector.spans();
    let works: Vec<_> = spans.iter().filter(|span| span.name == "processing").collect();
    assert_eq!(works[0].attributes["flotilla.outcome"], "to_be_tried_again");
    assert_eq!((works[0].error.as_deref(), &works[1].error), (Some("failed"), &None));
    assert_eq!(works[0].parent, works[1].parent);
    assert!(traceparent(&bench.last()).unwrap().contains(&works[1].id));
}

#[tokio::test]
async fn an_event_is_a_part_of_the_trace_that_it_names() {
    let bench = Bench::traced(&[]).await;
    bench.through(&said("e-1", PARENT)).await;
    let spans = bench.collector.spans();
    assert!(spans.iter().all(|span| span.trace == "0af7651916cd43dd8448eb211c80319c"));
    let first = record(&spans, Stage::Ingestion);
    assert_eq!(first.parent.as_deref(), Some("b7ad6b7169203331"));
    // One whose sender does not keep it is passed on as that, and told to nobody.
    bench.through(&said("e-2", &PARENT.replace("-01", "-00"))).await;
    assert_eq!(bench.collector.spans().len(), spans.len());
    let onward = traceparent(&bench.last()).unwrap();
    assert!(onward.starts_with("00-0af7651916cd43dd8448eb211c80319c") && onward.ends_with("-00"));
}

#[tokio::test]
async fn without_a_collector_what_an_event_says_is_passed_on_as_it_is() {
    let bench = Bench::traced(&[("OTEL_TRACES_EXPORTER", "none")]).await;
    bench.through(&said("e-1", PARENT)).await;
    let sent: Vec<_> = bench.sent.0.lock().unwrap().iter().map(|m| m.body.clone()).collect();
    assert!(sent.iter().all(|body| traceparent(body).as_deref() == Some(PARENT)), "{sent:#?}");
    assert_eq!(bench.partner.posted()[0].headers["traceparent"], PARENT);
    bench.through(&event("e-2")).await;
    assert_eq!(traceparent(&bench.last()), None);
    assert_eq!(bench.task("e-2").await.trace, None);
    assert!(bench.collector.posted().is_empty());
}

#[tokio::test]
async fn nothing_secret_or_personal_stands_in_a_span() {
    let bench = Bench::traced(&[]).await;
    bench.partner.answer(Answers::Status(500));
    bench.fails.lock().unwrap().push(Failure::retry("Ada Personal, ada@example.org"));
    bench.deliver(Stage::Ingestion, &event("e-1")).await;
    let to_processing = bench.last();
    assert!(to_processing.contains("Ada Personal"), "the test's own data is what is looked for");
    bench.deliver(Stage::Processing, &to_processing).await;
    let again = flotilla_task::StageMessage::stored_in(&bench.task("e-1").await);
    bench.deliver(Stage::Processing, &again.to_json().unwrap()).await;
    bench.deliver(Stage::Decision, &bench.last()).await;
    bench.deliver(Stage::Communication, &bench.last()).await;
    // A message that is not one, and one that claims to be about anything at all.
    bench.deliver(Stage::State, &event("Ada Personal")).await;
    let forged = again.to_json().unwrap().replace("\"SHP-1\"", "\"Ada Personal\"");
    bench.deliver(Stage::State, &forged).await;
    let spans = bench.collector.spans();
    let call = spans.iter().find(|span| span.name == "POST dispatch").unwrap();
    assert_eq!(call.error.as_deref(), Some("500"));
    assert_eq!(spans.iter().filter(|span| span.name == "state").count(), 2);
    for posted in bench.collector.posted() {
        assert_eq!(posted.headers["api-key"], KEY);
        for word in ["Ada", "ada@", "NLRTM", "49.90", KEY, "late", &bench.partner.url] {
            assert!(!posted.body.contains(word), "{word}: {}", posted.body);
        }
    }
}

/// Does not come to its end.
struct Panics;

impl Handler for Panics {
    async fn handle(&self, _: Call<'_>) -> Handled {
        panic!("as told")
    }
}

#[tokio::test]
async fn work_that_a_panic_ended_is_told_of() {
    let bench = Bench::traced(&[]).await;
    assert!(!bench.invoke(Stage::State, Panics, &event("e-1")).await);
    let span = record(&bench.collector.spans(), Stage::State);
    assert_eq!(span.error.as_deref(), Some("cut_off"));
}

/// An invocation with one message, and how long it took. None may be given up for it.
async fn timed(bench: &Bench, id: &str) -> Duration {
    let began = Instant::now();
    let body = event(id);
    let acknowledged = bench.deliver(Stage::Ingestion, &body);
    assert!(tokio::time::timeout(Duration::from_secs(20), acknowledged).await.unwrap());
    began.elapsed()
}

#[tokio::test]
async fn a_collector_that_hangs_costs_one_invocation_its_limit_and_is_left_alone() {
    let bench = Bench::traced(&LIMITED).await;
    bench.collector.answer(Answers::Never);
    let took = timed(&bench, "e-1").await;
    // A busy machine may take longer for the rest of it.
    assert!((LIMIT..LIMIT + Duration::from_secs(5)).contains(&took), "{took:?}");
    has_been_asked(&bench, 1).await;
    bench.clock.0.advance(Duration::from_secs(59));
    timed(&bench, "e-2").await;
    assert_eq!(bench.collector.posted().len(), 1, "it is left alone");
    bench.collector.answer(Answers::Status(200));
    bench.clock.0.advance(Duration::from_secs(1));
    timed(&bench, "e-3").await;
    has_been_asked(&bench, 2).await;
    for id in ["e-1", "e-2", "e-3"] {
        assert_eq!(bench.task(id).await.stage, Stage::Processing, "no record is lost");
    }
}

/// Waits until the collector was sent so many requests: one that hung may have reached
/// it and not been written down.
async fn has_been_asked(bench: &Bench, times: usize) {
    until("the collector to be asked", PATIENCE, || async {
        (bench.collector.posted().len() == times).then_some(())
    })
    .await;
}

/// The answer to Lambda is worth more than spans, and the collector is not to blame.
#[tokio::test]
async fn without_time_for_it_nobody_is_asked_and_the_next_invocation_asks_again() {
    let mut bench = Bench::traced(&LIMITED).await;
    bench.collector.answer(Answers::Never);
    bench.left = Duration::from_millis(900);
    timed(&bench, "e-1").await;
    bench.left = Duration::from_millis(300);
    timed(&bench, "e-2").await;
    assert!(bench.collector.posted().is_empty(), "it would hang, and the answer be late");
    bench.collector.answer(Answers::Status(200));
    bench.left = Duration::from_secs(30);
    timed(&bench, "e-3").await;
    has_been_asked(&bench, 1).await;
}

#[tokio::test]
async fn a_collector_that_is_gone_or_refuses_is_left_alone_as_well() {
    let bench = Bench::traced(&LIMITED).await;
    bench.collector.answer(Answers::Status(503));
    timed(&bench, "e-1").await;
    timed(&bench, "e-2").await;
    assert_eq!(bench.collector.posted().len(), 1);
    let gone = Collector::start(Answers::Status(200)).await.unwrap().url.clone();
    let bench =
        Bench::with(Collector::start(Answers::Status(200)).await.unwrap(), &gone, &LIMITED).await;
    for id in ["e-1", "e-2"] {
        let took = timed(&bench, id).await;
        assert!(took < LIMIT + Duration::from_secs(5), "{took:?}");
        assert_eq!(bench.task(id).await.stage, Stage::Processing);
    }
}

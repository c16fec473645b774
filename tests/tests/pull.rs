//! Pulling sources. Without a cloud: a puller against the stand-in world over real
//! HTTP and a strict DynamoDB. On a deployed fleet: what is pulled goes all its way.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops by panicking"
)]

#[path = "pull/bench.rs"]
mod bench;
#[path = "pull/deployed.rs"]
mod deployed;
#[path = "pull/sick.rs"]
mod sick;
#[path = "pull/told.rs"]
mod told;

use bench::{Bench, INVOCATION};
use flotilla_runtime::batch::{Handled, Verdict};
use flotilla_shipment::pull::ports::{Cursors, Kept};
use flotilla_shipment::pull::{Act, Code, Ruling, rule};
use flotilla_task::{AttemptId, Clock, ReasonCode, Source, Timestamp};
use serde_json::{Value, json};
use std::time::Duration;
use told::{document, loaded, moved, seen};

const WAREHOUSE: &str = "urn:example:warehouse:berlin";
const LINE: &str = "urn:example:line";
const YARD: &str = "urn:example:yard:7";
const FILE: &str = "urn:example:yard:file";
const SSCC: &str = "urn:epc:id:sscc:4012345.0111111111";

fn names(what: &str, count: usize) -> Vec<String> {
    (0..count).map(|n| format!("{what}-{n:03}")).collect()
}

/// Events enough for three pages at every source.
async fn fill(bench: &Bench) -> [Vec<String>; 3] {
    let ids = ["urn:uuid:w", "l", "y"].map(|what| names(what, 45));
    let events: Vec<_> = ids[0].iter().map(|id| seen(id, SSCC)).collect();
    bench.post("/warehouse/capture", &document(&events)).await;
    let events: Vec<_> = ids[1].iter().map(|id| loaded(id, "BKG-1")).collect();
    bench.post("/tracking/v2/events", &json!(events)).await;
    let rows: Vec<_> = ids[2].iter().map(|id| moved(id, "CSQU3054383", "IN")).collect();
    bench.post("/yard/moves", &json!(rows)).await;
    ids
}

fn reason(handled: &Handled) -> (ReasonCode, &str) {
    match &handled.verdict {
        Verdict::DeadLetter(reason) => (reason.code, &reason.text),
        other @ (Verdict::Acknowledge | Verdict::GiveBack { .. }) => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn every_kind_of_source_is_pulled_to_its_end_with_every_event_once() {
    let bench = Bench::new().await;
    let [warehouse, line, yard] = fill(&bench).await;
    for (source, expected, pages) in
        [(WAREHOUSE, &warehouse, 3), (LINE, &line, 3), (YARD, &yard, 3), (FILE, &yard, 1)]
    {
        assert_eq!(bench.pull(source).await, Handled::DONE, "{source}");
        assert_eq!(bench.events(), **expected, "{source}");
        let sent = bench.sent.messages.lock().unwrap().clone();
        for message in &sent {
            let body: Value = serde_json::from_str(&message.body).unwrap();
            assert_eq!((message.url.as_str(), &body["source"]), ("own", &json!(source)));
            assert!(!message.body.contains("Smith"), "only what is mapped is taken");
        }
        let cursor = bench.cursor(source).await;
        let finished = cursor.finished.unwrap();
        assert_eq!((finished.pages, finished.events), (pages, 45), "{source}");
        assert_eq!((cursor.run, cursor.lease_until, cursor.problem), (None, None, None));
        bench.forget();
    }
}

#[tokio::test]
async fn a_call_without_a_source_calls_for_those_that_are_due() {
    let bench = Bench::new().await;
    fill(&bench).await;
    let due = || async {
        let handled = bench.call(&json!({}), 1).await;
        assert_eq!(handled.verdict, Verdict::Acknowledge);
        handled.send
    };
    let first = due().await;
    assert_eq!(first.len(), 4);
    for message in &first {
        assert_eq!(bench.call_with(&message.body, 1).await, Handled::DONE);
    }
    assert!(due().await.is_empty(), "nobody is due at once");
    bench.forget();
    // The same message once more: what it called for is done.
    assert_eq!(bench.call_with(&first[0].body, 2).await, Handled::DONE);
    assert!(bench.events().is_empty());
    bench.clock.0.advance(Duration::from_secs(15 * 60));
    assert_eq!(due().await.len(), 3, "the file is due once an hour");
    bench.clock.0.advance(Duration::from_secs(45 * 60));
    assert_eq!(due().await.len(), 4);
}

#[tokio::test]
async fn the_next_pull_asks_for_what_is_new_and_is_told_when_nothing_is() {
    let bench = Bench::new().await;
    fill(&bench).await;
    bench.pull(WAREHOUSE).await;
    bench.forget();
    // What came since a little before the pull began is asked for once more.
    bench.pull(WAREHOUSE).await;
    assert_eq!(bench.events().len(), 45, "the overlap is read again, as duplicates");
    bench.forget();
    // Later that window is behind: nothing is found, so the question stays the same.
    bench.clock.0.advance(Duration::from_secs(3600));
    bench.pull(WAREHOUSE).await;
    bench.clock.0.advance(Duration::from_secs(3600));
    bench.pull(WAREHOUSE).await;
    bench.forget();
    assert_eq!(bench.answers("warehouse", "304").await, 0);
    for told in 1..3 {
        bench.clock.0.advance(Duration::from_secs(3600));
        bench.pull(WAREHOUSE).await;
        assert!(bench.events().is_empty());
        assert_eq!(bench.answers("warehouse", "304").await, told, "it was asked with its tag");
    }
    let cursor = bench.cursor(WAREHOUSE).await;
    assert_eq!(cursor.finished.unwrap().at, bench.clock.now(), "304 ends a pull well");
    // A file is one page, and unchanged from the second time on.
    bench.pull(FILE).await;
    assert_eq!(bench.events().len(), 45);
    bench.forget();
    bench.pull(FILE).await;
    assert_eq!((bench.events().len(), bench.answers("yard", "304").await), (0, 1));
    bench.post("/yard/moves", &json!([moved("new", "CSQU3054383", "OUT")])).await;
    bench.pull(FILE).await;
    assert_eq!(bench.events().len(), 46);
}

#[tokio::test]
async fn a_first_page_that_is_unchanged_says_nothing_of_the_pages_behind_it() {
    let bench = Bench::new().await;
    fill(&bench).await;
    bench.pull(YARD).await;
    bench.post("/yard/moves", &json!([moved("new", "CSQU3054383", "OUT")])).await;
    bench.forget();
    bench.pull(YARD).await;
    assert_eq!(bench.events().last().unwrap(), "new");
}

#[tokio::test]
async fn a_pull_stops_before_its_deadline_and_a_next_message_goes_on() {
    let bench = Bench::new().await;
    let [warehouse, ..] = fill(&bench).await;
    // Each batch takes so long that there is time for one page only.
    *bench.sent.takes.lock().unwrap() = INVOCATION / 2;
    let handled = bench.pull(WAREHOUSE).await;
    assert_eq!((bench.events().len(), handled.send.len()), (20, 1));
    let cursor = bench.cursor(WAREHOUSE).await;
    assert_eq!((cursor.run.unwrap().pages, cursor.lease_until), (1, None));
    *bench.sent.takes.lock().unwrap() = Duration::ZERO;
    assert_eq!(bench.call_with(&handled.send[0].body, 1).await, Handled::DONE);
    assert_eq!(bench.events(), warehouse);
}

#[tokio::test]
async fn two_pulls_of_a_source_never_interleave() {
    let bench = Bench::new().await;
    let [warehouse, ..] = fill(&bench).await;
    let pulls = (0..8).map(|_| bench.pull(WAREHOUSE));
    let ended = futures_util::future::join_all(pulls).await;
    let late = |handled: &&Handled| **handled != Handled::DONE;
    for handled in ended.iter().filter(late) {
        // Who lost a race for the cursor looks again later.
        assert!(matches!(handled.verdict, Verdict::GiveBack { .. }), "{handled:?}");
    }
    // However many pulled, one after the other: each from the first event to the last.
    let events = bench.events();
    assert!(!events.is_empty());
    for whole in events.chunks(45) {
        assert_eq!(whole, warehouse);
    }
}

/// Of all that try at the same moment one gets the lease, and a holder that was
/// overtaken cannot write, on the store itself.
#[tokio::test]
async fn a_lease_has_one_holder_and_a_zombie_cannot_write() {
    let bench = Bench::new().await;
    let (records, source) = (&bench.strict.records, Source::new(WAREHOUSE).unwrap());
    let now = bench.clock.now();
    let claim = |until: Timestamp| Act::Claim { until, first: now, every: INVOCATION };
    for round in 0..5_u64 {
        let at = now.plus(INVOCATION * u32::try_from(round).unwrap() * 2);
        let seen = records.cursor(&source).await.unwrap();
        let tries = (0..6).map(|who| {
            let by = AttemptId::from_bits(round * 100 + who);
            let (seen, source) = (&seen, &source);
            async move {
                let act = claim(at.plus(INVOCATION));
                let Ruling::Write(next) = rule(seen, &by, at, &act) else { panic!("lapsed") };
                let kept = records.keep_cursor(source, &next).await.unwrap();
                // The answer was lost, and it is asked again.
                let again = records.keep_cursor(source, &next).await.unwrap();
                assert_eq!(kept == Kept::Mine, again == Kept::Mine);
                (kept == Kept::Mine).then_some(next)
            }
        });
        let won: Vec<_> =
            futures_util::future::join_all(tries).await.into_iter().flatten().collect();
        assert_eq!(won.len(), 1, "round {round}");
        // The one before, still believing in its lease.
        if let Some(zombie) = seen.writer.clone() {
            let turn = Act::Turn { next: "/p".to_owned(), events: 1 };
            let Ruling::Write(late) = rule(&seen, &zombie, at, &turn) else { panic!("its own") };
            let kept = records.keep_cursor(&source, &late).await.unwrap();
            assert_eq!(kept, Kept::Lost(Box::new(won[0].clone())), "it changes nothing");
        }
    }
}

#[tokio::test]
async fn a_call_that_comes_while_another_pulls_ends_unless_it_may_be_the_only_one() {
    let bench = Bench::new().await;
    let source = Source::new(WAREHOUSE).unwrap();
    let (by, now) = (AttemptId::from_bits(1), bench.clock.now());
    let act = Act::Claim { until: now.plus(INVOCATION), first: now, every: INVOCATION };
    let Ruling::Write(taken) = rule(&bench.cursor(WAREHOUSE).await, &by, now, &act) else {
        panic!("free")
    };
    assert_eq!(bench.strict.records.keep_cursor(&source, &taken).await.unwrap(), Kept::Mine);
    assert_eq!(bench.pull(WAREHOUSE).await, Handled::DONE);
    let back = Handled::give_back(INVOCATION);
    assert_eq!(bench.call(&json!({"source": WAREHOUSE}), 2).await, back);
    let goes_on = json!({"source": WAREHOUSE, "epoch": 1, "continues": true});
    assert_eq!(bench.call(&goes_on, 1).await, back);
    // Its holder died: after the lease another goes on.
    bench.clock.0.advance(INVOCATION);
    assert_eq!(bench.call(&goes_on, 2).await, Handled::DONE);
    assert_eq!(bench.cursor(WAREHOUSE).await.run, None);
}

#[tokio::test]
async fn a_page_that_was_not_sent_is_sent_again_from_its_beginning() {
    let bench = Bench::new().await;
    let [warehouse, ..] = fill(&bench).await;
    *bench.sent.refuses.lock().unwrap() = 1;
    let handled = bench.pull(WAREHOUSE).await;
    assert!(matches!(handled.verdict, Verdict::GiveBack { .. }));
    assert_eq!(bench.cursor(WAREHOUSE).await.lease_until, None, "nobody waits for its lease");
    assert_eq!(bench.call(&json!({"source": WAREHOUSE}), 2).await, Handled::DONE);
    assert_eq!(bench.events(), warehouse);
}

/// What goes wrong, at the source that it goes wrong at, and by which name.
#[tokio::test]
async fn every_bad_answer_is_named_and_the_place_is_kept() {
    for (oddity, code, said) in [
        ("html", Code::Html, "expected data, got a page for people"),
        ("half", Code::CutOff, "EOF while parsing"),
        ("huge", Code::TooLarge, "the answer has more than 786432 bytes"),
        ("repeat", Code::RepeatedCursor, "page 2 leads back to one that was read"),
        ("stranger", Code::NotAllowed, "status 401"),
        ("redirect", Code::Redirected, "status 302"),
        ("elsewhere", Code::Elsewhere, "192.0.2.1, which is not this source's"),
    ] {
        for (partner, source) in [("warehouse", WAREHOUSE), ("tracking", LINE), ("yard", YARD)] {
            // In a feed of rows the token of a next page is no address.
            if (oddity, partner) == ("elsewhere", "yard") {
                continue;
            }
            let bench = Bench::new().await;
            fill(&bench).await;
            // One page is read well.
            *bench.sent.takes.lock().unwrap() = INVOCATION / 2;
            let handled = bench.pull(source).await;
            *bench.sent.takes.lock().unwrap() = Duration::ZERO;
            let place = bench.cursor(source).await.run.unwrap().position;
            assert!(place.is_some());
            bench.odd(partner, oddity).await;
            let handled = bench.call_with(&handled.send[0].body, 5).await;
            let cursor = bench.cursor(source).await;
            let problem = cursor.problem.clone().unwrap();
            assert_eq!((problem.code, problem.at), (code, bench.clock.now()), "{oddity} {source}");
            assert!(problem.text.contains(said), "{oddity} {source}: {}", problem.text);
            assert_eq!(cursor.run.clone().unwrap().position, place, "{oddity} {source}");
            assert_eq!((cursor.failures, cursor.lease_until), (1, None));
            let (_, text) = reason(&handled);
            assert!(text.starts_with(&format!("{source}: {}: ", code.as_str())), "{text}");
            // It mends, and nothing is missing.
            bench.odd(partner, "none").await;
            assert_eq!(bench.pull(source).await, Handled::DONE);
            let events = bench.events();
            let every: std::collections::BTreeSet<_> = events.iter().collect();
            assert_eq!(every.len(), 45, "{oddity} {source}");
            let cursor = bench.cursor(source).await;
            assert_eq!((cursor.problem, cursor.failures), (None, 0));
        }
    }
}

#[tokio::test]
async fn a_place_that_the_source_has_forgotten_lets_the_pull_begin_again() {
    let bench = Bench::new().await;
    let [warehouse, ..] = fill(&bench).await;
    *bench.sent.takes.lock().unwrap() = INVOCATION / 2;
    bench.pull(WAREHOUSE).await;
    *bench.sent.takes.lock().unwrap() = Duration::ZERO;
    bench.odd("warehouse", "missing").await;
    bench.pull(WAREHOUSE).await;
    let cursor = bench.cursor(WAREHOUSE).await;
    assert_eq!(cursor.problem.unwrap().code, Code::NotFound);
    assert_eq!(cursor.run.unwrap().position, None);
    bench.odd("warehouse", "none").await;
    bench.forget();
    bench.pull(WAREHOUSE).await;
    assert_eq!(bench.events(), warehouse);
}

#[tokio::test]
async fn on_fifo_queues_a_load_keeps_its_order_and_holds_up_no_other() {
    let bench = Bench::fifo().await;
    let other = "urn:epc:id:sscc:4012345.0222222222";
    let events = [seen("urn:uuid:1", SSCC), seen("urn:uuid:2", other), seen("urn:uuid:3", SSCC)];
    bench.post("/warehouse/capture", &document(&events)).await;
    let due = bench.call(&json!({}), 1).await.send;
    let groups: std::collections::BTreeSet<_> = due.iter().map(|call| &call.group).collect();
    assert_eq!(groups.len(), 4, "sources do not wait for each other");
    assert_eq!(bench.pull(WAREHOUSE).await, Handled::DONE);
    let first = bench.sent.messages.lock().unwrap().clone();
    assert!(first[0].group.is_some() && first[0].group == first[2].group);
    assert_ne!(first[0].group, first[1].group);
    // Sent once more within five minutes, SQS itself drops it.
    bench.forget();
    bench.pull(WAREHOUSE).await;
    let again = bench.sent.messages.lock().unwrap().clone();
    let ids = |sent: &[flotilla_runtime::queue::Outgoing]| {
        sent.iter().map(|message| message.deduplication.clone().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&first), ids(&again));
}

#[tokio::test]
async fn one_bad_event_on_a_good_page_is_passed_on_to_be_refused_alone() {
    let bench = Bench::new().await;
    let bad = json!({"type": "ObjectEvent", "eventTime": "2026-11-27T08:00:00Z"});
    let events = [seen("urn:uuid:1", SSCC), bad, seen("urn:uuid:3", SSCC)];
    bench.post("/warehouse/capture", &document(&events)).await;
    assert_eq!(bench.pull(WAREHOUSE).await, Handled::DONE);
    assert_eq!(bench.events(), ["urn:uuid:1", "bad", "urn:uuid:3"]);
}

#[tokio::test]
async fn a_source_that_fails_for_the_moment_is_tried_again_when_it_says() {
    let bench = Bench::new().await;
    bench.post("/moods/warehouse", &json!({"throttle_rate": 1, "retry_after_s": 7})).await;
    let delay = |handled: Handled| match handled.verdict {
        Verdict::GiveBack { delay } => delay,
        other @ (Verdict::Acknowledge | Verdict::DeadLetter(_)) => panic!("{other:?}"),
    };
    let waits = delay(bench.pull(WAREHOUSE).await);
    assert!(waits > Duration::from_secs(7) && waits < Duration::from_secs(9), "{waits:?}");
    assert_eq!(bench.cursor(WAREHOUSE).await.problem.unwrap().code, Code::Throttled);
    bench.post("/moods/warehouse", &json!({"throttle_rate": 0, "error_rate": 1})).await;
    let handled = bench.call(&json!({"source": WAREHOUSE}), 2).await;
    assert!(delay(handled) < Duration::from_secs(3));
    let cursor = bench.cursor(WAREHOUSE).await;
    assert_eq!((cursor.problem.unwrap().code, cursor.failures), (Code::Failed, 2));
    // After some tries the message says why it gives up; the schedule goes on.
    let handled = bench.call(&json!({"source": WAREHOUSE}), 5).await;
    let (code, text) = reason(&handled);
    assert_eq!(code, ReasonCode::RetriesExhausted);
    assert!(text.contains("failed: status 500: epcisException:ImplementationException"), "{text}");
}

#[tokio::test]
async fn a_source_is_shown_who_asks_and_a_secret_that_is_missing_stops_it_alone() {
    let source = |name: &str, more: &str| {
        format!(
            "[[source]]\nname = \"{name}\"\n[source.pull]\nkind = \"epcis\"\n\
             url = \"{{base}}/warehouse/events\"\n{more}\n"
        )
    };
    let ours = "credentials = \"ssm:{secrets}/warehouse\"";
    let sources = [
        source("urn:stranger", ""),
        source("urn:bearer", ours),
        source("urn:header", &format!("{ours}\ncredentials_header = \"X-Api-Key\"")),
        source("urn:lost", "credentials = \"secretsmanager:nowhere\""),
    ];
    let bench = Bench::with(&sources.concat()).await;
    bench.odd("warehouse", "stranger").await;
    for (source, problem) in [
        ("urn:stranger", Some(Code::NotAllowed)),
        ("urn:bearer", None),
        ("urn:header", None),
        ("urn:lost", Some(Code::Credentials)),
    ] {
        bench.pull(source).await;
        let noted = bench.cursor(source).await.problem;
        assert_eq!(noted.as_ref().map(|noted| noted.code), problem, "{source}");
        assert!(!format!("{noted:?}").contains("let-me-in"));
    }
}

#[tokio::test]
async fn what_cannot_be_asked_is_named() {
    let nowhere = "[[source]]\nname = \"urn:a\"\npull = { kind = \"dcsa\", url = \"http://127.0.0.1:9/\" }\n\
        [[source]]\nname = \"urn:b\"\npull = { kind = \"dcsa\", url = \"https://10.1.2.3/\" }\n";
    let bench = Bench::with(nowhere).await;
    bench.pull("urn:a").await;
    assert_eq!(bench.cursor("urn:a").await.problem.unwrap().code, Code::Unreachable);
    bench.pull("urn:b").await;
    let problem = bench.cursor("urn:b").await.problem.unwrap();
    assert_eq!(problem.code, Code::Elsewhere);
    assert!(problem.text.contains("10.1.2.3 is at 10.1.2.3, which is private"), "{}", problem.text);
    let handled = bench.pull("urn:nobody").await;
    assert_eq!(reason(&handled).0, ReasonCode::InvalidField);
    let handled = bench.call(&json!({"source": 7}), 1).await;
    assert!(reason(&handled).1.starts_with("data: invalid type"), "{handled:?}");
}

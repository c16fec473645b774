//! What a task costs, exactly: whoever adds a write, a read or a request sees it here.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops by panicking")]

use flotilla_bench::Ground;
use flotilla_bench::counts::{Asked, Counted, Scenario, TASKS, Units, count};
use flotilla_task::Stage;
use std::collections::BTreeMap;

/// Units of one task at one stage, by what the item is for.
type Stages = [(Stage, &'static [(&'static str, u64)], &'static [(&'static str, u64)])];

async fn counted(scenario: Scenario, batch: usize) -> Counted {
    let ground = Ground::of_process().unwrap();
    let counted = count(&ground, scenario, batch).await;
    counted.unwrap_or_else(|error| panic!("{error}\nThe functions are built by: make build"))
}

/// What all tasks have cost, from hundredths of a unit of one.
fn all(each: &[(&'static str, u64)]) -> Units {
    each.iter().map(|(kind, units)| (*kind, units * TASKS as u64)).collect()
}

fn is_exactly(counted: &Counted, expected: &Stages) {
    let units = |asked: &Asked| (asked.writes.clone(), asked.reads.clone(), asked.refused);
    let seen: BTreeMap<_, _> =
        counted.stages.iter().map(|(stage, asked)| (*stage, units(asked))).collect();
    let expected: BTreeMap<_, _> = expected
        .iter()
        .map(|(stage, writes, reads)| (*stage, (all(writes), all(reads), 0)))
        .collect();
    assert_eq!(seen, expected, "{counted:#?}");
}

/// Each batch is received, handed on in one request and deleted; the last stage has nobody
/// to hand on to.
fn requests_are_those_of_batches(counted: &Counted, batch: usize) {
    let batches = (TASKS / batch) as u64;
    for (stage, asked) in &counted.stages {
        let polls = asked.polls;
        assert_eq!((polls.invocations, polls.records), (batches, TASKS as u64), "{stage}");
        assert_eq!((polls.receives, polls.deletes), (batches, batches), "{stage}");
        let sends = if *stage == Stage::State { 0 } else { batches };
        assert_eq!(asked.calls, sends, "{stage}");
        let goal = if batch == 10 { 0.35 } else { 3.5 };
        assert!(asked.sqs() as f64 <= goal * TASKS as f64, "{stage}: {asked:?}");
    }
}

/// Six writes, and nothing else.
const DEPARTED: &Stages = &[
    (Stage::Ingestion, &[("task", 100)], &[("identifier", 100)]),
    (Stage::Processing, &[("task", 100)], &[("shipment", 100)]),
    (Stage::Decision, &[("task", 100)], &[]),
    (Stage::State, &[("shipment", 100), ("decision", 100), ("task", 100)], &[("shipment", 100)]),
];

/// Eleven writes, and three for what only an order brings: the names that it says, the
/// carrier's own, and the contact.
const ORDER: &Stages = &[
    (
        Stage::Ingestion,
        &[("identifier", 100), ("contact", 100), ("task", 100)],
        &[("identifier", 200)],
    ),
    (Stage::Processing, &[("order", 100), ("task", 100)], &[("shipment", 100)]),
    (Stage::Decision, &[("task", 100)], &[]),
    (Stage::Communication, &[("slot", 200), ("task", 200)], &[]),
    (
        Stage::State,
        &[("identifier", 100), ("shipment", 100), ("decision", 100), ("task", 100)],
        &[("identifier", 100), ("shipment", 100)],
    ),
];

/// What the first order of an environment reads besides: a lane's four partitions, and the
/// breakers of the carrier and of the desk.
const FIRST: [(&str, u64); 2] = [("lane", 200), ("partner", 200)];

fn every_item_fits_a_unit(counted: &Counted) {
    assert!(counted.items.contains_key("task"), "{:?}", counted.items);
    for (kind, bytes) in &counted.items {
        assert!(*bytes <= 1024, "{kind}: {bytes} bytes");
    }
}

#[tokio::test]
async fn an_event_that_calls_nobody_takes_six_write_units() {
    for batch in [1, 10] {
        let counted = counted(Scenario::Departed, batch).await;
        is_exactly(&counted, DEPARTED);
        assert_eq!(counted.first, Units::from(FIRST));
        requests_are_those_of_batches(&counted, batch);
        every_item_fits_a_unit(&counted);
    }
}

#[tokio::test]
async fn an_order_that_is_booked_and_told_takes_eleven_write_units_and_three_apart() {
    for batch in [1, 10] {
        let counted = counted(Scenario::Order, batch).await;
        is_exactly(&counted, ORDER);
        assert_eq!(counted.first, Units::from(FIRST));
        requests_are_those_of_batches(&counted, batch);
        every_item_fits_a_unit(&counted);
    }
}

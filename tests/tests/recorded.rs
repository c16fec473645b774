//! What older releases wrote is read as what it means, and whatever this release
//! writes has been recorded. `tests/recorded/README.md` says how to add to it.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what is wrong by panicking"
)]

#[path = "recorded/items.rs"]
mod items;
#[path = "recorded/messages.rs"]
mod messages;
#[path = "recorded/words.rs"]
mod words;

use flotilla_task::record::SCHEMA_VERSION;
use flotilla_tests::recorded::fixtures::{self, record, to_json};
use flotilla_tests::recorded::scene;
use flotilla_tests::recorded::shape::{self, Shape};
use flotilla_tests::{Fleet, Strict, fresh, order, task_of, tracking};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Set to record what is not there yet.
const RECORD: &str = "FLOTILLA_RECORD";

/// What is written that nobody recorded: by kind, the fields.
#[derive(Default)]
struct Missing(BTreeMap<String, Shape>);

impl Missing {
    fn note(&mut self, recorded: &BTreeMap<String, Shape>, kind: &str, shape: Shape) {
        let known = recorded.get(kind).cloned().unwrap_or_default();
        let new: Shape = shape.difference(&known).cloned().collect();
        if !new.is_empty() {
            self.0.entry(kind.to_owned()).or_default().extend(new);
        }
    }
}

#[tokio::test]
async fn whatever_is_written_has_been_recorded() {
    let strict = Strict::start();
    scene::write(&strict).await;
    let written = scene::items(&strict).await;
    let messages = messages::written();
    if std::env::var_os(RECORD).is_some() {
        for item in &written {
            record(SCHEMA_VERSION, "items", &items::name(item), &to_json(item));
        }
        for (name, body) in &messages {
            record(SCHEMA_VERSION, "messages", name, body);
        }
    }
    let recorded = fixtures::shapes(1..=SCHEMA_VERSION);
    let mut missing = Missing::default();
    for item in &written {
        missing.note(&recorded, &shape::kind_of_item(item).unwrap(), shape::of_item(item));
    }
    for body in messages.values() {
        missing.note(&recorded, &shape::kind_of_message(body), shape::of_message(body));
    }
    assert!(missing.0.is_empty(), "not recorded: {:#?}", missing.0);
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn whatever_the_deployed_fleet_wrote_has_been_recorded() {
    let fleet = Fleet::connect().await;
    let (shipment, reference) = (fresh("SHP"), fresh("BKR"));
    let (placed, moved) = (fresh("evt"), fresh("evt"));
    fleet.send("IngestionQueueUrl", &order(&placed, &shipment, &reference, 60)).await;
    fleet.completed(&task_of(&placed, &shipment)).await;
    fleet.send("IngestionQueueUrl", &tracking(&moved, &reference, "departed", &json!({}))).await;
    fleet.completed(&task_of(&moved, &shipment)).await;
    let recorded = fixtures::shapes(1..=SCHEMA_VERSION);
    let mut missing = Missing::default();
    for item in fleet.items_with("").await {
        let kind = shape::kind_of_item(&item).unwrap_or_else(|keys| panic!("no kind: {keys}"));
        missing.note(&recorded, &kind, shape::of_item(&item));
    }
    assert!(missing.0.is_empty(), "not recorded: {:#?}", missing.0);
}

#[tokio::test]
async fn recorded_items_are_read_as_what_they_mean() {
    for version in 1..=SCHEMA_VERSION {
        let strict = Strict::start();
        for item in fixtures::items(version).into_values() {
            let put = strict.table.client.put_item().table_name(&strict.table.name);
            put.set_item(Some(item)).send().await.unwrap();
        }
        items::mean_what_they_meant(&strict).await;
    }
}

#[test]
fn recorded_messages_are_read_as_what_they_mean() {
    for version in 1..=SCHEMA_VERSION {
        let recorded = fixtures::messages(version);
        for (name, body) in &recorded {
            messages::means_what_it_meant(name, body);
        }
    }
}

#[test]
fn words_keep_their_meaning_and_every_one_has_been_recorded() {
    let mut known: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for version in 1..=SCHEMA_VERSION {
        for (of, words) in words::recorded(version) {
            let lost: Vec<_> = words.iter().filter(|word| !words::is_read(&of, word)).collect();
            assert!(lost.is_empty(), "{of}: {lost:?} of version {version} cannot be read");
            known.entry(of).or_default().extend(words);
        }
    }
    for (of, words) in words::written() {
        for word in words {
            assert!(known[of].iter().any(|known| known == word), "{of}: {word} is not recorded");
        }
    }
}

/// Types that the fleet writes and does not read.
const ANSWERS: [&str; 2] = ["retrieved", "forgot"];

#[test]
fn every_type_of_message_in_the_sources_has_been_recorded() {
    let recorded: Vec<String> = fixtures::messages(SCHEMA_VERSION).into_values().collect();
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions");
    let mut types = BTreeSet::new();
    types_under(&sources, &mut types);
    types.extend(["order", "tracking", "epcis", "dcsa"].map(str::to_owned));
    assert!(types.len() > 7, "{types:?}");
    for kind in types.iter().filter(|kind| !ANSWERS.contains(&kind.as_str())) {
        let found = recorded.iter().any(|body| body.contains(&format!("\"flotilla.{kind}.v")));
        assert!(found, "no message of flotilla.{kind} has been recorded");
    }
}

/// The families of types that constants under `src` name: `"flotilla.task"`.
fn types_under(folder: &Path, types: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            types_under(&path, types);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let names = text.lines().filter(|line| line.contains("const "));
            let names = names.filter_map(|line| line.split("\"flotilla.").nth(1));
            types.extend(names.filter_map(|rest| rest.split(['"', '.']).next()).map(str::to_owned));
        }
    }
}

//! Items of the table as some other release, or damage, may have left them.

use super::{is_short, runtime};
use crate::Strict;
use crate::recorded::{fixtures, scene, shape, values};
use flotilla_runtime::records::slot_item;
use flotilla_runtime::store::item::{from_item, to_item};
use flotilla_runtime::table::item::Item;
use flotilla_shipment::answers::{Answers, Forget, Page};
use flotilla_shipment::ports::{Index, Lanes, Loads, Parking, Recall};
use flotilla_task::record::SCHEMA_VERSION;
use flotilla_task::{StageMessage, StoreError, TaskRecord, Turns};
use std::fmt::Debug;
use std::time::Duration;

/// Longer than any error about an item.
const ERROR: usize = 400;

pub(super) fn check() -> impl Fn(&[u8]) {
    let runtime = runtime();
    let strict = Strict::start();
    let recorded: Vec<Item> = fixtures::items(SCHEMA_VERSION).into_values().collect();
    move |bytes| {
        let Some(item) = std::str::from_utf8(bytes).ok().and_then(fixtures::item) else { return };
        task(&item);
        if let Err(error) = slot_item::from_item(&item) {
            is_short(&error, ERROR);
        }
        // Read by its own key, whatever became of the rest.
        let kind = shape::kind_of_item(&item);
        let same = |old: &&Item| shape::kind_of_item(old).ok() == kind.as_ref().ok().cloned();
        if let Some(old) = recorded.iter().find(same) {
            let keys = ["pk", "sk"].map(|name| (name.to_owned(), old[name].clone()));
            let item: Item = item.into_iter().chain(keys).collect();
            runtime.block_on(read_back(&strict, item));
        }
    }
}

/// A task's record, and that it is written as it was read.
fn task(item: &Item) {
    let record: TaskRecord = match from_item(item) {
        Ok(record) => record,
        Err(error) => return is_short(&error, ERROR),
    };
    let written = to_item(&record, Duration::from_secs(60)).unwrap();
    assert_eq!(from_item(&written).unwrap(), record);
    // A payload that is no JSON is an error and no panic.
    drop(StageMessage::stored_in(&record).to_json());
}

async fn read_back(strict: &Strict, item: Item) {
    let put = strict.table.client.put_item().table_name(&strict.table.name);
    // Numbers and sizes that DynamoDB does not take never stood there.
    if put.set_item(Some(item)).send().await.is_err() {
        return;
    }
    let records = &strict.records;
    let (holder, load) = scene::loads();
    is_read(records.owner(&load).await);
    is_read(records.load(&holder).await);
    is_read(records.parked(&load).await);
    is_read(records.kept(&holder, values::of("2026-11-28T08:00:00Z")).await);
    for name in ["state", "ordered", "free", "live", "booking"] {
        is_read(records.recall(&scene::shipment(name)).await);
    }
    is_read(records.known(&scene::shipment("logged"), &Page::default()).await);
    is_read(records.forget(&scene::shipment("named"), "again", scene::NOW).await);
    is_read(strict.tasks.take(&scene::turn()).await);
    let outcome = values::outcome();
    let week = outcome.week();
    is_read(records.lane(&outcome.origin, &outcome.destination, week..=week).await);
}

fn is_read<T: Debug>(read: Result<T, StoreError>) {
    match read {
        Ok(_) => {}
        Err(error @ StoreError::Unreadable(_)) => is_short(&error, ERROR),
        Err(error @ (StoreError::Unavailable(_) | StoreError::Rejected(_))) => {
            panic!("the table answers: {error}")
        }
    }
}

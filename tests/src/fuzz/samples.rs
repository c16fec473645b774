//! The repository's own documents, as samples.

use crate::recorded::fixtures;
use flotilla_task::record::SCHEMA_VERSION;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Every message body: what is sent, what is recorded, good and bad.
pub fn messages() -> Vec<Vec<u8>> {
    let sent = files("events/send").into_iter().map(|(_, text)| text.into_bytes());
    let recorded = (1..=SCHEMA_VERSION).flat_map(fixtures::messages);
    sent.chain(recorded.map(|(_, body)| body.into_bytes())).collect()
}

/// Every Lambda event.
pub fn lambda_events() -> Vec<Vec<u8>> {
    files("events/lambda").into_iter().map(|(_, text)| text.into_bytes()).collect()
}

/// The documents of a kind: the data of messages, and the standards' examples.
pub fn documents(kind: &str) -> Vec<Vec<u8>> {
    let announced = format!("flotilla.{kind}.v");
    let data = messages().into_iter().filter_map(|body| {
        let body: Value = serde_json::from_slice(&body).ok()?;
        let is_of_kind = body["type"].as_str()?.starts_with(&announced);
        is_of_kind.then(|| body["data"].to_string().into_bytes())
    });
    let of_kind = |(name, _): &(String, String)| match kind {
        "dcsa" => name.starts_with("dcsa"),
        "epcis" => !name.starts_with("dcsa"),
        _ => false,
    };
    let published = files("functions/shipment/tests/published").into_iter().filter(of_kind);
    data.chain(published.map(|(_, text)| text.into_bytes())).collect()
}

/// The recorded items of the table.
pub fn items() -> Vec<Vec<u8>> {
    let items = (1..=SCHEMA_VERSION).flat_map(fixtures::items);
    items.map(|(_, item)| fixtures::to_json(&item).to_string().into_bytes()).collect()
}

/// A file of the repository.
pub fn file(path: &str) -> Vec<u8> {
    std::fs::read(root().join(path)).unwrap()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The files under a folder and their names, READMEs left out.
fn files(folder: &str) -> Vec<(String, String)> {
    let (mut folders, mut found) = (vec![root().join(folder)], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_none_or(|ending| ending != "md") {
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                found.push((name, std::fs::read_to_string(path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

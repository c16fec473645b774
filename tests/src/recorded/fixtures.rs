//! The files under `tests/recorded`: one folder for each version, one file for each
//! item or message.

use super::shape::{self, Shape};
use aws_sdk_dynamodb::types::AttributeValue;
use flotilla_runtime::table::item::Item;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The folder of a version.
pub fn folder(version: u32) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("recorded/v{version}"))
}

/// The recorded items of a version, by the file's name.
pub fn items(version: u32) -> BTreeMap<String, Item> {
    files(&folder(version).join("items")).map(|(name, text)| (name, item(&text).unwrap())).collect()
}

/// The recorded messages of a version, by the file's name.
pub fn messages(version: u32) -> BTreeMap<String, String> {
    files(&folder(version).join("messages")).collect()
}

/// What has been recorded of every kind of thing in any version.
pub fn shapes(versions: impl Iterator<Item = u32>) -> BTreeMap<String, Shape> {
    let mut shapes: BTreeMap<String, Shape> = BTreeMap::new();
    for version in versions {
        for item in items(version).values() {
            let kind = shape::kind_of_item(item).unwrap();
            shapes.entry(kind).or_default().extend(shape::of_item(item));
        }
        for body in messages(version).values() {
            let body = serde_json::from_str(body).unwrap();
            let kind = shape::kind_of_message(&body);
            shapes.entry(kind).or_default().extend(shape::of_message(&body));
        }
    }
    shapes
}

/// Writes a document that is not there yet.
pub fn record(version: u32, place: &str, name: &str, document: &Value) {
    let file = folder(version).join(place).join(format!("{name}.json"));
    if !file.exists() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, format!("{document:#}\n")).unwrap();
    }
}

/// An item as DynamoDB writes it in JSON.
pub fn to_json(item: &Item) -> Value {
    let value = |value: &AttributeValue| match (value.as_s(), value.as_n()) {
        (Ok(text), _) => json!({ "S": text }),
        (_, Ok(number)) => json!({ "N": number }),
        (Err(_), Err(other)) => panic!("no item has a value such as {other:?}"),
    };
    item.iter().map(|(name, at)| (name.clone(), value(at))).collect::<Map<_, _>>().into()
}

/// An item of text and numbers from DynamoDB's JSON, if it is one.
pub fn item(text: &str) -> Option<Item> {
    let document: BTreeMap<String, BTreeMap<String, String>> = serde_json::from_str(text).ok()?;
    let value = |value: BTreeMap<String, String>| match value.into_iter().next()? {
        (kind, text) if kind == "S" => Some(AttributeValue::S(text)),
        (kind, number) if kind == "N" => Some(AttributeValue::N(number)),
        _ => None,
    };
    document.into_iter().map(|(name, at)| Some((name, value(at)?))).collect()
}

fn files(folder: &Path) -> impl Iterator<Item = (String, String)> {
    std::fs::read_dir(folder).into_iter().flatten().map(|entry| {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, std::fs::read_to_string(path).unwrap())
    })
}

//! What may happen to a document: to its tree, where it is JSON, and to its bytes.
#![allow(clippy::wildcard_enum_match_arm, reason = "whatever else stands there is changed alike")]

use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// A change: what is done, where, and with what. The numbers are taken modulo
/// what there is, so that any three of them are a change of any document.
pub type Change = (u8, u32, u32);

/// Some changes, one after the other.
pub fn changes() -> impl Strategy<Value = Vec<Change>> {
    prop::collection::vec(any::<Change>(), 0..10)
}

/// The document after the changes. Those of the tree come first.
pub fn apply(document: &[u8], changes: &[Change]) -> Vec<u8> {
    let tree = serde_json::from_slice::<Value>(document).ok();
    let is_tree = |change: &&Change| tree.is_some() && change.0.is_multiple_of(2);
    let mut bytes = document.to_vec();
    if let Some(mut tree) = tree.clone() {
        changes.iter().filter(is_tree).for_each(|change| grow(&mut tree, *change));
        bytes = tree.to_string().into_bytes();
    }
    changes.iter().filter(|change| !is_tree(change)).for_each(|change| cut(&mut bytes, *change));
    bytes
}

/// Values that no one expects there.
fn odd(with: u32) -> Value {
    match with % 20 {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(0),
        3 => json!(-1),
        4 => json!(u64::MAX),
        5 => json!(i64::MIN),
        6 => json!(1e308),
        7 => json!(5e-324),
        8 => json!(""),
        9 => json!([]),
        10 => json!({}),
        11 => json!("x".repeat(10_000)),
        12 => json!("\u{0}\u{7f}\u{85}\u{200b}\u{202e}\u{fffe}\u{1f469}\u{200d}\u{1f680}e\u{301}"),
        13 => json!("-9999-12-31T23:59:60.999999999+23:59[Europe/Berlin]"),
        14 => json!("99999999999999999999999999999999999999.999999999999999999"),
        15 => deep(with / 20 % 300),
        16 => json!(vec![0; 2_000]),
        17 => (0..500).map(|at| (format!("{at}"), json!({}))).collect::<Map<_, _>>().into(),
        18 => json!("2026-11-28T08:00:00Z"),
        _ => json!("ü".repeat(70)),
    }
}

fn deep(levels: u32) -> Value {
    (0..levels).fold(
        json!(1),
        |inner, level| {
            if level % 2 == 0 { json!([inner]) } else { json!({ "a": inner }) }
        },
    )
}

fn grow(tree: &mut Value, (how, at, with): Change) {
    let nodes = count(tree);
    let at = at as usize % nodes;
    let other = with as usize % nodes;
    match how / 2 % 9 {
        0 => change(tree, at, |node| remove(node, with)),
        1 => change(tree, at, |node| repeat(node, with)),
        2 => {
            let (one, two) = (take(tree, at), take(tree, other));
            change(tree, at, |node| *node = two);
            change(tree, other, |node| *node = one);
        }
        3 | 4 => change(tree, at, |node| *node = odd(with)),
        5 => change(tree, at, |node| *node = json!([node.take()])),
        6 => {
            let copy = take(tree, other);
            change(tree, at, |node| *node = copy);
        }
        7 => change(tree, at, |node| rename(node, with)),
        _ => change(tree, at, |node| edit(node, with)),
    }
}

fn remove(node: &mut Value, with: u32) {
    match node {
        Value::Array(list) if !list.is_empty() => _ = list.remove(with as usize % list.len()),
        Value::Object(fields) => {
            let name = fields.keys().nth(with as usize % fields.len().max(1)).cloned();
            name.and_then(|name| fields.remove(&name));
        }
        _ => *node = Value::Null,
    }
}

fn repeat(node: &mut Value, with: u32) {
    match node {
        Value::Array(list) if !list.is_empty() => {
            let entry = list[with as usize % list.len()].clone();
            list.extend(std::iter::repeat_n(entry, with as usize % 60));
        }
        Value::String(text) => *text = text.repeat(with as usize % 40),
        _ => *node = json!([node.clone(), node]),
    }
}

fn rename(node: &mut Value, with: u32) {
    if let Value::Object(fields) = node {
        let names: Vec<_> = fields.keys().cloned().collect();
        if let Some(name) = names.get(with as usize % names.len().max(1)) {
            let value = fields.remove(name).unwrap();
            let new = ["type", "@type", "id", "events", "epcisBody", "", "data", "set", "@value"];
            fields.insert(new[with as usize / 7 % new.len()].to_owned(), value);
        }
    }
}

/// Changes a letter or a digit, or adds one.
fn edit(node: &mut Value, with: u32) {
    match node {
        Value::String(text) => {
            let mut letters: Vec<char> = text.chars().collect();
            let new = char::from_u32(with % 0x400).unwrap_or('0');
            let at = with as usize / 0x400 % (letters.len() + 1);
            match letters.get_mut(at) {
                Some(letter) => *letter = new,
                None => letters.push(new),
            }
            *text = letters.into_iter().collect();
        }
        Value::Number(number) => *node = json!(number.as_f64().unwrap_or(0.0) * f64::from(with)),
        _ => *node = json!(node.to_string()),
    }
}

fn count(tree: &Value) -> usize {
    1 + match tree {
        Value::Array(list) => list.iter().map(count).sum(),
        Value::Object(fields) => fields.values().map(count).sum::<usize>(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

fn take(tree: &mut Value, at: usize) -> Value {
    let mut taken = Value::Null;
    change(tree, at, |node| taken = node.clone());
    taken
}

/// Changes the node of that number, if it is still there.
fn change(tree: &mut Value, at: usize, with: impl FnOnce(&mut Value)) {
    fn find(tree: &mut Value, left: usize) -> Result<&mut Value, usize> {
        if left == 0 {
            return Ok(tree);
        }
        let below: Box<dyn Iterator<Item = &mut Value>> = match tree {
            Value::Array(list) => Box::new(list.iter_mut()),
            Value::Object(fields) => Box::new(fields.values_mut()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return Err(left),
        };
        let mut left = left;
        for node in below {
            match find(node, left - 1) {
                Ok(found) => return Ok(found),
                Err(rest) => left = rest + 1,
            }
        }
        Err(left - 1)
    }
    if let Ok(node) = find(tree, at) {
        with(node);
    }
}

fn cut(bytes: &mut Vec<u8>, (how, at, with): Change) {
    let at = at as usize % (bytes.len() + 1);
    let end = (at + with as usize % 64).min(bytes.len());
    match how / 2 % 7 {
        0 => bytes.truncate(at),
        1 => drop(bytes.drain(at..end)),
        2 => drop(bytes.splice(at..at, bytes[at..end].to_vec())),
        3 => drop(bytes.splice(at..end, odd(with).to_string().into_bytes())),
        4 if at < bytes.len() => bytes[at] = with.to_le_bytes()[0],
        5 => drop(bytes.splice(at..at, b"9".repeat(with as usize % 400))),
        _ => {
            // Lines, of what is written in lines.
            let lines: Vec<_> = bytes.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
            let twice = lines[with as usize % lines.len()].clone();
            let mut lines = lines;
            let last = lines.len() - 1;
            lines.swap(at % (last + 1), with as usize % (last + 1));
            lines.insert(at % (last + 1), twice);
            *bytes = lines.join(&b'\n');
        }
    }
}

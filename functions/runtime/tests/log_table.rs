//! What readers are told of the lines is what the functions' sources log.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what is wrong by panicking"
)]

use std::collections::BTreeSet;
use std::path::Path;

const TABLE: &str = include_str!("../../../infra/observability/LOGS.md");

/// Level and message.
type Lines = BTreeSet<(String, String)>;

#[test]
fn the_table_for_readers_names_every_line_at_its_level() {
    let mut logged = Lines::new();
    read_all(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")), &mut logged);
    assert!(logged.len() > 60, "the sources are where they are looked for");
    // It is no line of a log: see `metrics`.
    logged.insert(("INFO".to_owned(), "invocation".to_owned()));
    let told: Lines = TABLE.lines().flat_map(row).collect();
    let missing: Vec<_> = logged.difference(&told).collect();
    let unknown: Vec<_> = told.difference(&logged).collect();
    assert!(missing.is_empty() && unknown.is_empty(), "missing {missing:?}, unknown {unknown:?}");
}

/// A level and the lines of it, each in backticks.
fn row(line: &str) -> Vec<(String, String)> {
    let ticked = |text: &str| -> Vec<String> {
        text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    };
    let mut cells = line.split('|').skip(1);
    let level = cells.next().map(ticked).unwrap_or_default();
    match level.as_slice() {
        [level] if ["ERROR", "WARN", "INFO", "DEBUG"].contains(&level.as_str()) => {
            let lines = ticked(cells.next().unwrap());
            lines.into_iter().map(|message| (level.clone(), message)).collect()
        }
        _ => Vec::new(),
    }
}

/// The sources below a folder; tests are none.
fn read_all(folder: &Path, logged: &mut Lines) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is_source = path.components().any(|part| part.as_os_str() == "src");
        if path.is_dir() {
            let name = path.file_name().unwrap();
            if name != "tests" && name != "target" {
                read_all(&path, logged);
            }
        } else if is_source && path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            read(text.split("#[cfg(test)]").next().unwrap(), logged);
        }
    }
}

/// The message is the last of a line's literals.
fn read(source: &str, logged: &mut Lines) {
    for level in ["error", "warn", "info", "debug"] {
        for call in source.split(&format!("tracing::{level}!(")).skip(1) {
            if let Some(message) = last_literal(call) {
                logged.insert((level.to_uppercase(), message));
            }
        }
    }
}

/// The last literal before the parenthesis that ends the call.
fn last_literal(call: &str) -> Option<String> {
    let (mut open, mut last) = (1, None);
    let mut rest = call.chars();
    while let Some(next) = rest.next() {
        match next {
            '(' => open += 1,
            ')' => open -= 1,
            '"' => last = Some(rest.by_ref().take_while(|c| *c != '"').collect()),
            _ => {}
        }
        if open == 0 {
            break;
        }
    }
    last
}

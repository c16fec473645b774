//! Changed documents on every parser that faces bytes from outside: none panics,
//! none takes more memory than a function has, every error is short. A longer run:
//! `make fuzz SECONDS=600`.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what is wrong by panicking"
)]

use flotilla_tests::fuzz::engine::{LARGEST, holds};
use flotilla_tests::fuzz::{Target, all, run};
use peak_alloc::PeakAlloc;
use serde_json::json;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// So many documents for each parser, the same each time; `make fuzz` draws others.
const DOCUMENTS: u64 = 1024;
const SEED: u64 = 1;

/// One at a time, since all allocate from the same memory.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn no_parser_fails_on_a_changed_document() {
    let _alone = alone();
    for target in all() {
        if let Err(found) = run(&target, SEED, |tried| tried >= DOCUMENTS) {
            panic!("{}: {found}", target.name);
        }
    }
}

#[test]
fn a_message_of_the_largest_size_takes_no_more_memory_than_there_is() {
    let _alone = alone();
    let sent = ["messages", "order", "tracking", "epcis", "dcsa"];
    for target in all().into_iter().filter(|target| sent.contains(&target.name)) {
        let try_out = |data: &str| {
            let is_call = target.name == "messages";
            let document = if is_call { format!("{CALL}{data}}}") } else { data.to_owned() };
            holds(&target, document.as_bytes());
        };
        for entry in ["0", "\"\"", "[]", "{}", "[0]", "{\"\":0}", "[[]]", "{\"\":{\"\":0}}"] {
            for space in [0, 26] {
                let entry = format!("{entry}{}", " ".repeat(space));
                for (before, after) in AROUND {
                    try_out(&repeated(before, &entry, after));
                }
            }
        }
        try_out(&"[".repeat(LARGEST));
        try_out(&format!("[{}]", "9".repeat(LARGEST)));
        try_out(&members());
    }
}

/// A call for work, up to its data.
const CALL: &str = r#"{"specversion":"1.0","id":"1","source":"s","type":"flotilla.task.v1",
    "subject":"S","task":"t","stage":"decision","epoch":1,"data":"#;

/// Where a long list may stand.
const AROUND: [(&str, &str); 6] = [
    ("[", "]"),
    (r#"{"events":["#, "]}"),
    (r#"{"epcisBody":{"eventList":["#, "]}}"),
    (r#"{"@context":["#, r#"],"epcisBody":{"eventList":[0,0,0]}}"#),
    (r#"{"event":{"order":{"at":"2026-11-27T08:00:00Z"}},"known":{"x":["#, "]}}"),
    (r#"{"order":{"items":["#, "]}}"),
];

fn repeated(before: &str, entry: &str, after: &str) -> String {
    let times = (LARGEST - before.len() - after.len()) / (entry.len() + 1);
    format!("{before}{}{after}", vec![entry; times].join(","))
}

/// An object of as many members as there is room for.
fn members() -> String {
    let members: Vec<_> = (0..LARGEST / 10).map(|at| format!("\"{at:05x}\":0")).collect();
    format!("{{{}}}", members.join(","))
}

#[test]
fn a_parser_that_fails_is_found_out_and_its_document_is_tried_first() {
    let _alone = alone();
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{:x}", fastrand::u64(..)));
    let target = |check: fn(&[u8])| Target {
        name: "control",
        kept: kept.clone(),
        samples: vec![json!({"a": [1, 2], "b": "text"}).to_string().into_bytes()],
        check: Box::new(check),
    };
    // Fails on what nests deeper than the sample.
    let fails = target(|document| assert!(!document.windows(2).any(|pair| pair == b"[["), "deep"));
    let found = run(&fails, 1, |tried| tried > 100_000).unwrap_err();
    let document = std::fs::read(&found.file).unwrap();
    assert!(document.len() < 100, "made small: {}", String::from_utf8_lossy(&document));
    assert_eq!(run(&fails, 2, |_| true).unwrap_err().file, found.file);
    let greedy = target(|document| drop(vec![0_u8; 8 << 20].repeat(1 + document.len() / 1000)));
    std::fs::remove_dir_all(&kept).unwrap();
    let found = run(&greedy, 1, |tried| tried > 100_000).unwrap_err();
    assert!(found.problem.contains("bytes of memory"), "{found}");
    std::fs::remove_dir_all(&kept).unwrap();
}

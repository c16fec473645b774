//! The standards' own published examples go through, or are refused with a
//! reason that the standard supports. `published/README.md` lists them with what
//! each gives, and this test compares the list with reality.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test's helpers stop the test")]

use flotilla_shipment::inbound::{self, Contents, Inbound, Kind, Packing, Subject};
use flotilla_shipment::payload::Received;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/published")
}

/// A line of the list: the published file, what stands for it here, its result.
struct Listed {
    kind: Kind,
    published: String,
    here: Option<String>,
    result: String,
}

fn listed() -> Vec<Listed> {
    let text = fs::read_to_string(folder().join("README.md")).unwrap();
    let mut kind = None;
    let mut all = Vec::new();
    for line in text.lines() {
        if line.starts_with("## ") {
            kind = [("EPCIS", Kind::Epcis), ("DCSA", Kind::Dcsa)]
                .into_iter()
                .find_map(|(name, kind)| line.contains(name).then_some(kind));
        }
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        if let (Some(kind), ["", published, here, result, ""]) = (kind, cells.as_slice())
            && let Some(published) = published.strip_prefix('`')
        {
            all.push(Listed {
                kind,
                published: published.trim_end_matches('`').to_owned(),
                here: (!here.is_empty()).then(|| here.trim_matches('`').to_owned()),
                result: (*result).to_owned(),
            });
        }
    }
    all
}

/// What a document gives, event by event.
fn result(kind: Kind, text: &str) -> String {
    let pieces = match inbound::pieces(kind, text, 10) {
        Ok(pieces) => pieces.unwrap_or_else(|| vec![text.to_owned()]),
        Err(error) => return format!("refused: {error}"),
    };
    let mut results: Vec<(usize, String)> = Vec::new();
    for piece in pieces {
        let found = match inbound::read(kind, &piece) {
            Ok(inbound) => said(&inbound),
            Err(error) => format!("refused: {error}"),
        };
        match results.last_mut() {
            Some((times, last)) if *last == found => *times += 1,
            _ => results.push((1, found)),
        }
    }
    let times = |(times, found)| match times {
        1 => found,
        times => format!("{times} times {found}"),
    };
    results.into_iter().map(times).collect::<Vec<_>>().join("; ")
}

fn said(inbound: &Inbound) -> String {
    let Received::Tracking(raw) = &inbound.received else { panic!("a tracking event") };
    let subject = match &inbound.subject {
        Subject::Loads { loads, packing } => {
            let all: Vec<_> = loads.iter().map(ToString::to_string).collect();
            all.join(", ") + &packing.as_ref().map(packed).unwrap_or_default()
        }
        Subject::Nobody("names no load that an order could name") => "no load".to_owned(),
        Subject::Nobody(reason) => (*reason).to_owned(),
        Subject::Order { .. } => panic!("no order"),
    };
    format!("{}: {subject}", raw.milestone)
}

fn packed(packing: &Packing) -> String {
    let what = match &packing.contents {
        Contents::All => "all".to_owned(),
        Contents::These(loads) => loads.len().to_string(),
    };
    format!(" ({what} {})", if packing.inside { "in" } else { "out" })
}

#[test]
fn what_stands_for_the_published_examples_gives_what_they_give() {
    let listed = listed();
    let mut used = BTreeSet::new();
    for line in &listed {
        let Some(here) = &line.here else { continue };
        let text = fs::read_to_string(folder().join(here)).unwrap();
        assert_eq!(result(line.kind, &text), line.result, "{here}");
        used.insert(here.clone());
    }
    let there: BTreeSet<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "README.md")
        .collect();
    assert_eq!(used, there, "a file that stands for nothing");
    assert!(listed.len() > 90, "{} lines", listed.len());
}

/// With the originals at hand: `PUBLISHED_EXAMPLES` names a folder with clones of
/// the repositories, see `published/README.md`.
#[test]
#[ignore = "needs clones of the standards' repositories"]
fn every_published_example_gives_what_the_list_says() {
    let root = std::env::var("PUBLISHED_EXAMPLES").unwrap();
    let mut wrong = Vec::new();
    for line in listed().into_iter().filter(|line| line.published.contains(".json")) {
        let text = fs::read_to_string(Path::new(&root).join(&line.published)).unwrap();
        let found = result(line.kind, &text);
        if found != line.result {
            wrong.push(format!(
                "| `{}` | {} | {found} |",
                line.published,
                line.here.unwrap_or_default()
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

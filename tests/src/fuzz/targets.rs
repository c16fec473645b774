//! The parsers, each with its samples and what must hold.

mod batch;
mod documents;
mod files;
mod messages;
mod pages;
mod partners;
mod table;
mod texts;

use super::{Target, samples};
use std::path::Path;

/// Every target.
pub fn all() -> Vec<Target> {
    let mut all = vec![
        target("messages", samples::messages(), messages::check),
        target("batch", samples::lambda_events(), batch::check()),
        target("texts", texts::samples(), texts::check),
        target("table", samples::items(), table::check()),
        target("partners", partners::samples(), partners::check()),
    ];
    all.extend(documents::targets());
    all.extend(files::targets());
    all.extend(pages::targets());
    all
}

fn target(name: &'static str, samples: Vec<Vec<u8>>, check: impl Fn(&[u8]) + 'static) -> Target {
    assert!(!samples.is_empty(), "{name} has no samples");
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(name);
    Target { name, kept, samples, check: Box::new(check) }
}

/// What is written of an error is bounded and is one line.
fn is_short(what: &impl std::fmt::Display, most: usize) {
    let text = what.to_string();
    assert!(text.len() <= most, "{} bytes of error: {:.200}", text.len(), text);
    assert!(!text.chars().any(char::is_control), "control characters in {text:?}");
}

/// A runtime for what is asynchronous.
fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

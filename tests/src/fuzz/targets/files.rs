//! Files that operators write: the policy, the sources, the places, the partners.

use super::{is_short, target};
use crate::fuzz::{Target, samples};
use flotilla_runtime::partners::Directory;
use flotilla_shipment::places::Places;
use flotilla_shipment::policy::Policy;
use flotilla_shipment::sources::Sources;
use std::fmt::Display;

/// Longer than any error about a file.
const ERROR: usize = 600;

pub(super) fn targets() -> Vec<Target> {
    vec![
        file("policy", "functions/shipment/data/policy.toml", |text| Policy::parse(text, "f")),
        file("sources", "functions/shipment/data/sources.toml", |text| Sources::parse(text, "f")),
        file("places", "functions/shipment/data/places.csv", |text| Places::parse(text, "f")),
        file("directory", "functions/communication/data/partners.toml", |text| {
            Directory::parse(text, "http://127.0.0.1:1")
        }),
    ]
}

fn file<T, E: Display>(
    name: &'static str,
    sample: &str,
    parse: impl Fn(&str) -> Result<T, E> + 'static,
) -> Target {
    target(name, vec![samples::file(sample)], move |bytes| {
        let text = std::str::from_utf8(bytes);
        if let Some(Err(error)) = text.ok().map(&parse) {
            is_short(&error, ERROR);
        }
    })
}

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "made-up figures"
)]

mod fixture;

use super::*;
use crate::surge::cost::Fleet;
use fixture::black_friday;
use roxmltree::{Document, ParsingOptions};

fn whole(measured: &Measured) -> String {
    let cost = Cost::measured(measured, &Fleet::default()).unwrap();
    page(measured, Some(&cost)).unwrap()
}

/// The text of a page that is well-formed and asks nothing of anybody.
fn read(page: &str) -> String {
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    let document = Document::parse_with_options(page, options).unwrap();
    for node in document.descendants().filter(roxmltree::Node::is_element) {
        let name = node.tag_name().name();
        assert!(!["script", "link", "img", "iframe", "object"].contains(&name), "{name}");
        for attribute in node.attributes() {
            assert!(!["src", "href"].contains(&attribute.name()), "{name} {}", attribute.name());
            assert!(!attribute.name().starts_with("on"), "{name} {}", attribute.name());
        }
    }
    assert!(!page.contains("url(") && !page.contains("@import"));
    let texts = document.descendants().filter(|node| node.is_text());
    texts.filter_map(|node| node.text()).collect::<Vec<_>>().join("\n")
}

#[test]
#[ignore = "draws what a person looks at: FLOTILLA_PAGE=directory"]
fn to_look_at() {
    let directory = std::env::var("FLOTILLA_PAGE").unwrap();
    let measured = black_friday();
    let cost = Cost::measured(&measured, &Fleet::default()).unwrap();
    write(&measured, Some(&cost), &Path::new(&directory).join("report.html")).unwrap();
    std::fs::write(Path::new(&directory).join("picture.svg"), picture(&measured).unwrap()).unwrap();
}

#[test]
fn the_page_is_well_formed_and_asks_nothing_of_anybody() {
    let text = read(&whole(&black_friday()));
    assert!(text.contains("nothing lost, nothing doubled"), "{text}");
    Document::parse(&picture(&black_friday()).unwrap()).unwrap();
}

//! The document of the scales says what the code computes.
#![allow(clippy::unwrap_used, reason = "a test stops by panicking")]

use flotilla_plan::{Book, scale};

#[test]
fn the_document_is_what_the_code_computes() {
    let computed = scale::document(&Book::included().unwrap()).unwrap();
    let written = include_str!("../SCALE.md");
    assert_eq!(computed, written, "renew it: cargo run -p flotilla-plan --example scale");
}

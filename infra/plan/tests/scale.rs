//! The document of the scales says what the code computes, and the code what it cannot do.
#![allow(clippy::unwrap_used, reason = "a test stops by panicking")]

use flotilla_plan::{Book, scale};

#[test]
fn the_document_is_what_the_code_computes() {
    let computed = scale::document(&Book::included().unwrap()).unwrap();
    let written = include_str!("../SCALE.md");
    assert_eq!(computed, written, "renew it: cargo run -p flotilla-plan --example scale");
}

/// The text is compared above; here that the largest one is no success for a script either.
#[test]
fn a_hundred_thousand_a_second_break_the_goal_and_say_by_what() {
    let scales = scale::scales(&Book::included().unwrap()).unwrap();
    let keeps: Vec<bool> = scales.iter().map(|scale| scale.plan.planned.keeps_goal).collect();
    assert_eq!(keeps, [true, true, false]);
    let plan = &scales.last().unwrap().plan;
    assert!(!plan.is_settled());
    let kept = "the 200 a queue that can be kept ready";
    assert!(plan.warnings.iter().any(|warning| warning.contains(kept)), "{:?}", plan.warnings);
    let verdict = flotilla_plan::tell::verdict(plan);
    assert!(verdict.contains("breaks the goal of 10.0 s"), "{verdict}");
    assert!(verdict.contains("what its provisioned pollers can fetch"), "{verdict}");
}

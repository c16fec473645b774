//! A model check: every interleaving of workers, queues, crashes, clocks and
//! operators around the shipped protocol, within stated bounds.
//!
//! The functions that decide are the shipped ones: [`flotilla_task::transition`],
//! [`flotilla_task::replay`], [`flotilla_task::settle`] and
//! [`flotilla_task::remedy`]. What the model adds is the order of a worker's
//! steps, as `functions/runtime/src/stage` takes them, a stand-in for the
//! communication agent, and everything that may go wrong between two steps.
//!
//! ```text
//! searches -> bounds -> fleet -> outside   SQS, crashes, operators, recovery's call
//!                             -> moves     what a worker may do next
//!                             -> worker -> store, learn, flush, agent
//! digest: when two states are the same     properties: what must hold
//! words: a counterexample in words
//! ```
//!
//! Larger bounds:
//! `cargo test -p flotilla-task --test model -- --ignored larger_bounds_hold_as_well`.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what is wrong by panicking"
)]

mod agent;
mod bounds;
mod controls;
mod digest;
mod fleet;
mod flush;
mod learn;
mod moves;
mod outside;
mod properties;
mod searches;
mod store;
mod the_task;
mod words;
mod worker;
mod world;

use bounds::Bounds;
use fleet::Fleet;
use searches::*;
use stateright::{Checker, Expectation, HasDiscoveries, Model};
use std::time::Instant;
use words::{say, story};

/// Searches everything within the bounds and prints how much that was.
fn holds(bounds: Bounds) {
    let began = Instant::now();
    let finish = HasDiscoveries::AnyFailures;
    let checker = Fleet(bounds).checker().finish_when(finish).threads(2).spawn_bfs().join();
    say(&format!(
        "model: {}: {} states, {} transitions, {} steps deep, {:.1} s",
        bounds.name,
        checker.unique_state_count(),
        checker.state_count(),
        checker.max_depth(),
        began.elapsed().as_secs_f64(),
    ));
    let properties = Fleet(bounds).properties();
    let mut found = checker.discoveries();
    for property in properties {
        let path = found.remove(property.name);
        if property.expectation == Expectation::Sometimes {
            assert!(path.is_some(), "never reached: {}", property.name);
        } else if let Some(path) = path {
            let lines = story(path.into_vec()).join("\n");
            panic!("broken: {}\n{lines}", property.name);
        }
    }
}

#[test]
fn the_hand_off_loses_nothing_and_commits_once() {
    holds(HAND_OFF);
}

#[test]
fn the_whole_way_through_five_stages_holds() {
    holds(WHOLE_WAY);
}

#[test]
fn a_claim_that_is_taken_over_is_fenced() {
    holds(CLAIM);
}

#[test]
fn a_lost_answer_is_adopted_and_never_done_twice() {
    holds(LOST_ANSWERS);
}

#[test]
fn a_write_that_arrives_late_changes_nothing_that_counts() {
    holds(LATE_WRITES);
}

#[test]
fn a_task_that_is_decided_again_is_not_lost_between_its_visits() {
    holds(ROUNDS);
}

#[test]
fn a_partner_that_ignores_keys_is_never_called_blindly_twice() {
    holds(NO_KEYS);
}

#[test]
fn a_checkpoint_without_an_answer_never_repeats_a_call() {
    holds(NOTES);
}

#[test]
fn a_checkpoint_that_arrives_late_closes_no_call_as_a_failure() {
    holds(LATE_NOTES);
}

#[test]
fn a_person_cannot_answer_for_a_call_while_its_owner_has_the_lease() {
    holds(SLOW_CALLS);
}

#[test]
fn a_failure_never_takes_its_successors_message_along() {
    holds(FAILURES);
}

#[test]
fn operators_strand_nothing_that_recovery_does_not_find() {
    holds(OPERATORS);
}

#[test]
fn receives_that_run_out_lose_nothing_for_good() {
    holds(RECEIVES);
}

#[test]
fn recovery_gives_up_with_a_reason_and_not_silently() {
    holds(GIVES_UP);
}

/// The states are compared by what can happen in them, so their number does not
/// depend on which of two equal ones is met first.
#[test]
fn the_order_of_the_search_does_not_matter() {
    let checker = || Fleet(LOST_ANSWERS).checker();
    let broad = checker().spawn_bfs().join().unique_state_count();
    let deep = checker().spawn_dfs().join().unique_state_count();
    assert_eq!(broad, deep);
}

#[test]
#[ignore = "minutes and gigabytes: see the module's documentation"]
fn larger_bounds_hold_as_well() {
    LARGER.into_iter().for_each(holds);
}

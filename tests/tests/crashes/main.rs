//! The crash matrix: real binaries on real queues die, fall behind and are
//! overtaken at every named point. Nothing is lost and nothing is done twice.
//!
//! ```text
//! rows    agent x point x story                  play    killed, stopped, overtaken
//! story   what has to happen for it              crossed two fall behind
//!                                                faults  AWS and partners go wrong
//! changed a policy and keys, while the fleet runs
//! traces  what a collector is told of an event's way
//! ground  the deployed stack, to be copied       seen    figures and verdict
//! rig     a row's own functions, queues, table, partners
//! ```
//!
//! Rows share the local cloud and nothing else, so they run side by side.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops by panicking"
)]

mod changed;
mod crossed;
mod faults;
mod ground;
mod play;
mod rig;
mod rows;
mod seen;
mod story;
mod table;
mod traces;
mod wire;

use flotilla_crashpoint::Point;
use rows::ROWS;
use std::collections::BTreeSet;

#[test]
fn every_crash_point_has_a_row() {
    let covered: BTreeSet<Point> = ROWS.iter().map(|row| row.at).collect();
    let all: BTreeSet<Point> = Point::ALL.iter().copied().collect();
    assert_eq!(covered, all);
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn a_policy_is_followed_without_a_deployment_and_a_wrong_one_is_not() {
    changed::policy().await;
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn keys_are_replaced_while_the_fleet_signs_with_them() {
    changed::keys().await;
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn one_trace_shows_an_events_way_through_five_agents() {
    traces::through_five_agents().await;
}

/// Named apart, because one local cloud is enough for it.
mod matrix {
    use super::ROWS;
    use super::crossed::{CROSSINGS, cross};
    use super::faults::{
        FAULTS, TOO_LATE_ANSWERS, TWICE, answered_too_late, delivered_twice, on_the_wire,
    };
    use super::play::{killed, overtaken, stopped};
    use super::table;

    #[tokio::test]
    #[ignore = "needs a deployed fleet: make test"]
    async fn a_function_killed_at_any_point_loses_nothing_and_doubles_nothing() {
        table::run("killed", ROWS, killed).await;
    }

    #[tokio::test]
    #[ignore = "needs a deployed fleet: make test"]
    async fn a_zombie_that_wakes_up_after_its_lease_changes_nothing() {
        table::run("stopped", ROWS, stopped).await;
    }

    #[tokio::test]
    #[ignore = "needs a deployed fleet: make test"]
    async fn a_zombie_with_time_left_is_fenced_by_the_store() {
        let claims: Vec<_> = ROWS.iter().copied().filter(|row| row.agent.claims()).collect();
        table::run("overtaken", &claims, overtaken).await;
    }

    #[tokio::test]
    #[ignore = "needs a deployed fleet: make test"]
    async fn two_that_fall_behind_one_after_the_other_leave_the_message_to_a_third() {
        table::run("crossed", CROSSINGS, cross).await;
    }

    #[tokio::test]
    #[ignore = "needs a deployed fleet: make test"]
    async fn whatever_goes_wrong_on_the_wire_loses_nothing_and_doubles_nothing() {
        table::run("on the wire", FAULTS, on_the_wire).await;
    }

    #[tokio::test]
    #[ignore = "needs a deployed fleet: make test"]
    async fn everything_may_be_delivered_twice() {
        table::run("twice", TWICE, delivered_twice).await;
    }

    #[tokio::test]
    #[ignore = "needs a deployed fleet: make test"]
    async fn a_carrier_may_answer_when_its_caller_has_given_up() {
        table::run("too late", TOO_LATE_ANSWERS, answered_too_late).await;
    }
}

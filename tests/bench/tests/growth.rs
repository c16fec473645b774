//! The rig with several environments: every task is completed, and what each function has
//! used is told.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops by panicking")]

use flotilla_bench::Ground;
use flotilla_bench::growth::{TASKS_OF_A_SHIPMENT, run};
use flotilla_task::Stage;
use std::time::Duration;

const SHIPMENTS: usize = 12;

#[tokio::test]
async fn a_run_completes_every_task_and_tells_what_each_stage_has_used() {
    let ground = Ground::of_process().unwrap();
    let run = run(&ground, SHIPMENTS, 2).await;
    let run = run.unwrap_or_else(|error| panic!("{error}\nThe functions are built by: make build"));
    assert_eq!(run.tasks, SHIPMENTS * TASKS_OF_A_SHIPMENT);
    for stage in Stage::ALL {
        assert!(run.functions[&stage] > Duration::ZERO, "{stage}: {run:?}");
        assert!(run.peak[&stage] > 1024 * 1024, "{stage}: {run:?}");
    }
    for used in [run.store, run.queues, run.poller, run.took, run.empty] {
        assert!(used > Duration::ZERO, "{run:?}");
    }
}

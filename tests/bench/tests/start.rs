//! What a start leaves for the first event to do.
#![allow(clippy::unwrap_used, reason = "a test says what is wrong by panicking")]

use flotilla_bench::overhead::{noop::Noop, tasks};
use flotilla_bench::start::{run::run, scene::Scene};
use flotilla_task::{Agent, StageMessage};

/// INIT runs with a whole processor, an event of a small function with a fraction of one.
#[tokio::test]
async fn tls_with_table_and_queue_is_established_before_the_first_event() {
    let scene = Scene::set().await.unwrap();
    let launch = scene.launch(Noop::STAGE, env!("CARGO_BIN_EXE_warm").into());
    // The table does not know the task, so its message is sent to the dead-letter queue:
    // both are called.
    let message = StageMessage::stored_in(&tasks::record(0).unwrap());
    let run = run(&scene, Noop::STAGE, launch, &[message.to_json().unwrap()]).await.unwrap();
    assert_eq!(scene.queues.dead().len(), 1);
    assert_eq!((run.handshakes, run.first_handshakes), (2, 0));
}

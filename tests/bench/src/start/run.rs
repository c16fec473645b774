//! One start of a program and its first events.

use super::scene::Scene;
use crate::overhead::{Failed, done, tasks};
use crate::usage::{peak_memory, processor_time};
use flotilla_task::Stage;
use flotilla_wire::host::{Environment, Launch};
use serde_json::json;
use std::time::{Duration, Instant};

/// Time of a processor, and of the clock on the wall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Took {
    /// Of a processor.
    pub processor: Duration,
    /// On the wall.
    pub wall: Duration,
}

/// What a start and the events after it took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// From the start of the program until it asked for its first event.
    pub start: Took,
    /// The most memory in use by then, in bytes.
    pub memory: u64,
    /// TLS handshakes by then.
    pub handshakes: u64,
    /// The first event.
    pub first: Took,
    /// TLS handshakes that it began.
    pub first_handshakes: u64,
    /// Those after it.
    pub later: Vec<Took>,
}

/// Starts a program and hands it one message after the other.
///
/// # Errors
/// When it does not start, or does not do what it should.
pub async fn run(
    scene: &Scene,
    stage: Stage,
    launch: Launch,
    bodies: &[String],
) -> Result<Run, Failed> {
    let shaken = || scene.table.handshakes() + scene.front.handshakes();
    let (before, began) = (shaken(), Instant::now());
    let program = Environment::start(launch).await?;
    let start = Took { wall: began.elapsed(), processor: processor_time(program.pid)? };
    let memory = peak_memory(program.pid)?;
    let at_start = shaken();
    let mut events = Vec::new();
    let mut at_first = at_start;
    for (number, body) in bodies.iter().enumerate() {
        let record = tasks::delivered(number as u64, stage.as_str(), body);
        let event = serde_json::to_vec(&json!({"Records": [record]}))?;
        let (used, began) = (processor_time(program.pid)?, Instant::now());
        done(program.invoke(event).await)?;
        let wall = began.elapsed();
        events.push(Took { wall, processor: processor_time(program.pid)?.saturating_sub(used) });
        if number == 0 {
            at_first = shaken();
        }
    }
    program.kill().await;
    let first = *events.first().ok_or("a run needs an event")?;
    events.remove(0);
    Ok(Run {
        start,
        memory,
        handshakes: at_start - before,
        first,
        first_handshakes: at_first - at_start,
        later: events,
    })
}

//! How much a program allocates for a record: the program `counted` counts, this reads.

use super::{Failed, done, launch, tasks, until};
use crate::ground::Ground;
use crate::usage::median;
use flotilla_wire::host::Environment;
use serde::{Deserialize, Serialize};

/// Says which of the two `counted` is: `empty`, or `noop`.
pub const WHICH: &str = "BENCH_COUNTED";
/// Invocations before it counts: buffers have grown by then.
const WARM: u64 = 5;
/// Invocations that count.
const COUNTED: u64 = 11;

/// What was allocated for a record.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Allocated {
    /// How often.
    pub times: f64,
    /// How much in sum.
    pub bytes: f64,
}

#[derive(Serialize, Deserialize)]
struct Line {
    allocations: u64,
    allocated_bytes: u64,
}

/// What `counted` prints.
#[must_use]
pub fn line(allocations: u64, allocated_bytes: u64) -> String {
    serde_json::to_string(&Line { allocations, allocated_bytes }).unwrap_or_default()
}

/// Counts, with batches of that size.
///
/// # Errors
/// When the program is missing or fails.
pub async fn of(ground: &Ground, which: &str, batch: u64) -> Result<Allocated, Failed> {
    // The last one's begin tells about the one before.
    let invocations = WARM + COUNTED + 1;
    let launch = launch(ground.program("counted")?, batch * invocations).with(WHICH, which);
    let program = Environment::start(launch).await?;
    for number in 0..invocations {
        done(program.invoke(tasks::event(number * batch..(number + 1) * batch)?).await)?;
    }
    let lines = || {
        let printed = program.printed();
        let lines = printed.lines().filter_map(|line| serde_json::from_str::<Line>(line).ok());
        Some(lines.collect::<Vec<_>>()).filter(|lines| lines.len() as u64 >= invocations)
    };
    let Some(mut lines) = until(lines).await else {
        return Err(format!("counted, as {which}, says: {}", program.printed()).into());
    };
    program.kill().await;
    // The first tells of the start.
    lines.drain(..=usize::try_from(WARM)?);
    #[allow(clippy::cast_precision_loss, reason = "small numbers")]
    let of = |count: fn(&Line) -> u64| {
        let each: Vec<_> = lines.iter().map(|line| count(line) as f64 / batch as f64).collect();
        median(&each)
    };
    Ok(Allocated { times: of(|line| line.allocations), bytes: of(|line| line.allocated_bytes) })
}

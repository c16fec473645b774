//! What the batch loop costs: processor time and allocations of a record, against a
//! function with nothing in it that is given the same events.
//!
//! ```text
//! tasks        tasks by number, and the events about them
//! noop         the function with an agent that does nothing
//! allocations  of both, counted in a program of its own
//! ```
//!
//! Both programs run under the same Runtime API over real HTTP. Filling the store is
//! not counted. `tests/bench/PROFILE.md` says where the time goes.

pub mod allocations;
pub mod noop;
pub mod tasks;

use crate::figure::{Figure, Goal};
use crate::ground::Ground;
use crate::usage::{median, processor_time};
use flotilla_wire::host::{Environment, Launch, Outcome, Overrun};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// How often both programs are started anew: where the scheduler has put a process
/// beside its host changes what a request costs, and lasts.
const PAIRS: usize = 10;
/// How often a pair takes turns.
const ROUNDS: usize = 8;
/// Invocations of a program in a turn.
const INVOCATIONS: u64 = 20;
/// Records of a batch.
const BATCHES: [u64; 2] = [10, 1];
/// What the loop may cost of what an empty function does, at full batches.
const MOST: f64 = 1.5;
/// What a program answers that gives nothing back.
pub(crate) const ALL_DONE: &str = r#"{"batchItemFailures":[]}"#;

/// Why it cannot be measured.
pub type Failed = Box<dyn std::error::Error>;

/// Measures both programs.
///
/// # Errors
/// When a program is missing, fails, or does something else than it should.
pub async fn measure(ground: &Ground) -> Result<Vec<Figure>, Failed> {
    let mut figures = Vec::new();
    for batch in BATCHES {
        let mut spent = Spent::default();
        for _ in 0..PAIRS {
            spent.pair(ground, batch).await?;
        }
        let (empty, noop) = (median(&spent.empty), median(&spent.noop));
        let what = format!("processor time a record, batch of {batch}, noop to empty");
        let note = format!("{noop:.1} us to {empty:.1} us");
        let goal = if batch > 1 { Goal::AtMost(MOST) } else { Goal::Told };
        figures.push(Figure::told(what, noop / empty, "x").goal(goal).note(note));
    }
    for batch in BATCHES {
        let empty = allocations::of(ground, "empty", batch).await?;
        let noop = allocations::of(ground, "noop", batch).await?;
        let what = format!("allocations a record, batch of {batch}, noop");
        let note = format!(
            "{:.1} of empty; {:.1} KiB to {:.1} KiB",
            empty.times,
            noop.bytes / 1024.0,
            empty.bytes / 1024.0
        );
        figures.push(Figure::told(what, noop.times, "").note(note));
    }
    Ok(figures)
}

/// Microseconds of each turn, for one record.
#[derive(Debug, Default)]
struct Spent {
    empty: Vec<f64>,
    noop: Vec<f64>,
}

impl Spent {
    async fn pair(&mut self, ground: &Ground, batch: u64) -> Result<(), Failed> {
        let tasks = batch * INVOCATIONS * (ROUNDS as u64 + 1);
        let empty = Environment::start(launch(ground.program("empty")?, 0)).await?;
        let noop = Environment::start(launch(ground.program("noop")?, tasks)).await?;
        let mut first = 0;
        for round in 0..=ROUNDS {
            let turn = first..first + batch * INVOCATIONS;
            first = turn.end;
            let events: Vec<_> = (turn.start..turn.end)
                .step_by(usize::try_from(batch)?)
                .map(|number| tasks::event(number..number + batch))
                .collect::<Result<_, _>>()?;
            let mut both = [(&empty, &mut self.empty), (&noop, &mut self.noop)];
            // Who comes first finds what making the events has left in the caches.
            if round % 2 == 1 {
                both.reverse();
            }
            for (program, measured) in both {
                let before = processor_time(program.pid)?;
                for event in &events {
                    done(program.invoke(event.clone()).await)?;
                }
                let after = processor_time(program.pid)?;
                // The first turn warms up.
                if round > 0 {
                    let of_all = (after - before).as_secs_f64() * 1e6;
                    #[allow(clippy::cast_precision_loss, reason = "small numbers")]
                    measured.push(of_all / (batch * INVOCATIONS) as f64);
                }
            }
        }
        let sent = until(|| Some(sent(&noop.printed())).filter(|sent| *sent >= tasks)).await;
        if sent != Some(tasks) {
            return Err(format!("noop has handed {sent:?} of {tasks} tasks on").into());
        }
        noop.kill().await;
        empty.kill().await;
        Ok(())
    }
}

/// Waits until something is there, for a while: what a program prints comes through a
/// pipe of its own, later than its answer.
pub(crate) async fn until<T>(look: impl Fn() -> Option<T>) -> Option<T> {
    let found = async {
        let mut now_and_then = tokio::time::interval(Duration::from_millis(5));
        loop {
            now_and_then.tick().await;
            if let Some(found) = look() {
                return found;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(5), found).await.ok()
}

/// An answer by which every record is done with.
pub(crate) fn done(outcome: Outcome) -> Result<(), Failed> {
    match outcome {
        Outcome::Answered(answer) if answer == ALL_DONE => Ok(()),
        other @ (Outcome::Answered(_)
        | Outcome::Failed(_)
        | Outcome::Died(_)
        | Outcome::TimedOut
        | Outcome::Late(_)) => Err(format!("a program ended an invocation so: {other:?}").into()),
    }
}

/// How many messages left, as the records of metrics tell.
pub(crate) fn sent(printed: &str) -> u64 {
    let lines = printed.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.filter_map(|line| line.get("sent")?.as_u64()).sum()
}

/// A program with the settings that a deployed function has.
pub(crate) fn launch(bootstrap: PathBuf, tasks: u64) -> Launch {
    let queue = |name: &str| format!("https://sqs.us-east-1.amazonaws.com/123456789012/{name}");
    let variables = BTreeMap::from([
        ("TABLE_NAME".to_owned(), "flotilla".to_owned()),
        ("STACK_NAME".to_owned(), "flotilla".to_owned()),
        ("QUEUE_URL".to_owned(), queue("flotilla-processing")),
        ("DEAD_LETTER_QUEUE_URL".to_owned(), queue("flotilla-processing-dead-letter")),
        ("DECISION_QUEUE_URL".to_owned(), queue("flotilla-decision")),
        ("AWS_LAMBDA_LOG_LEVEL".to_owned(), "INFO".to_owned()),
        (noop::TASKS.to_owned(), tasks.to_string()),
    ]);
    Launch {
        bootstrap,
        function: "flotilla-processing".to_owned(),
        variables,
        timeout: Duration::from_secs(30),
        overrun: Overrun::Ends,
    }
}

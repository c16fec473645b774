//! The same job in Rust and in Python, side by side: `processing` as it is deployed, and
//! the peer in `tests/bench/peer`, which says what both do and how it was written.
//!
//! ```text
//! work    the messages of a round, from a seed
//! cloud   queues and tables of our own on the local cloud
//! books   what each side remembers, and whether it came out right
//! side    one function under the host, and a round of it
//! ```
//!
//! One environment each, rounds in turn, in the same run on the same local cloud, so that
//! what else this machine does meets both. What is compared is the processor time of the
//! function's own process. How long its answers took is mostly the emulator's time.

mod books;
mod cloud;
mod side;
mod work;

use crate::figure::{Figure, Goal};
use crate::ground::Ground;
use crate::usage::median;
use cloud::Cloud;
use side::{Measured, Side};
use work::Round;

/// Rounds that are counted.
const ROUNDS: u64 = 5;
/// Messages in one of them.
const MESSAGES: usize = 400;
/// Messages beforehand: both make their connections, and Python compiles what it runs often.
const WARM_UP: usize = 100;
/// Starts that are measured.
const STARTS: usize = 3;
/// The sides, as the report and their queues are called.
const POWERTOOLS: &str = "powertools";
const LEAN: &str = "powertools-without-idempotency";
/// Where the dice begin.
const SEED: u64 = 7;

/// What went wrong.
pub type Error = Box<dyn std::error::Error>;

/// Runs both and compares them.
///
/// # Errors
/// When there is no local cloud or no peer, and when either side did not do its job: every
/// good message once, every bad one refused.
pub async fn measure(ground: &Ground) -> Result<Vec<Figure>, Error> {
    let cloud = Cloud::of_process()?;
    let mut sides = Vec::new();
    let done = rounds(&cloud, ground, &mut sides).await;
    for side in &sides {
        side.remove(&cloud).await;
    }
    done
}

async fn rounds(
    cloud: &Cloud,
    ground: &Ground,
    sides: &mut Vec<Side>,
) -> Result<Vec<Figure>, Error> {
    sides.push(Side::fleet(cloud, ground).await?);
    sides.push(Side::peer(cloud, POWERTOOLS, "handler.lambda_handler").await?);
    sides.push(Side::peer(cloud, LEAN, "lean.lambda_handler").await?);
    let mut figures = starts(sides).await?;
    let mut measured: Vec<Vec<Measured>> = sides.iter().map(|_| Vec::new()).collect();
    for number in 0..=ROUNDS {
        let messages = if number == 0 { WARM_UP } else { MESSAGES };
        let round = Round::new(SEED, number, messages)?;
        let mut turn: Vec<_> = sides.iter_mut().zip(&mut measured).collect();
        // Nobody is always the first.
        if number.is_multiple_of(2) {
            turn.reverse();
        }
        for (side, measured) in turn {
            let result = side.play(cloud, &round).await?;
            if number > 0 {
                measured.push(result);
            }
        }
    }
    let [fleet, powertools, lean] = measured.as_slice() else { return Ok(figures) };
    figures.splice(0..0, compared(fleet, powertools, lean));
    for side in sides.iter() {
        let what = format!("{}: peak memory", side.title);
        figures.push(Figure::told(what, side.peak_memory()? as f64 / 1_048_576.0, "MiB"));
    }
    Ok(figures)
}

/// Exec to the first request for an event: what a cold start waits for.
async fn starts(sides: &mut [Side]) -> Result<Vec<Figure>, Error> {
    let mut figures = Vec::new();
    let mut measured: Vec<Vec<side::Started>> = sides.iter().map(|_| Vec::new()).collect();
    for _ in 0..STARTS {
        for (side, measured) in sides.iter_mut().zip(&mut measured) {
            measured.push(side.start().await?);
        }
    }
    for (side, measured) in sides.iter().zip(&measured) {
        let of = |pick: fn(&side::Started) -> f64| {
            median(&measured.iter().map(pick).collect::<Vec<_>>())
        };
        let title = &side.title;
        figures.push(Figure::told(format!("{title}: CPU of a start"), of(|s| s.cpu_ms), "ms"));
        figures.push(Figure::told(format!("{title}: time of a start"), of(|s| s.wall_ms), "ms"));
    }
    Ok(figures)
}

fn compared(fleet: &[Measured], powertools: &[Measured], lean: &[Measured]) -> Vec<Figure> {
    let of = |side: &[Measured], pick: fn(&Measured) -> f64| {
        median(&side.iter().map(pick).collect::<Vec<_>>())
    };
    let cpu = |side| of(side, |m| m.cpu_per_thousand);
    let rate = |side| of(side, |m| m.records_a_second);
    let (ours, theirs, least) = (cpu(fleet), cpu(powertools), cpu(lean));
    vec![
        Figure::told("CPU per record, powertools to processing", theirs / ours, "x")
            .goal(Goal::AtLeast(10.0))
            .note("the same messages on the same cloud, in turn"),
        Figure::told("CPU per record, without idempotency to processing", least / ours, "x")
            .note("less than its documentation recommends: the conditional write alone"),
        Figure::told("processing: CPU for 1,000 records", ours, "s"),
        Figure::told(format!("{POWERTOOLS}: CPU for 1,000 records"), theirs, "s"),
        Figure::told(format!("{LEAN}: CPU for 1,000 records"), least, "s"),
        Figure::told("processing: one environment", rate(fleet), "records/s")
            .note("mostly the emulator's time; ten records side by side"),
        Figure::told(format!("{POWERTOOLS}: one environment"), rate(powertools), "records/s")
            .note("one record after the other, as its Batch utility does"),
        Figure::told(format!("{LEAN}: one environment"), rate(lean), "records/s"),
    ]
}

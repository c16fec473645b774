//! What a function costs before and at its first event, against one with nothing in it.
//!
//! ```text
//! scene   the rig's table, queues and partners to start against
//! door    TLS in front of them, which counts its handshakes
//! run     one start and its first events
//! limit   a share of a processor, as a function of 128 MB gets
//! ```
//!
//! Functions and `empty` take turns. A stage's messages are those that the stage before
//! has sent while it was measured. TLS with the table and the queue is real; partners
//! speak plain HTTP here, and are connected to when they are first called.

pub mod door;
pub mod limit;
pub mod run;
pub mod scene;

use crate::figure::{Figure, Goal};
use crate::ground::Ground;
use crate::overhead::Failed;
use crate::rig::events::order;
use crate::usage::median;
use flotilla_task::Stage;
use limit::Limit;
use run::{Run, Took, run};
use scene::Scene;
use std::path::PathBuf;

/// Starts of each program without a limit, and with one.
const STARTS: usize = 15;
const LIMITED: usize = 7;
/// Events of each start.
const EVENTS: usize = 5;
/// Start of a function, of what an empty one's takes.
const MOST: f64 = 4.0;
/// Bytes of a function's zip.
const ZIP: f64 = 3.5e6;
/// Megabytes of the smallest function.
const SMALL: u64 = 128;

/// Measures all five.
///
/// # Errors
/// When a program is missing, does not start, or does something else than it should.
pub async fn measure(ground: &Ground) -> Result<Vec<Figure>, Failed> {
    let scene = Scene::set().await?;
    let mut figures = Vec::new();
    let limit = Limit::of_memory(SMALL);
    let mut bodies: Vec<String> = (0..(STARTS + LIMITED) * EVENTS).map(order).collect();
    for stage in Stage::ALL {
        let programs = [ground.program(stage.as_str())?, ground.program("empty")?];
        let mut events = bodies.chunks(EVENTS);
        let free = turns(&scene, stage, &programs, None, events.by_ref().take(STARTS)).await?;
        figures.extend(unlimited(stage, &free, ground));
        match &limit {
            Ok(limit) => {
                let limited = turns(&scene, stage, &programs, Some(limit), events).await?;
                figures.extend(under_limit(stage, &limited));
            }
            Err(error) => {
                // What follows needs what would have been sent.
                turns(&scene, stage, &programs, None, events).await?;
                let what = format!("{stage}: start with {SMALL} MB's share of a processor");
                let note = format!("skipped: {error}");
                figures.push(Figure::told(what, f64::NAN, "").note(note));
            }
        }
        bodies = scene.queues.take_all();
    }
    Ok(figures)
}

/// What both programs took, turn by turn.
#[derive(Debug, Default)]
struct Turns {
    function: Vec<Run>,
    empty: Vec<Run>,
}

async fn turns(
    scene: &Scene,
    stage: Stage,
    [function, empty]: &[PathBuf; 2],
    limit: Option<&Limit>,
    events: impl Iterator<Item = &[String]>,
) -> Result<Turns, Failed> {
    let mut turns = Turns::default();
    for bodies in events {
        for (program, runs) in [(function, &mut turns.function), (empty, &mut turns.empty)] {
            let launch = scene.launch(stage, program.clone());
            let launch = match limit {
                Some(limit) => limit.around(launch)?,
                None => launch,
            };
            runs.push(run(scene, stage, launch, bodies).await?);
        }
    }
    Ok(turns)
}

fn unlimited(stage: Stage, Turns { function, empty }: &Turns, ground: &Ground) -> Vec<Figure> {
    let start = of(function, |run| processor(run.start));
    let of_empty = of(empty, |run| processor(run.start));
    let ready = of(function, |run| wall(run.start));
    let ready_of_empty = of(empty, |run| wall(run.start));
    let mib = |runs: &[Run]| of(runs, |run| run.memory as f64 / 1_048_576.0);
    let first = of(function, |run| processor(run.first));
    let later = of(function, |run| middle(&run.later, processor));
    let at_start = of(function, |run| run.handshakes as f64);
    let at_first = function.iter().map(|run| run.first_handshakes).max().unwrap_or_default();
    let mut figures = vec![
        Figure::told(
            format!("{stage}: processor time of the start, to empty"),
            start / of_empty,
            "x",
        )
        .goal(Goal::AtMost(MOST))
        .note(format!("{start:.1} ms to {of_empty:.1} ms")),
        Figure::told(format!("{stage}: exec to first next"), ready, "ms")
            .note(format!("empty {ready_of_empty:.1} ms")),
        Figure::told(format!("{stage}: resident memory at the first next"), mib(function), "MiB")
            .note(format!("empty {:.1} MiB", mib(empty))),
        Figure::told(format!("{stage}: processor time of the first event"), first, "ms")
            .note(format!("later ones {later:.2} ms")),
        Figure::told(format!("{stage}: TLS handshakes in the first event"), at_first as f64, "")
            .goal(Goal::AtMost(0.0))
            .note(format!("{at_start:.0} before it, to the table and the queue")),
    ];
    match ground.zips.get(stage.as_str()) {
        Some(bytes) => figures.push(
            Figure::told(format!("{stage}: zip"), *bytes as f64 / 1e6, "MB")
                .goal(Goal::AtMost(ZIP / 1e6)),
        ),
        None => figures.push(
            Figure::told(format!("{stage}: zip"), f64::NAN, "MB").note("skipped: not packaged"),
        ),
    }
    figures
}

fn under_limit(stage: Stage, Turns { function, empty }: &Turns) -> Vec<Figure> {
    let start = of(function, |run| wall(run.start));
    let of_empty = of(empty, |run| wall(run.start));
    let first = of(function, |run| wall(run.first));
    let later = of(function, |run| middle(&run.later, wall));
    let of_empty_first = of(empty, |run| wall(run.first));
    vec![
        Figure::told(format!("{stage}: exec to first next, {SMALL} MB's share"), start, "ms")
            .note(format!("empty {of_empty:.0} ms; Lambda gives a start a whole processor")),
        Figure::told(format!("{stage}: first event, {SMALL} MB's share"), first, "ms")
            .note(format!("later ones {later:.0} ms; empty's first {of_empty_first:.0} ms")),
    ]
}

fn of(runs: &[Run], figure: impl Fn(&Run) -> f64) -> f64 {
    median(&runs.iter().map(figure).collect::<Vec<_>>())
}

fn middle(events: &[Took], figure: fn(Took) -> f64) -> f64 {
    median(&events.iter().copied().map(figure).collect::<Vec<_>>())
}

fn processor(took: Took) -> f64 {
    took.processor.as_secs_f64() * 1e3
}

fn wall(took: Took) -> f64 {
    took.wall.as_secs_f64() * 1e3
}

//! Runs rows side by side, and tells what was seen in each.
//!
//! `FLOTILLA_ROWS=communication/answered` runs those rows whose name holds that.

use crate::ground::Ground;
use crate::seen::Seen;
use futures_util::{StreamExt, stream};
use std::future::Future;
use std::io::Write;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::Semaphore;

/// Rows at once, of all tests together: each waits most of the time, and all of
/// them ask one local cloud.
const SIDE_BY_SIDE: usize = 16;
static ROOM: Semaphore = Semaphore::const_new(SIDE_BY_SIDE);

/// How a row is told apart: who, where or what, and in which story.
pub(crate) trait Cells: Copy {
    fn cells(&self) -> [String; 3];

    fn name(&self) -> String {
        self.cells().join("/")
    }
}

/// Runs every row, prints the table, and fails when a row did.
pub(crate) async fn run<R, F>(way: &str, rows: &[R], play: impl Fn(Arc<Ground>, R) -> F)
where
    R: Cells,
    F: Future<Output = Seen> + Send + 'static,
{
    let chosen = std::env::var("FLOTILLA_ROWS").unwrap_or_default();
    let rows: Vec<_> = rows.iter().filter(|row| row.name().contains(&chosen)).collect();
    let ground = Arc::new(Ground::survey().await);
    let began = Instant::now();
    let played: Vec<_> = stream::iter(&rows)
        .map(|row| {
            let playing = play(Arc::clone(&ground), **row);
            async move {
                let _room = ROOM.acquire().await.unwrap();
                let began = Instant::now();
                (row, tokio::spawn(playing).await, began.elapsed())
            }
        })
        .buffered(SIDE_BY_SIDE)
        .collect()
        .await;
    let mut text = format!(
        "\n{:13} {:35} {:8} {way:>9} {:>5} {:>5} {:>11} {:>7} {:>5} {:>7}\n",
        "agent", "what", "story", "tasks", "held", "redelivered", "resent", "busy", "refused"
    );
    let mut failed = Vec::new();
    for (row, seen, took) in &played {
        let [agent, at, story] = row.cells();
        text += &format!("{agent:13} {at:35} {story:8} {:8.1}s ", took.as_secs_f64());
        match seen {
            Ok(seen) => {
                text += &format!(
                    "{:5} {:5} {:11} {:7} {:5} {:7}\n",
                    seen.tasks, seen.held, seen.redelivered, seen.resent, seen.busy, seen.refused
                );
            }
            Err(_) => {
                text += "FAILED\n";
                failed.push(row.name());
            }
        }
    }
    let sum = |figure: fn(&Seen) -> u64| {
        played.iter().filter_map(|(_, seen, _)| seen.as_ref().ok()).map(figure).sum::<u64>()
    };
    text += &format!(
        "{way}: {} rows, {} failed, {} redelivered, {} resent, {} refused, {:.0} s\n",
        rows.len(),
        failed.len(),
        sum(|seen| seen.redelivered.into()),
        sum(|seen| seen.resent),
        sum(|seen| seen.refused),
        began.elapsed().as_secs_f64(),
    );
    // Past the capture of a test's output, for whoever wants to know what was done.
    std::io::stdout().write_all(text.as_bytes()).unwrap();
    assert!(failed.is_empty(), "{failed:#?}");
}

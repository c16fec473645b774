//! Shows a run: one block that refreshes itself on a terminal, a plain
//! line every few seconds elsewhere.

use super::live::Live;
use crate::error::Error;
use flotilla_task::{Stage, StatusKind};
use std::fmt::Write as _;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// How far apart plain lines are.
const LINES: Duration = Duration::from_secs(4);

pub(crate) struct Progress {
    begun: Instant,
    terminal: bool,
    /// Lines of the block that stands on the terminal.
    drawn: usize,
    last_line: Option<Instant>,
}

impl Progress {
    pub(crate) fn new(begun: Instant) -> Self {
        let terminal = std::io::stdout().is_terminal();
        Self { begun, terminal, drawn: 0, last_line: None }
    }

    pub(crate) fn show(&mut self, live: &Live, out: &mut dyn Write) -> Result<(), Error> {
        if self.terminal {
            return self.draw(live, out);
        }
        if self.last_line.is_none_or(|last| last.elapsed() >= LINES) {
            self.last_line = Some(Instant::now());
            writeln!(out, "{}", line(live, self.begun.elapsed()))?;
            out.flush()?;
        }
        Ok(())
    }

    /// The last state, in any case.
    pub(crate) fn finish(&mut self, live: &Live, out: &mut dyn Write) -> Result<(), Error> {
        self.last_line = None;
        self.show(live, out)
    }

    fn draw(&mut self, live: &Live, out: &mut dyn Write) -> Result<(), Error> {
        let block = block(live, self.begun.elapsed());
        if self.drawn > 0 {
            // Up over the old block, and clear from there.
            write!(out, "\x1b[{}A\x1b[J", self.drawn)?;
        }
        write!(out, "{block}")?;
        out.flush()?;
        self.drawn = block.lines().count();
        Ok(())
    }
}

fn line(live: &Live, elapsed: Duration) -> String {
    let mut text = format!("{:>4} s  sent {}/{}", elapsed.as_secs(), live.sent, live.to_send);
    text.push_str("  queued");
    for stage in Stage::ALL {
        let depth = live.depths.get(&stage).copied().unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = write!(text, " {} {}", stage, depth.all());
    }
    let dead: u64 = live.dead.values().sum();
    let _ = write!(
        text,
        "  tasks {} completed, {} open, {} held, {} failed  dead letters {dead}",
        live.tasks(None, StatusKind::Completed),
        live.unfinished(),
        live.tasks(None, StatusKind::Held),
        live.tasks(None, StatusKind::Failed),
    );
    text.push_str(&killed(live, "  ", "/"));
    text
}

/// Nothing where nobody kills.
fn killed(live: &Live, before: &str, of: &str) -> String {
    if live.kills_wanted == 0 {
        return String::new();
    }
    format!("{before}killed {}{of}{}", live.kills, live.kills_wanted)
}

fn block(live: &Live, elapsed: Duration) -> String {
    let mut text = format!(
        "{:>4} s   sent {} of {}   completed {}{}\n",
        elapsed.as_secs(),
        live.sent,
        live.to_send,
        live.tasks(None, StatusKind::Completed),
        killed(live, "   ", " of "),
    );
    text.push_str("  stage          waiting  in flight  pending  running  held  failed  dead\n");
    for stage in Stage::ALL {
        let depth = live.depths.get(&stage).copied().unwrap_or_default();
        let tasks = |status| live.tasks(Some(stage), status);
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "  {:<14}{:>8}{:>11}{:>9}{:>9}{:>6}{:>8}{:>6}",
            stage.as_str(),
            depth.visible + depth.delayed,
            depth.in_flight,
            tasks(StatusKind::Pending),
            tasks(StatusKind::Running),
            tasks(StatusKind::Held),
            tasks(StatusKind::Failed),
            live.dead.get(&stage).copied().unwrap_or(0),
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::queues::Depth;

    #[test]
    fn both_shapes_say_what_happens_per_stage() {
        let mut live =
            Live { sent: 12, to_send: 30, kills: 1, kills_wanted: 10, ..Live::default() };
        live.depths.insert(Stage::Decision, Depth { visible: 3, in_flight: 4, delayed: 0 });
        live.standing.insert((Stage::Decision, StatusKind::Pending), 7);
        live.standing.insert((Stage::State, StatusKind::Completed), 5);
        let text = line(&live, Duration::from_secs(8));
        assert!(text.starts_with("   8 s  sent 12/30  queued ingestion 0 processing 0 decision 7"));
        assert!(text.contains("tasks 5 completed, 7 open, 0 held, 0 failed"), "{text}");
        let text = block(&live, Duration::from_secs(8));
        assert_eq!(text.lines().count(), 7);
        assert!(text.contains("  decision             3          4        7"), "{text}");
    }
}

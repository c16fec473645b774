//! What is told on standard error while something lasts.

use std::fmt::Display;
use std::io::Write;
use std::pin::pin;
use std::time::{Duration, Instant};
use tokio::time::{MissedTickBehavior, interval};

/// Nothing is told about what is over sooner, and nothing more often.
const PATIENCE: Duration = Duration::from_secs(2);

/// Says on standard error how far something is, once it lasts.
#[derive(Debug)]
pub struct Progress {
    doing: String,
    told: Instant,
}

impl Progress {
    /// Of something that begins, such as `reading ingestion's dead letters`.
    #[must_use]
    pub fn of(doing: impl Into<String>) -> Self {
        Self { doing: doing.into(), told: Instant::now() }
    }

    /// So many are done, of so many where that is known.
    pub fn at(&mut self, done: usize, of: Option<usize>) {
        let of = of.map_or_else(String::new, |of| format!(" of {of}"));
        self.tell(format_args!("{done}{of}"));
    }

    /// It is so far.
    pub fn tell(&mut self, how_far: impl Display) {
        if self.told.elapsed() >= PATIENCE {
            self.told = Instant::now();
            say(&format!("{}: {how_far}", self.doing));
        }
    }
}

/// Says a line on standard error, which is no answer: standard output is a program's.
pub fn say(line: &str) {
    // Nobody may be there to read it, and the work is worth as much.
    let _unread = writeln!(std::io::stderr(), "{line}");
}

/// Does something that cannot say how far it is, and says how long it lasts.
pub async fn during<T>(doing: &str, work: impl Future<Output = T>) -> T {
    let (began, mut work) = (Instant::now(), pin!(work));
    let mut tick = interval(PATIENCE);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The first is at once.
    tick.tick().await;
    loop {
        tokio::select! {
            biased;
            done = &mut work => return done,
            _ = tick.tick() => say(&format!("{doing}: {} s so far", began.elapsed().as_secs())),
        }
    }
}

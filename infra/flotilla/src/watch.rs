//! Watches the stages until the fleet is quiet: no message in any queue and no
//! task that somebody has to work on. Nothing here waits for a fixed time.

pub(crate) mod live;
mod progress;

use crate::cloud::Cloud;
use crate::cloud::queues::Depth;
use crate::error::Error;
use flotilla_task::{Stage, StatusKind};
use futures_util::future::try_join_all;
use live::{Live, Look, now_ms};
use progress::Progress;
use std::cell::RefCell;
use std::io::Write;
use std::time::{Duration, Instant};

/// How often the queues are asked.
const POLL: Duration = Duration::from_millis(1000);
/// So many failed polls in a row end the watch.
const PATIENCE: u32 = 10;

/// How the watch ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// Nothing is left to do.
    Quiet,
    /// Something is left, in words.
    GaveUp(String),
}

/// When to stop waiting, and how closely to look.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// After how long without any change the fleet counts as stuck.
    pub(crate) settle: Duration,
    /// The longest to wait in all.
    pub(crate) limit: Duration,
    /// Every so many polls the tasks are counted, which takes a scan. They are
    /// counted whenever the queues look empty.
    pub(crate) count_every: u32,
}

/// Waits until nothing is left to do, or no more will be done.
pub(crate) async fn until_quiet(
    cloud: &Cloud,
    limits: Limits,
    begun: Instant,
    live: &RefCell<Live>,
    out: &mut dyn Write,
) -> Result<Ending, Error> {
    let mut progress = Progress::new(begun);
    let mut patience = Patience::new(limits, begun);
    let (mut polls, mut failures, mut quiet) = (0_u32, 0_u32, 0_u32);
    let ending = loop {
        let polled = poll(cloud, live, polls.is_multiple_of(limits.count_every)).await;
        polls += 1;
        failures = if polled.is_ok() { 0 } else { failures + 1 };
        match polled {
            Err(error) if failures >= PATIENCE => return Err(error),
            Err(_passing) => {}
            Ok(counted) => {
                progress.show(&live.borrow(), out)?;
                // Queue attributes are estimates: two looks have to agree.
                quiet = if counted && is_quiet(&live.borrow()) { quiet + 1 } else { 0 };
                if quiet >= 2 {
                    break Ending::Quiet;
                }
            }
        }
        if let Some(reason) = patience.is_over(&live.borrow()) {
            break Ending::GaveUp(reason);
        }
        tokio::time::sleep(POLL).await;
    };
    live.borrow_mut().over = true;
    progress.finish(&live.borrow(), out)?;
    Ok(ending)
}

/// Asks the queues, and counts the tasks when it is their turn or when the
/// queues look empty. Says whether tasks were counted after the queues.
async fn poll(cloud: &Cloud, live: &RefCell<Live>, count: bool) -> Result<bool, Error> {
    let depths = try_join_all(Stage::ALL.map(|stage| async move {
        let own = cloud.depth(cloud.stack.queue(stage)?).await?;
        let dead = cloud.depth(cloud.stack.dead_letters(stage)?).await?;
        Ok::<(Stage, Depth, Depth), Error>((stage, own, dead))
    }))
    .await?;
    let empty = {
        let mut live = live.borrow_mut();
        for (stage, own, dead) in depths {
            live.depths.insert(stage, own);
            live.dead.insert(stage, dead.visible + dead.in_flight);
        }
        let look = Look { at_ms: now_ms(), depths: live.depths.clone() };
        live.looks.push(look);
        live.all_sent && live.queued() == 0
    };
    if !(count || empty) {
        return Ok(false);
    }
    let standing = cloud.standing().await?;
    let mut live = live.borrow_mut();
    live.standing = standing;
    let idle = live.all_sent && live.unfinished() == 0;
    // The first of an unbroken row: what was open again is not over.
    live.settled_at_ms = idle.then(|| live.settled_at_ms.unwrap_or_else(now_ms));
    Ok(true)
}

fn is_quiet(live: &Live) -> bool {
    live.all_sent && live.depths.values().all(Depth::is_empty) && live.unfinished() == 0
}

/// Knows when waiting on makes no sense.
struct Patience {
    limits: Limits,
    begun: Instant,
    seen: (usize, u64, Vec<u64>),
    changed: Instant,
}

impl Patience {
    const fn new(limits: Limits, begun: Instant) -> Self {
        let seen = (0, 0, Vec::new());
        Self { limits, begun, seen, changed: begun }
    }

    fn is_over(&mut self, live: &Live) -> Option<String> {
        // Only what moves when work is done: a message that goes to and fro, or is
        // sent once more by recovery, is no progress.
        let tasks = live.standing.values().copied().collect();
        let seen = (live.sent, live.dead.values().sum(), tasks);
        // Until all is sent, silence may be what was planned.
        if seen != self.seen || !live.all_sent {
            self.seen = seen;
            self.changed = Instant::now();
        }
        if self.begun.elapsed() >= self.limits.limit {
            let limit = self.limits.limit.as_secs();
            return Some(format!("not quiet after {limit} s (--limit): {}", still_open(live)));
        }
        if self.changed.elapsed() >= self.limits.settle {
            let settle = self.limits.settle.as_secs();
            let left = still_open(live);
            return Some(format!("nothing changed for {settle} s (--settle), but {left}"));
        }
        None
    }
}

/// What is left, in words.
fn still_open(live: &Live) -> String {
    let mut left = Vec::new();
    if !live.all_sent {
        left.push(format!(
            "{} of {} messages are not sent",
            live.to_send - live.sent,
            live.to_send
        ));
    }
    for (stage, depth) in &live.depths {
        if !depth.is_empty() {
            left.push(format!(
                "the queue of {stage} has {} waiting, {} in flight, {} delayed",
                depth.visible, depth.in_flight, depth.delayed
            ));
        }
    }
    for ((stage, status), count) in &live.standing {
        if matches!(status, StatusKind::Pending | StatusKind::Running) {
            left.push(format!("{count} tasks are {} at {stage}", status.as_str()));
        }
    }
    if left.is_empty() { "nothing is open".to_owned() } else { left.join("; ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live() -> Live {
        let empty = Stage::ALL.map(|stage| (stage, Depth::default()));
        Live { all_sent: true, depths: empty.into(), ..Live::default() }
    }

    #[test]
    fn quiet_means_no_message_and_no_open_task() {
        assert!(is_quiet(&live()));
        for depth in [
            Depth { visible: 1, ..Depth::default() },
            Depth { in_flight: 1, ..Depth::default() },
            Depth { delayed: 1, ..Depth::default() },
        ] {
            let mut busy = live();
            busy.depths.insert(Stage::Decision, depth);
            assert!(!is_quiet(&busy), "{depth:?}");
        }
        for (status, quiet) in [
            (StatusKind::Pending, false),
            (StatusKind::Running, false),
            (StatusKind::Held, true),
            (StatusKind::Failed, true),
            (StatusKind::Completed, true),
        ] {
            let mut one = live();
            one.standing.insert((Stage::State, status), 1);
            assert_eq!(is_quiet(&one), quiet, "{status:?}");
        }
        assert!(!is_quiet(&Live { all_sent: false, ..live() }));
    }

    #[test]
    fn giving_up_says_what_is_left() {
        let mut stuck = live();
        stuck.depths.insert(Stage::Ingestion, Depth { in_flight: 2, ..Depth::default() });
        stuck.standing.insert((Stage::Decision, StatusKind::Pending), 3);
        let begun = Instant::now();
        let zero = Duration::ZERO;
        let hour = Duration::from_secs(3600);
        let seen = (9, 9, Vec::new());
        let limits = Limits { settle: hour, limit: zero, count_every: 1 };
        let mut patience = Patience { limits, begun, seen, changed: begun };
        assert_eq!(
            patience.is_over(&stuck).unwrap(),
            "not quiet after 0 s (--limit): the queue of ingestion has 0 waiting, 2 in flight, \
             0 delayed; 3 tasks are pending at decision"
        );
        patience.limits.limit = hour;
        assert_eq!(patience.is_over(&stuck), None);
        patience.limits.settle = zero;
        assert!(patience.is_over(&stuck).unwrap().starts_with("nothing changed for 0 s"));
    }
}

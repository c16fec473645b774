//! Kills function processes of the local cloud at random moments, as an
//! operating system out of memory would: SIGKILL, by process id, without a word.

use super::Options;
use crate::error::Error;
use crate::processes::Processes;
use crate::watch::live::Live;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How often it looks for processes.
const LOOK: Duration = Duration::from_millis(50);
/// How long it waits for a killed process to be gone.
const GONE: Duration = Duration::from_secs(2);

/// Processes of functions.
trait Environments {
    /// Those that run now, with the processor time each has used, in milliseconds.
    fn running(&mut self) -> BTreeMap<u32, u64>;
    /// Kills one and says whether the signal was sent.
    fn kill(&mut self, pid: u32) -> bool;
}

pub(super) async fn run(
    options: &Options,
    begun: Instant,
    live: &RefCell<Live>,
) -> Result<(), Error> {
    let Some(cloud) = options.cloud_pid else { return Ok(()) };
    let mut environments = Processes::of(cloud)?;
    let mut dice = fastrand::Rng::with_seed(options.seed ^ 0x6b69_6c6c);
    let lasts = options.storm.as_ref().map_or(options.send_for, |storm| storm.lasts);
    let moments = moments(&mut dice, options.kills, lasts);
    hunt(&mut environments, &mut dice, &moments, begun, live).await;
    Ok(())
}

/// Random moments in that time, in order.
fn moments(dice: &mut fastrand::Rng, kills: u32, lasts: Duration) -> Vec<Duration> {
    let moment = |_| lasts.mul_f64(0.08 + 0.87 * dice.f64());
    let mut moments: Vec<_> = (0..kills).map(moment).collect();
    moments.sort();
    moments
}

/// Kills one for each moment that has passed, until the watch is over. When
/// there is nothing to kill at its moment, the kill is owed.
async fn hunt(
    environments: &mut impl Environments,
    dice: &mut fastrand::Rng,
    moments: &[Duration],
    begun: Instant,
    live: &RefCell<Live>,
) {
    let mut before = environments.running();
    let mut done = 0;
    while done < moments.len() && !live.borrow().over {
        let now = environments.running();
        let due = moments.iter().filter(|moment| **moment <= begun.elapsed()).count();
        if done < due
            && let Some(pid) = choose(&before, &now, dice)
            && environments.kill(pid)
            && is_gone(environments, pid).await
        {
            done += 1;
            live.borrow_mut().kills += 1;
        }
        before = now;
        tokio::time::sleep(LOOK).await;
    }
}

/// One that has just worked, else any.
fn choose(
    before: &BTreeMap<u32, u64>,
    now: &BTreeMap<u32, u64>,
    dice: &mut fastrand::Rng,
) -> Option<u32> {
    let busy: Vec<u32> = now
        .iter()
        .filter(|(pid, cpu)| before.get(pid).is_some_and(|earlier| earlier < cpu))
        .map(|(pid, _)| *pid)
        .collect();
    let any: Vec<u32> = now.keys().copied().collect();
    dice.choice(if busy.is_empty() { &any } else { &busy }).copied()
}

async fn is_gone(environments: &mut impl Environments, pid: u32) -> bool {
    let sent = Instant::now();
    while sent.elapsed() < GONE {
        if !environments.running().contains_key(&pid) {
            return true;
        }
        tokio::time::sleep(LOOK / 5).await;
    }
    false
}

impl Environments for Processes {
    fn running(&mut self) -> BTreeMap<u32, u64> {
        self.environments()
    }

    fn kill(&mut self, pid: u32) -> bool {
        Self::kill(self, pid)
    }
}

#[cfg(test)]
mod tests;

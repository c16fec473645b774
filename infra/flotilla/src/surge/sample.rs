//! Looks at the local cloud's processes once a second: the emulator's processor time,
//! how many environments run, and whether they do anything.

use crate::counts::float;
use crate::error::Error;
use crate::processes::Processes;
use crate::watch::live::{Live, now_ms};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const LOOK: Duration = Duration::from_secs(1);
/// Environments that use less than this share of a core are idle: they ask for the
/// next event now and then.
const IDLE: f64 = 0.03;
/// How long it is waited for that.
const PATIENCE: Duration = Duration::from_secs(30);

/// What was seen at a moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Usage {
    /// In milliseconds since 1970.
    pub(super) at_ms: u64,
    /// Processor time that the cloud's own process has used so far, in milliseconds.
    pub(super) cloud_ms: u64,
    /// Function processes.
    pub(super) environments: u32,
    /// The share of all this machine's cores that was busy since the look before.
    pub(super) machine: f64,
}

/// Looks until the watch is over. Sees nothing where the cloud is none of ours.
pub(super) async fn run(
    processes: &RefCell<Option<Processes>>,
    live: &RefCell<Live>,
    seen: &RefCell<Vec<Usage>>,
) -> Result<(), Error> {
    loop {
        let over = live.borrow().over;
        let Some(usage) = processes.borrow_mut().as_mut().and_then(look) else { return Ok(()) };
        seen.borrow_mut().push(usage);
        if over {
            return Ok(());
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn look(processes: &mut Processes) -> Option<Usage> {
    let environments = u32::try_from(processes.environments().len()).unwrap_or(u32::MAX);
    let machine = processes.machine_busy();
    let cloud_ms = processes.cloud_cpu_ms()?;
    Some(Usage { at_ms: now_ms(), cloud_ms, environments, machine })
}

/// Waits until no environment does anything, and says since when, in milliseconds
/// since 1970; none if one still does or none can be seen.
pub(super) async fn until_idle(processes: &RefCell<Option<Processes>>) -> Option<u64> {
    let began = Instant::now();
    let look = || processes.borrow_mut().as_mut().map(Processes::environments);
    let mut before = look()?;
    while began.elapsed() < PATIENCE {
        let since = now_ms();
        tokio::time::sleep(LOOK).await;
        let now = look()?;
        if worked(&before, &now) <= IDLE * LOOK.as_secs_f64() * 1000.0 {
            return Some(since);
        }
        before = now;
    }
    None
}

/// Processor time that was used between two looks, in milliseconds.
fn worked(before: &BTreeMap<u32, u64>, now: &BTreeMap<u32, u64>) -> f64 {
    let used = |(pid, cpu): (&u32, &u64)| cpu - before.get(pid).copied().unwrap_or(0).min(*cpu);
    float(now.iter().map(used).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_what_was_used_since_and_a_new_environment_counts_in_full() {
        let before = BTreeMap::from([(1, 500), (2, 70)]);
        let now = BTreeMap::from([(1, 510), (3, 25)]);
        assert_eq!(worked(&before, &now), 35.0);
        assert_eq!(worked(&now, &now), 0.0);
    }
}

//! Processor time and memory of a process, as the kernel counts them.
//!
//! Sources: Linux, `Documentation/scheduler/sched-stats.rst` (`schedstat`: nanoseconds on
//! a processor, of one thread) and `proc_pid_status(5)` (`VmHWM`, `VmRSS`).

use std::path::{Path, PathBuf};
use std::time::Duration;

/// The processor time of all threads of a process that are alive, to the nanosecond.
///
/// # Errors
/// When the process is gone, or the kernel does not count it.
pub fn processor_time(pid: u32) -> std::io::Result<Duration> {
    let mut sum = Duration::ZERO;
    for thread in std::fs::read_dir(folder(pid).join("task"))? {
        sum += counted(&thread?.path()).or_else(ended)?;
    }
    Ok(sum)
}

/// The processor time of this process's threads of that name, to the nanosecond.
///
/// # Errors
/// When the kernel does not count it.
pub fn thread_time(name: &str) -> std::io::Result<Duration> {
    let mut sum = Duration::ZERO;
    for thread in std::fs::read_dir(folder(std::process::id()).join("task"))? {
        let thread = thread?.path();
        let own = std::fs::read_to_string(thread.join("comm"));
        if own.is_ok_and(|own| own.trim_end() == name) {
            sum += counted(&thread).or_else(ended)?;
        }
    }
    Ok(sum)
}

/// A thread may end while it is looked at.
fn ended(error: std::io::Error) -> std::io::Result<Duration> {
    let is_gone = error.kind() == std::io::ErrorKind::NotFound;
    if is_gone { Ok(Duration::ZERO) } else { Err(error) }
}

fn counted(thread: &Path) -> std::io::Result<Duration> {
    let counted = std::fs::read_to_string(thread.join("schedstat"))?;
    let own = counted.split_whitespace().next().and_then(|text| text.parse::<u64>().ok());
    let unreadable = || std::io::Error::other("schedstat cannot be read");
    own.map(Duration::from_nanos).ok_or_else(unreadable)
}

/// The most memory that a process has had in use so far, in bytes.
///
/// # Errors
/// When the process is gone.
pub fn peak_memory(pid: u32) -> std::io::Result<u64> {
    let status = std::fs::read_to_string(folder(pid).join("status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kib.map(|kib| kib * 1024).ok_or_else(|| std::io::Error::other("VmHWM cannot be read"))
}

fn folder(pid: u32) -> PathBuf {
    PathBuf::from("/proc").join(pid.to_string())
}

/// The middle one of what was measured several times; of an even number the mean of
/// the two in the middle. Zero of nothing.
#[must_use]
pub fn median(measured: &[f64]) -> f64 {
    let mut sorted = measured.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let at = |index: usize| sorted.get(index).copied().unwrap_or_default();
    if sorted.len().is_multiple_of(2) {
        f64::midpoint(at(middle.saturating_sub(1)), at(middle))
    } else {
        at(middle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_one_in_the_middle() {
        for (measured, expected) in
            [(vec![3.0, 1.0, 2.0], 2.0), (vec![4.0, 1.0], 2.5), (vec![], 0.0), (vec![7.0], 7.0)]
        {
            assert!((median(&measured) - expected).abs() < 1e-9, "{measured:?}");
        }
    }

    #[test]
    fn this_process_has_used_time_and_memory() {
        let own = std::process::id();
        assert!(processor_time(own).unwrap() > Duration::ZERO);
        assert!(peak_memory(own).unwrap() > 1024 * 1024);
    }

    #[test]
    fn a_thread_is_found_by_its_name() {
        let work = || {
            let mut sum = 0_u64;
            while thread_time("at-work").unwrap() == Duration::ZERO {
                sum = (0..100_000).fold(sum, u64::wrapping_add);
            }
            sum
        };
        assert_eq!(thread_time("at-work").unwrap(), Duration::ZERO);
        std::thread::Builder::new().name("at-work".into()).spawn(work).unwrap().join().unwrap();
    }
}

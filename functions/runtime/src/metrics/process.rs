//! What the process has used: processor time, memory, network.
//!
//! Memory and network are read from Linux's `/proc`. On a system without it, and for
//! a file that cannot be read, that metric is left out: nothing is guessed.

use cpu_time::ProcessTime;
use std::fs::File;
use std::io::{Read, Seek};
use std::time::Duration;

/// Resident memory, in a line `VmRSS:     1234 kB`.
const STATUS: &str = "/proc/self/status";
/// A line of counters for each network interface of the environment.
const NETWORK: &str = "/proc/self/net/dev";

/// Room for either file: with less, reading would have to make more.
const TYPICAL: usize = 4096;

/// The process itself, as its files tell of it. They stay open, because opening one
/// costs as much as reading it several times.
#[derive(Debug)]
pub(super) struct Process {
    status: Option<File>,
    network: Option<File>,
}

/// What was used up to a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Used {
    cpu: Option<Duration>,
    network: Option<Network>,
}

/// Bytes of all interfaces but the loopback, over which only Lambda's own runtime
/// interface speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Network {
    received: u64,
    sent: u64,
}

impl Process {
    pub(super) fn open() -> Self {
        let open = |path| File::open(path).ok();
        Self { status: open(STATUS), network: open(NETWORK) }
    }

    /// What it has used up to this moment.
    pub(super) fn used(&self) -> Used {
        Used {
            cpu: ProcessTime::try_now().ok().map(|time| time.as_duration()),
            network: read(self.network.as_ref()).map(|text| network(&text)),
        }
    }

    /// Its resident memory in MiB.
    #[allow(clippy::cast_precision_loss, reason = "a function's memory is a small number")]
    pub(super) fn memory_mib(&self) -> Option<f64> {
        let kib = read(self.status.as_ref()).and_then(|text| memory_kib(&text))?;
        Some(kib as f64 / 1024.0)
    }
}

/// What a file says now.
fn read(file: Option<&File>) -> Option<String> {
    let (mut file, mut text) = (file?, Vec::with_capacity(TYPICAL));
    file.rewind().ok()?;
    // Through `Take`, which does not ask how large it is: such a file cannot say.
    file.take(u64::MAX).read_to_end(&mut text).ok()?;
    String::from_utf8(text).ok()
}

impl Used {
    /// Processor time since then, of all threads.
    pub(super) fn cpu_since(&self, before: &Self) -> Option<Duration> {
        Some(self.cpu?.saturating_sub(before.cpu?))
    }

    /// Bytes received and sent since then.
    pub(super) fn network_since(&self, before: &Self) -> Option<(u64, u64)> {
        let (now, then) = (self.network?, before.network?);
        Some((now.received.saturating_sub(then.received), now.sent.saturating_sub(then.sent)))
    }
}

fn memory_kib(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Two lines of headings, then `name: received-bytes and seven more, sent-bytes ...`.
fn network(dev: &str) -> Network {
    let of_interface = |line: &str| {
        let (name, counters) = line.split_once(':')?;
        let mut counters = counters.split_whitespace().map(|counter| counter.parse().ok());
        let (received, sent) = (counters.next()??, counters.nth(7)??);
        (name.trim() != "lo").then_some(Network { received, sent })
    };
    dev.lines().filter_map(of_interface).fold(Network::default(), |sum, one| Network {
        received: sum.received.saturating_add(one.received),
        sent: sum.sent.saturating_add(one.sent),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEV: &str = "Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:  999999     100    0    0    0     0          0         0   999999     100    0    0    0     0       0          0
vinternal_1:    1000      10    0    0    0     0          0         0     2000      20    0    0    0     0       0          0
  eth0:      30       1    0    0    0     0          0         0       40       1    0    0    0     0       0          0
";

    #[test]
    fn the_network_is_every_interface_but_the_loopback() {
        assert_eq!(network(DEV), Network { received: 1_030, sent: 2_040 });
        for other in ["", "eth0: 1 2", "eth0: x 0 0 0 0 0 0 0 y", "no colon"] {
            assert_eq!(network(other), Network::default(), "{other}");
        }
    }

    #[test]
    fn memory_is_what_is_resident() {
        let status = "Name:\tbootstrap\nVmPeak:\t  90000 kB\nVmRSS:\t   12345 kB\n";
        assert_eq!(memory_kib(status), Some(12_345));
        assert_eq!(memory_kib("VmRSS:\tmuch kB"), None);
        assert_eq!(memory_kib(""), None);
    }

    #[test]
    fn what_is_not_known_is_no_number() {
        let (known, unknown) = (Process::open().used(), Used::default());
        assert_eq!(known.cpu_since(&unknown), None);
        assert_eq!(unknown.network_since(&known), None);
        let elsewhere = Process { status: None, network: None };
        assert_eq!((elsewhere.memory_mib(), elsewhere.used().network), (None, None));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn on_linux_everything_is_known() {
        let process = Process::open();
        let (before, memory) = (process.used(), process.memory_mib().unwrap());
        let mut work = 0_u64;
        while process.used().cpu_since(&before).unwrap().is_zero() {
            work = std::hint::black_box(work + 1);
        }
        assert!(process.used().network_since(&before).is_some());
        // It is what is so now, although the files were opened before.
        let more = vec![1_u8; 64 << 20];
        let with_more = process.memory_mib().unwrap();
        assert!(memory > 0.5 && with_more > memory + 32.0, "{memory} {with_more}");
        drop(more);
    }
}

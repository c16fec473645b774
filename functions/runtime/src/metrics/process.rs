//! What the process has used: processor time, memory, network.
//!
//! Memory and network are read from Linux's `/proc`. On a system without it, and for
//! a file that cannot be read, that metric is left out: nothing is guessed.

use cpu_time::ProcessTime;
use std::fs::File;
use std::io::{Read, Seek};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Sizes in pages, of which the second is what is resident. `status` says it in bytes,
/// among fifty other things, and takes several times as long.
const MEMORY: &str = "/proc/self/statm";
/// What the kernel told the program at its start, in pairs of a name and a value.
const AUXILIARY: &str = "/proc/self/auxv";
/// The name of a page's size there (`AT_PAGESZ`, getauxval(3)).
const PAGE_SIZE: usize = 6;
/// A line of counters for each network interface of the environment.
const NETWORK: &str = "/proc/self/net/dev";

/// Room for either file: with less, reading would have to make more.
const TYPICAL: usize = 4096;

/// The process itself, as its files tell of it. They stay open, because opening one
/// costs as much as reading it several times.
#[derive(Debug)]
pub(super) struct Process {
    memory: Option<File>,
    page: Option<usize>,
    network: Option<File>,
    /// What was on the network by the last time that somebody asked.
    last: Mutex<Network>,
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
        let page = std::fs::read(AUXILIARY).ok().and_then(|pairs| page_size(&pairs));
        let process =
            Self { memory: open(MEMORY), page, network: open(NETWORK), last: Mutex::default() };
        // What came before is no invocation's.
        let _before = process.network();
        process
    }

    /// Bytes received and sent since this was asked before.
    pub(super) fn network(&self) -> Option<(u64, u64)> {
        let now = network(&read(self.network.as_ref())?);
        // Nothing panics while it is held.
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let then = std::mem::replace(&mut *last, now);
        Some((now.received.saturating_sub(then.received), now.sent.saturating_sub(then.sent)))
    }

    /// Its resident memory in MiB.
    #[allow(clippy::cast_precision_loss, reason = "a function's memory is a small number")]
    pub(super) fn memory_mib(&self) -> Option<f64> {
        let pages = read(self.memory.as_ref()).and_then(|text| resident(&text))?;
        Some((pages * self.page?) as f64 / 1_048_576.0)
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

/// Processor time of the process so far, of all threads.
pub(super) fn processor_time() -> Option<Duration> {
    ProcessTime::try_now().ok().map(|time| time.as_duration())
}

fn resident(statm: &str) -> Option<usize> {
    statm.split_whitespace().nth(1)?.parse().ok()
}

fn page_size(auxiliary: &[u8]) -> Option<usize> {
    let (words, _) = auxiliary.as_chunks::<{ size_of::<usize>() }>();
    let words: Vec<_> = words.iter().copied().map(usize::from_ne_bytes).collect();
    let (pairs, _) = words.as_chunks::<2>();
    pairs.iter().find(|[name, _]| *name == PAGE_SIZE).map(|[_, value]| *value)
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
        assert_eq!(resident("5000 1234 800 300 0 400 0\n"), Some(1_234));
        assert_eq!(resident("5000 many"), None);
        assert_eq!(resident(""), None);
        let pairs = [3, 64, PAGE_SIZE, 65_536, 0, 0];
        let bytes: Vec<u8> = pairs.into_iter().flat_map(usize::to_ne_bytes).collect();
        assert_eq!(page_size(&bytes), Some(65_536));
        assert_eq!(page_size(&bytes[..20]), None);
    }

    #[test]
    fn what_is_not_known_is_no_number() {
        let last = Mutex::default();
        let elsewhere = Process { memory: None, page: None, network: None, last };
        assert_eq!((elsewhere.memory_mib(), elsewhere.network()), (None, None));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn on_linux_everything_is_known() {
        let process = Process::open();
        let (before, memory) = (processor_time().unwrap(), process.memory_mib().unwrap());
        let mut work = 0_u64;
        while processor_time().unwrap() == before {
            work = std::hint::black_box(work + 1);
        }
        assert!(process.network().is_some());
        // It is what is so now, although the files were opened before.
        let more = vec![1_u8; 64 << 20];
        let with_more = process.memory_mib().unwrap();
        assert!(memory > 0.5 && with_more > memory + 32.0, "{memory} {with_more}");
        drop(more);
        // The same as the kernel says in words.
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        let kib: f64 = line.trim().strip_suffix(" kB").unwrap().parse().unwrap();
        let mib = process.memory_mib().unwrap();
        assert!((mib - kib / 1024.0).abs() < 32.0, "{mib} MiB, {kib} KiB");
    }
}

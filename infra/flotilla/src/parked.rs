//! Lists the events that wait until somebody says which shipment they belong to.

use crate::cloud::Waiting;
use flotilla_shipment::words::{minutes_between, span};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Writes one line for each load, the one that has waited longest first.
///
/// # Errors
/// When `out` cannot be written to.
pub fn tell(waiting: &[Waiting], now: Timestamp, out: &mut dyn Write) -> io::Result<()> {
    let mut loads: BTreeMap<&str, (Timestamp, usize)> = BTreeMap::new();
    for event in waiting {
        let (since, count) = loads.entry(&event.load).or_insert((event.since, 0));
        *since = event.since.min(*since);
        *count += 1;
    }
    let mut lines: Vec<_> = loads.into_iter().map(|(load, (since, n))| (since, load, n)).collect();
    lines.sort_unstable();
    for (since, load, count) in &lines {
        let long = span(minutes_between(*since, now));
        writeln!(out, "{load}: {}, waiting for {long}", counted(*count, "event"))?;
    }
    let (events, loads) = (counted(waiting.len(), "event"), counted(lines.len(), "load"));
    writeln!(out, "{events} of {loads} that no order and no packing event has named")
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loads_are_listed_with_their_events_and_the_longest_wait() {
        let waiting = |load: &str, minute: i64| Waiting {
            load: load.to_owned(),
            since: Timestamp::from_second(minute * 60).unwrap(),
        };
        let all = [waiting("sscc:2", 90), waiting("container:1", 100), waiting("sscc:2", 30)];
        let mut out = Vec::new();
        tell(&all, Timestamp::from_second(120 * 60).unwrap(), &mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "sscc:2: 2 events, waiting for 1 h 30 min\n\
             container:1: 1 event, waiting for 20 min\n\
             3 events of 2 loads that no order and no packing event has named\n"
        );
    }
}

//! Lists the events that wait until somebody says which shipment they belong to.

use crate::answer;
use crate::cloud::{Cloud, Waiting};
use crate::error::Error;
use crate::operator::Wishes;
use flotilla_shipment::words::{minutes_between, span};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Lists what waits in a deployed fleet. Nothing of it needs a person yet.
///
/// # Errors
/// [`Error`] when it cannot be read or shown.
pub async fn run(wishes: &Wishes, out: &mut dyn Write) -> Result<bool, Error> {
    let waiting = Cloud::connect(&wishes.stack).await?.waiting().await?;
    if wishes.json {
        answer::json(&document(&waiting), out)?;
    } else {
        tell(&waiting, Timestamp::now(), out)?;
    }
    Ok(true)
}

/// The loads with their events, the one that has waited longest first.
fn by_load(waiting: &[Waiting]) -> Vec<(Timestamp, &str, usize)> {
    let mut loads: BTreeMap<&str, (Timestamp, usize)> = BTreeMap::new();
    for event in waiting {
        let (since, count) = loads.entry(&event.load).or_insert((event.since, 0));
        *since = event.since.min(*since);
        *count += 1;
    }
    let mut lines: Vec<_> = loads.into_iter().map(|(load, (since, n))| (since, load, n)).collect();
    lines.sort_unstable();
    lines
}

/// For programs.
fn document(waiting: &[Waiting]) -> Value {
    let loads = by_load(waiting);
    let loads = loads.into_iter().map(
        |(since, load, events)| json!({"load": load, "since": since.to_string(), "events": events}),
    );
    json!({"what": "parked", "total": waiting.len(), "loads": loads.collect::<Vec<_>>()})
}

/// Writes one line for each load, the one that has waited longest first.
///
/// # Errors
/// When `out` cannot be written to.
pub fn tell(waiting: &[Waiting], now: Timestamp, out: &mut dyn Write) -> io::Result<()> {
    let lines = by_load(waiting);
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
        let document = document(&all);
        assert_eq!((&document["total"], &document["loads"][0]["events"]), (&json!(3), &json!(2)));
        assert_eq!(document["loads"][0]["since"], "1970-01-01T00:30:00Z");
    }
}

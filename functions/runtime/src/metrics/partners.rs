//! What an invocation has to tell about partners.

use super::names as m;
use super::record::Record;
use super::values::Value;
use crate::meter::PartnerTally;
use flotilla_task::safe;
use serde_json::{Value as Json, json};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// So many partners are told one by one; of more, those that need attention most.
pub(super) const MAX_PARTNERS: usize = 50;

/// All partners together as metrics, and each by its name as a property, which costs
/// no metric of its own.
pub(super) fn put_partners(record: &mut Record, calls: BTreeMap<String, PartnerTally>) {
    let sum = |of: fn(&PartnerTally) -> u64| calls.values().map(of).sum::<u64>();
    record.put(&m::PARTNER_CALLS, sum(|tally| tally.took.len() as u64));
    record.put(&m::PARTNER_FAILURES, sum(|tally| tally.failures));
    record.put(&m::PARTNERS_OPEN, sum(|tally| u64::from(tally.is_open())));
    let took = calls.values().flat_map(|tally| &tally.took).copied().collect();
    record.put(&m::PARTNER_LATENCY, Value::Each(took));
    if calls.is_empty() {
        return;
    }
    let mut calls: Vec<_> = calls.into_iter().collect();
    calls.sort_by_key(|(_, tally)| Reverse((tally.is_open(), tally.failures, tally.took.len())));
    record.say_count("partners_left_out", calls.len().saturating_sub(MAX_PARTNERS) as u64);
    let partners = calls.iter().take(MAX_PARTNERS);
    let partners = partners.map(|(name, tally)| (safe(name), told(tally)));
    record.say("partners", Json::Object(partners.collect()));
}

fn told(tally: &PartnerTally) -> Json {
    let mut took = tally.took.clone();
    took.sort_unstable();
    let ms = |at: usize| took.get(at).map_or(0, |took| took.as_millis() as u64);
    let mut told = json!({"state": tally.state, "calls": took.len()});
    if let Some(members) = told.as_object_mut() {
        for (name, count) in [
            ("failures", tally.failures),
            ("throttled", tally.throttled),
            ("postponed", tally.postponed),
        ] {
            if count > 0 {
                members.insert(name.to_owned(), count.into());
            }
        }
        if let Some(last) = took.len().checked_sub(1) {
            members.insert("p50_ms".to_owned(), ms(last / 2).into());
            members.insert("max_ms".to_owned(), ms(last).into());
        }
    }
    told
}

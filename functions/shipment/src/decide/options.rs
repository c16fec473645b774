//! Every way to carry the shipment, judged and ranked.

use super::Case;
use crate::decision::{Fit, Scored};
use crate::policy::Service;
use crate::words::{minutes_between, plus_minutes, whole_minute};

/// All services of carriers that have not refused, the best first.
pub(super) fn ranked(case: &Case<'_>) -> Vec<Scored> {
    let mut options: Vec<Scored> = case
        .policy
        .carriers
        .iter()
        .filter(|carrier| !case.n.excluded.contains(&carrier.id))
        .flat_map(|carrier| {
            carrier.services.iter().map(|service| scored(case, &carrier.id, service))
        })
        .collect();
    options.sort_by(|a, b| {
        let key = |o: &Scored| (o.score(), o.cost_cents, o.arrival);
        key(a).cmp(&key(b)).then_with(|| (&a.carrier, &a.service).cmp(&(&b.carrier, &b.service)))
    });
    options
}

fn scored(case: &Case<'_>, carrier: &str, service: &Service) -> Scored {
    let known = &case.n.known;
    let minutes = expected_minutes(case, carrier, service);
    // To the minute, as it is written: what is read back is what was weighed.
    let arrival = whole_minute(plus_minutes(known.as_of, minutes));
    let spare = minutes_between(arrival, known.facts.promised);
    let fit = if spare >= case.policy.safety_slack_minutes(known.facts.level) {
        Fit::Safe
    } else if arrival <= known.facts.promised {
        Fit::Tight
    } else {
        Fit::Late
    };
    Scored {
        carrier: carrier.to_owned(),
        service: service.name.clone(),
        cost_cents: service.cost_cents(known.facts.weight_g, left_km(case)),
        arrival,
        fit,
    }
}

/// How long a service takes from where the goods are: as quoted, corrected by
/// what it took on this lane before, once that is known well enough.
pub(super) fn expected_minutes(case: &Case<'_>, carrier: &str, service: &Service) -> i64 {
    let quotes = &case.policy.quotes;
    let quoted = service.minutes(left_km(case));
    let learned = case
        .lanes
        .iter()
        .find(|lane| lane.carrier == carrier && lane.service == service.name)
        .filter(|lane| lane.count >= quotes.learn_after)
        .and_then(|lane| lane.mean_minutes());
    let Some(mean) = learned else {
        return quoted;
    };
    let of_lane = service.minutes(case.n.known.km.unwrap_or(quotes.unknown_distance_km)).max(1);
    let percent = (i128::from(mean) * 100 / i128::from(of_lane))
        .clamp(i128::from(quotes.learned_least_percent), i128::from(quotes.learned_most_percent));
    i64::try_from(i128::from(quoted) * percent / 100).unwrap_or(i64::MAX)
}

fn left_km(case: &Case<'_>) -> u32 {
    let known = &case.n.known;
    known.left_km.or(known.km).unwrap_or(case.policy.quotes.unknown_distance_km)
}

//! Every way to carry the shipment, judged and ranked.

use super::Case;
use super::estimate::{Estimate, late_percent};
use crate::decision::{Choice, Fit, Quoted, Scored};
use crate::places::Place;
use crate::policy::{Carrier, Hub, Service};
use crate::quantity::Money;
use crate::slot::Booking;
use crate::words::{minutes_between, plus_minutes, whole_minute};
use jiff::Timestamp;

/// A way to carry the shipment with all that is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Offer {
    /// As it was judged.
    pub(super) scored: Scored,
    /// As the rate card has it.
    pub(super) quoted: Quoted,
    /// Price and expected penalty for being late, in cents.
    pub(super) expected_cents: i64,
    /// Whether it is safe by the rate card's word alone.
    pub(super) safe_by_card: bool,
    /// How much was learned of the service.
    pub(super) evidence: i128,
}

/// A way from where the goods are to their destination.
struct Way<'a> {
    hub: Option<&'a Hub>,
    quoted_minutes: i64,
    km: u32,
}

impl Offer {
    pub(super) fn choice(&self) -> Choice {
        Choice {
            carrier: self.scored.carrier.clone(),
            service: self.scored.service.clone(),
            via: self.scored.via.clone(),
            cost_cents: self.scored.cost_cents,
            quoted: Some(self.quoted),
        }
    }

    /// Safe ones first, by price and expected penalty; then the earliest.
    fn rank(&self) -> (bool, i64, i64, Timestamp) {
        let (safe, cost, arrival) = (self.is_safe(), self.scored.cost_cents, self.scored.arrival);
        let first = if safe { self.expected_cents } else { arrival.as_second() };
        (!safe, first, cost, arrival)
    }

    /// Tells it from all others, so that the order never depends on chance.
    fn name(&self) -> (&str, &str, Option<&Place>) {
        (&self.scored.carrier, &self.scored.service, self.scored.via.as_ref())
    }

    pub(super) fn is_safe(&self) -> bool {
        self.scored.fit == Fit::Safe
    }
}

/// All services of carriers that have not refused, straight and over every hub
/// they use, the best first.
pub(super) fn ranked(case: &Case<'_>) -> Vec<Offer> {
    let carriers = case.policy.carriers.iter();
    let asked = carriers.filter(|carrier| !case.n.excluded.contains(&carrier.id));
    let services = asked.flat_map(|c| c.services.iter().map(move |service| (c, service)));
    let mut offers: Vec<Offer> = services
        .flat_map(|(carrier, service)| {
            let ways = std::iter::once(direct(case, service))
                .chain(case.policy.hubs.iter().filter_map(|hub| over(case, hub, carrier, service)));
            ways.map(|way| offer(case, carrier, service, &way)).collect::<Vec<_>>()
        })
        .collect();
    offers.sort_by(|a, b| a.rank().cmp(&b.rank()).then_with(|| a.name().cmp(&b.name())));
    offers
}

fn offer(case: &Case<'_>, carrier: &Carrier, service: &Service, way: &Way<'_>) -> Offer {
    let (known, policy) = (&case.n.known, case.policy);
    let estimate = estimate(case, &carrier.id, &service.name);
    let card_cents = service.cost_cents(known.facts.weight_g, way.km);
    let billed = Money { cents: estimate.cents(card_cents), currency: carrier.currency };
    let handling = way.hub.map_or(0, |hub| hub.handling_cents);
    // A policy in which a carrier's currency has no rate does not load; what is
    // left is a price beyond all measure.
    let cost_cents = policy.in_currency(billed).unwrap_or(i64::MAX).saturating_add(handling);
    let (arrival, fit, late) = judged(case, &estimate, way.quoted_minutes);
    let penalty = policy.level(known.facts.level).late_penalty_cents;
    let expected_penalty = (i128::from(penalty) * i128::from(late) + 50) / 100;
    let (_, fit_by_card, _) = judged(case, &Estimate::prior(&policy.learning), way.quoted_minutes);
    Offer {
        scored: Scored {
            carrier: carrier.id.clone(),
            service: service.name.clone(),
            via: way.hub.map(|hub| hub.place.clone()),
            cost_cents,
            arrival,
            fit,
            late_percent: late,
        },
        quoted: Quoted { minutes: way.quoted_minutes, cents: card_cents },
        expected_cents: cost_cents
            .saturating_add(i64::try_from(expected_penalty).unwrap_or(i64::MAX)),
        safe_by_card: fit_by_card == Fit::Safe,
        evidence: estimate.evidence,
    }
}

/// When a service that is quoted at so many minutes arrives, how that stands to
/// the promise, and how likely it is late: by its spread or by what became of
/// others, whichever is worse.
fn judged(case: &Case<'_>, estimate: &Estimate, quoted: i64) -> (Timestamp, Fit, u8) {
    let known = &case.n.known;
    let level = case.policy.level(known.facts.level);
    // To the minute, as it is written: what is read back is what was weighed.
    let arrival = whole_minute(plus_minutes(known.as_of, estimate.minutes(quoted)));
    let spare = minutes_between(arrival, known.facts.promised);
    let spread = estimate.spread_minutes(quoted);
    let scatter = i128::from(spread) * i128::from(level.spread_factor_percent) / 100;
    let fit = if i128::from(spare) >= i128::from(level.safety_slack_minutes) + scatter {
        Fit::Safe
    } else if arrival <= known.facts.promised {
        Fit::Tight
    } else {
        Fit::Late
    };
    (arrival, fit, late_percent(spare, spread).max(estimate.late_percent))
}

/// How long the booked service takes from where the goods are. Whether goods
/// that go over a hub have passed it is not always known: the faster way counts.
pub(super) fn booked_minutes(case: &Case<'_>, live: &Booking) -> Option<i64> {
    // A service that has left the policy has no quote to compare with.
    let carrier = case.policy.carriers.iter().find(|known| known.id == live.carrier)?;
    let service = carrier.services.iter().find(|known| known.name == live.service)?;
    let hub = live.via.as_ref().and_then(|via| case.policy.hub(via));
    let over = hub.and_then(|hub| over(case, hub, carrier, service));
    let straight = direct(case, service).quoted_minutes;
    let quoted = over.map_or(straight, |way| way.quoted_minutes.min(straight));
    Some(estimate(case, &live.carrier, &live.service).minutes(quoted))
}

fn estimate(case: &Case<'_>, carrier: &str, service: &str) -> Estimate {
    let lanes = case.lanes.iter();
    let lanes = lanes.filter(|lane| lane.carrier == carrier && lane.service == service);
    Estimate::learned(&case.policy.learning, lanes, case.week())
}

fn direct<'a>(case: &Case<'_>, service: &Service) -> Way<'a> {
    let known = &case.n.known;
    let km = known.left_km.or(known.km).unwrap_or(case.policy.unknown_distance_km);
    Way { hub: None, quoted_minutes: service.minutes(km), km }
}

/// The way over a hub that is nearer to the destination than the goods are. Not
/// where the goods are there, and not without distances, for then nobody knows
/// what a detour it is.
fn over<'a>(
    case: &Case<'_>,
    hub: &'a Hub,
    carrier: &Carrier,
    service: &Service,
) -> Option<Way<'a>> {
    let line = hub.line(&carrier.id, &service.name)?;
    let (to_km, from_km) = ahead(case, &hub.place)?;
    let quoted_minutes = hub.minutes(service, line, to_km, from_km);
    Some(Way { hub: Some(hub), quoted_minutes, km: to_km.saturating_add(from_km) })
}

/// The distances to a place and from there to the destination, if it brings the
/// goods nearer.
pub(super) fn ahead(case: &Case<'_>, place: &Place) -> Option<(u32, u32)> {
    let (here, destination) = (case.here(), &case.n.known.facts.destination);
    let km = |from: &Place, to: &Place| case.places.distance_km(from, to);
    let (to_km, from_km) = (km(here, place)?, km(place, destination)?);
    let nearer = from_km < km(here, destination)?;
    (nearer && place != here && place != destination).then_some((to_km, from_km))
}

//! A new or amended order: the option in time that costs least.

use super::options::{self, Offer};
use super::{Case, explore};
use crate::decision::{Action, Decision, Fit};
use crate::policy::Unbookable;
use crate::words::{day_and_time, minutes_between, span};

pub(super) fn decide(case: &Case<'_>) -> Decision {
    let known = &case.n.known;
    if let Some(live) = &known.slot.live {
        let service = case.policy.words(&live.carrier, &live.service, live.via.as_ref());
        return case.keep(format!("The shipment is booked already with {service}."));
    }
    if known.superseded {
        return case.keep("A newer version of this order is known already.");
    }
    if case.policy.in_currency(known.facts.value).is_none() {
        let reason = format!(
            "The goods are priced in {}, for which we have no exchange rate.",
            known.facts.value.currency
        );
        return case.decision(Action::Hold, reason, Vec::new());
    }
    let offers = options::ranked(case);
    let Some(best) = offers.first() else {
        return unbookable(case);
    };
    let tried = explore::instead(case, &offers, best);
    let reason = match tried {
        Some(tried) => {
            format!("{} is tried, to learn how it does: {}.", case.words(tried), early(case, tried))
        }
        None => reason(case, best, &offers),
    };
    let chosen = tried.unwrap_or(best);
    case.decision(Action::Book(chosen.choice()), reason, Case::shown(Some(chosen), &offers))
}

/// `expected Mon 30 Nov 01:50 UTC, 15 h 10 min early`.
fn early(case: &Case<'_>, offer: &Offer) -> String {
    let arrival = offer.scored.arrival;
    let spare = minutes_between(arrival, case.n.known.facts.promised);
    let how = if spare < 0 { "late" } else { "early" };
    format!("expected {}, {} {how}", day_and_time(arrival), span(spare))
}

fn reason(case: &Case<'_>, best: &Offer, offers: &[Offer]) -> String {
    let what = case.words(best);
    let when = early(case, best);
    match best.scored.fit {
        Fit::Safe => {
            let cost = best.scored.cost_cents;
            let cheaper = offers.iter().any(|o| o.is_safe() && o.scored.cost_cents < cost);
            let praise =
                if cheaper { "worth its price for being on time" } else { "the cheapest in time" };
            format!("{what} is {praise}: {when}.")
        }
        Fit::Tight => format!("{what} is the fastest: {when}. The promise is at risk."),
        Fit::Late => format!("{what} is the fastest, yet {when}. The promise cannot be kept."),
    }
}

fn unbookable(case: &Case<'_>) -> Decision {
    let reason = "No carrier takes this shipment.";
    match case.policy.unbookable() {
        Unbookable::Hold => case.decision(Action::Hold, reason, Vec::new()),
        Unbookable::Notify => case.decision(Action::Notify, reason, Vec::new()),
    }
}

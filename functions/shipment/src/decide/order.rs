//! A new or amended order: the cheapest option that keeps the promise.

use super::{Case, choice, options};
use crate::decision::{Action, Decision, Fit, Scored};
use crate::policy::Unbookable;
use crate::words::{day_and_time, minutes_between, span};

pub(super) fn decide(case: &Case<'_>) -> Decision {
    let known = &case.n.known;
    if let Some(live) = &known.slot.live {
        let service = case.policy.words(&live.carrier, &live.service);
        return case.keep(format!("The shipment is booked already with {service}."));
    }
    if known.superseded {
        return case.keep("A newer version of this order is known already.");
    }
    if case.policy.in_currency(known.facts.value).is_none() {
        let reason = format!(
            "The goods are priced in {}, for which the policy has no rate.",
            known.facts.value.currency
        );
        return case.decision(Action::Hold, reason, Vec::new());
    }
    let ranked = options::ranked(case);
    let Some(best) = ranked.first().cloned() else {
        return unbookable(case);
    };
    let reason = reason(case, &best);
    case.decision(Action::Book(choice(&best)), reason, Case::shown(Some(&best), ranked))
}

fn reason(case: &Case<'_>, best: &Scored) -> String {
    let promised = case.n.known.facts.promised;
    let what = case.words(best);
    let when = day_and_time(best.arrival);
    let by = span(minutes_between(best.arrival, promised));
    match best.fit {
        Fit::Safe => format!("{what} is the cheapest in time: expected {when}, {by} early."),
        Fit::Tight => format!(
            "{what} is the fastest: expected {when}, only {by} early. The promise is at risk."
        ),
        Fit::Late => format!(
            "{what} is the fastest, yet expected {when}, {by} late. The promise cannot be kept."
        ),
    }
}

fn unbookable(case: &Case<'_>) -> Decision {
    let reason = "No carrier takes this shipment.";
    match case.policy.unbookable() {
        Unbookable::Hold => case.decision(Action::Hold, reason, Vec::new()),
        Unbookable::Notify => case.decision(Action::Notify, reason, Vec::new()),
    }
}

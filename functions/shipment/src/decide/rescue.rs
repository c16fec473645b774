//! A promise in danger: can another booking save it, and is that worth its price?

use super::options::{self, Offer};
use super::{Case, expected};
use crate::decision::{Action, Decision, Fit};
use crate::event::Milestone;
use crate::words::{day_and_time, minutes_between, plus_minutes, span};
use jiff::Timestamp;

/// What happened, and what its rule says.
pub(super) struct Trouble {
    pub(super) milestone: Milestone,
    /// The slack in minutes that is enough.
    pub(super) enough_slack: i64,
    /// In words, that the goods' way is blocked: only another hub helps, and the
    /// desk is told in any case.
    pub(super) blocked: Option<String>,
}

pub(super) fn decide(case: &Case<'_>, trouble: &Trouble) -> Decision {
    let blocked = trouble.blocked.as_ref().map_or_else(String::new, |words| format!("{words} "));
    let Some(expected) = expected::arrival(case, trouble.milestone) else {
        let reason = format!("{blocked}Nobody says when the shipment will arrive.");
        // Without any booking to go by, only a delay calls for one.
        return if expected::delays(trouble.milestone) {
            save(case, trouble, &reason, None, true)
        } else {
            leave(case, trouble, reason, false, Vec::new())
        };
    };
    let slack = minutes_between(expected, case.n.known.facts.promised);
    let it = if blocked.is_empty() { "The shipment" } else { "It" };
    let when = format!("{blocked}{it} is now expected {}", day_and_time(expected));
    if slack >= trouble.enough_slack {
        let reason = format!("{when}, still {} early.", span(slack));
        return leave(case, trouble, reason, false, Vec::new());
    }
    let how = if slack < 0 { "late" } else { "early" };
    let only = if slack < 0 { "" } else { "only " };
    let reason = format!("{when}, {only}{} {how}.", span(slack));
    save(case, trouble, &reason, Some(expected), slack < 0)
}

/// No other booking: the desk is told when the promise will be `broken`, or when
/// the goods' way is blocked.
fn leave(
    case: &Case<'_>,
    trouble: &Trouble,
    reason: String,
    broken: bool,
    weighed: Vec<Offer>,
) -> Decision {
    if broken || trouble.blocked.is_some() {
        case.decision(Action::Notify, reason, Case::shown(None, &weighed))
    } else {
        case.keep(reason)
    }
}

/// The best option that saves the promise within the limits.
fn save(
    case: &Case<'_>,
    trouble: &Trouble,
    reason: &str,
    expected: Option<Timestamp>,
    broken: bool,
) -> Decision {
    let known = &case.n.known;
    if known.slot.generation.0 >= case.policy.rescue.most_bookings {
        let reason =
            format!("{reason} Carriers were asked {} times already.", known.slot.generation.0);
        return leave(case, trouble, reason, broken, Vec::new());
    }
    let blocked = trouble.blocked.is_some();
    let mut offers = options::ranked(case);
    offers.retain(|offer| !blocked || offer.scored.via.is_some());
    offers.retain(|offer| is_another_way(case, offer, blocked));
    let hysteresis = case.policy.rescue.hysteresis_minutes;
    let gains = |offer: &Offer| gained(offer, expected).is_none_or(|gain| gain >= hysteresis);
    let saving = || offers.iter().filter(|offer| offer.scored.keeps_promise() && gains(offer));
    let limit = |offer: &Offer| limit_cents(case, gained(offer, expected));
    if let Some(chosen) = saving().find(|offer| offer.scored.cost_cents <= limit(offer)) {
        let keeps = match chosen.scored.fit {
            Fit::Safe => "keeps the promise",
            Fit::Tight | Fit::Late => "should just keep the promise",
        };
        let (what, when) = (case.words(chosen), day_and_time(chosen.scored.arrival));
        let reason = format!("{reason} {what} {keeps}: expected {when}.");
        let action = match (&known.slot.live, &chosen.scored.via) {
            (None, _) => Action::Book(chosen.choice()),
            (Some(_), None) => Action::Rebook(chosen.choice()),
            (Some(_), Some(_)) => Action::Reroute(chosen.choice()),
        };
        return case.decision(action, reason, Case::shown(Some(chosen), &offers));
    }
    let why = match saving().min_by_key(|offer| offer.scored.cost_cents) {
        Some(cheapest) => format!(
            "{} would keep the promise, but this may cost {} at most.",
            case.words(cheapest),
            case.policy.money(limit(cheapest))
        ),
        None if blocked => "No way over another hub keeps the promise.".to_owned(),
        None => "No faster service keeps the promise.".to_owned(),
    };
    leave(case, trouble, format!("{reason} {why}"), broken, offers)
}

/// How much earlier than expected an option arrives, in minutes.
fn gained(offer: &Offer, expected: Option<Timestamp>) -> Option<i64> {
    expected.map(|expected| minutes_between(offer.scored.arrival, expected))
}

/// Whether an option is another one than what is booked, and faster by the
/// hysteresis. Without this a second report of the same delay would book back to
/// a slower service, which beats the reported arrival just as well.
///
/// Where the booked way is blocked, its time says nothing any more. But goods
/// that have a hub ahead were sent over it because the straight way was blocked
/// or too slow: for them only a faster way over a hub is another.
fn is_another_way(case: &Case<'_>, offer: &Offer, blocked: bool) -> bool {
    let known = &case.n.known;
    let Some(live) = &known.slot.live else {
        return true;
    };
    let option = &offer.scored;
    if live.carrier == option.carrier && live.service == option.service && live.via == option.via {
        return false;
    }
    let hub_ahead = live.via.as_ref().is_some_and(|via| options::ahead(case, via).is_some());
    if hub_ahead && option.via.is_none() {
        return false;
    }
    if blocked && !hub_ahead {
        return true;
    }
    options::booked_minutes(case, live).is_none_or(|minutes| {
        let booked = plus_minutes(known.as_of, minutes);
        let gain = minutes_between(option.arrival, booked);
        gain >= case.policy.rescue.hysteresis_minutes.max(1)
    })
}

/// What this rescue may cost: the policy's limit, no more than its share of what
/// the goods are worth, when that can be compared, and no more for an hour gained
/// than the policy allows, when the gain is known.
fn limit_cents(case: &Case<'_>, gained_minutes: Option<i64>) -> i64 {
    let rescue = &case.policy.rescue;
    let share = case
        .policy
        .in_currency(case.n.known.facts.value)
        .and_then(|cents| cents.checked_mul(rescue.share_of_value_percent))
        .map_or(i64::MAX, |share| share / 100);
    let for_gain = gained_minutes.map_or(i64::MAX, |minutes| {
        rescue.limit_per_hour_gained_cents.saturating_mul(minutes) / 60
    });
    rescue.limit_cents.min(share).min(for_gain)
}

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;

//! Something happened on the way: what the policy's rule for it says.

use super::rescue::{self, Trouble};
use super::{Case, tell};
use crate::decision::{Action, Decision};
use crate::event::{Event, Milestone};
use crate::policy::Act;
use crate::words::day_and_time;
use jiff::Timestamp;

pub(super) fn decide(case: &Case<'_>, milestone: Milestone, at: Timestamp) -> Decision {
    if case.n.known.superseded {
        return case.keep("Something newer is known of this shipment already.");
    }
    let what = || {
        let what = happened(case, milestone, at);
        match tell::breaks(case, milestone, at) {
            Some(late) => format!("{what} {late}"),
            None => what,
        }
    };
    match case.policy.rule(milestone).act {
        Act::Keep => case.keep(what()),
        Act::Notify => case.decision(Action::Notify, what(), Vec::new()),
        Act::Hold { from_value_cents } => hold(case, &what(), from_value_cents),
        Act::Rebook { when_slack_below_minutes: enough_slack } => {
            rescue::decide(case, &Trouble { milestone, enough_slack, blocked: None })
        }
        Act::Reroute { when_slack_below_minutes: enough_slack } => {
            let blocked = Some(happened(case, milestone, at));
            rescue::decide(case, &Trouble { milestone, enough_slack, blocked })
        }
    }
}

/// Goods of a value that the policy cannot compare are held: the safe side.
fn hold(case: &Case<'_>, what: &str, from_value_cents: Option<i64>) -> Decision {
    let value = case.n.known.facts.value;
    let low = from_value_cents
        .zip(case.policy.in_currency(value))
        .is_some_and(|(from, cents)| cents < from);
    if low {
        let reason = format!("{what} The goods are worth {value}, so nothing is held up.");
        return case.decision(Action::Notify, reason, Vec::new());
    }
    case.decision(Action::Hold, format!("{what} A person decides what follows."), Vec::new())
}

fn happened(case: &Case<'_>, milestone: Milestone, at: Timestamp) -> String {
    let city = city(case);
    let at_city = city.map_or_else(String::new, |city| format!(" in {city}"));
    let words = match (milestone, city) {
        (Milestone::PickedUp, _) => "was picked up".to_owned(),
        (Milestone::Departed, Some(city)) => format!("left {city}"),
        (Milestone::Departed, None) => "went on its way".to_owned(),
        (Milestone::Arrived, Some(city)) => format!("arrived in {city}"),
        (Milestone::Arrived, None) => "arrived on its way".to_owned(),
        (Milestone::Seen, _) => format!("was seen{at_city}"),
        (Milestone::Estimated, _) => "was given a new estimate".to_owned(),
        (Milestone::Delayed, _) => "was reported late".to_owned(),
        (Milestone::Damaged, _) => "was reported damaged".to_owned(),
        (Milestone::Missing, _) => "was reported missing".to_owned(),
        (Milestone::Alarm, _) => "raised a sensor's alarm".to_owned(),
        (Milestone::Stopped, _) => format!("was stopped{at_city}"),
        (Milestone::Withdrawn, _) => "had an earlier report taken back".to_owned(),
        (Milestone::Delivered, _) => "was delivered".to_owned(),
    };
    format!("The shipment {words} on {}.", day_and_time(at))
}

/// The city that the event names, if we know it.
fn city<'a>(case: &Case<'a>) -> Option<&'a str> {
    let place = match &case.n.event {
        Event::Tracking { place, .. } => place.as_ref()?,
        Event::Order { .. } => return None,
    };
    case.places.get(place).map(|known| known.city.as_str())
}

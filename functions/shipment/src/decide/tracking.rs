//! Something happened on the way: what the policy's rule for it says.

use super::{Case, rescue};
use crate::decision::{Action, Decision};
use crate::event::Milestone;
use crate::policy::Rule;
use crate::words::day_and_time;
use jiff::Timestamp;

pub(super) fn decide(case: &Case<'_>, milestone: Milestone, at: Timestamp) -> Decision {
    if case.n.known.superseded {
        return case.keep("Something newer is known of this shipment already.");
    }
    let what = happened(milestone, at);
    match case.policy.rule(milestone) {
        Rule::Keep => case.keep(format!("{what}.")),
        Rule::Notify => case.decision(Action::Notify, format!("{what}."), Vec::new()),
        Rule::Hold { from_value_cents } => hold(case, &what, *from_value_cents),
        Rule::Rebook { when_slack_below_minutes } => {
            rescue::decide(case, milestone, *when_slack_below_minutes)
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
        let reason = format!("{what}; goods worth {value} are reported, not held.");
        return case.decision(Action::Notify, reason, Vec::new());
    }
    case.decision(Action::Hold, format!("{what}; a person decides what follows."), Vec::new())
}

fn happened(milestone: Milestone, at: Timestamp) -> String {
    let words = match milestone {
        Milestone::PickedUp => "was picked up",
        Milestone::Departed => "departed",
        Milestone::Arrived => "arrived on its way",
        Milestone::Seen => "was seen",
        Milestone::Estimated => "was given a new estimate",
        Milestone::Delayed => "was reported late",
        Milestone::Damaged => "was reported damaged",
        Milestone::Missing => "was reported missing",
        Milestone::Alarm => "raised a sensor's alarm",
        Milestone::Stopped => "was stopped",
        Milestone::Withdrawn => "had an earlier report taken back",
        Milestone::Delivered => "was delivered",
    };
    format!("The shipment {words} on {}", day_and_time(at))
}

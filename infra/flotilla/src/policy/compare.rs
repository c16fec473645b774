//! Two policies on the same decisions.

use super::recorded::Recorded;
use flotilla_shipment::decide::decide;
use flotilla_shipment::decision::{Action, Choice, Decision};
use flotilla_shipment::lane::LaneStats;
use flotilla_shipment::places::Places;
use flotilla_shipment::policy::Policy;
use flotilla_shipment::week::Week;
use serde::Serialize;
use std::collections::BTreeMap;

/// What a policy decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Side {
    /// In a word.
    pub action: &'static str,
    /// What is booked, if anything is: `swift/express over DEHAM`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub booking: Option<String>,
    /// What that costs, in cents of the old policy's currency; absent where that
    /// policy has no rate for the new one's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_cents: Option<i64>,
    /// Whether the customer is told.
    pub tell_customer: bool,
    /// Why.
    pub reason: String,
}

/// A decision that would be another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The shipment.
    pub shipment: String,
    /// The task.
    pub task: String,
    /// What happened: `order`, `delayed` and so on.
    pub event: &'static str,
    /// By the old policy.
    pub old: Side,
    /// By the new one.
    pub new: Side,
}

/// What differs between two policies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// The old policy: `default@2`.
    pub old: String,
    /// The new one.
    pub new: String,
    /// The old one's currency, in which all costs are.
    pub currency: String,
    /// Decisions compared.
    pub compared: usize,
    /// Tasks whose decision the old policy made itself and makes otherwise now: what
    /// they looked at is not all on record, so they are not compared.
    pub not_compared: Vec<String>,
    /// Those that would change.
    pub changed: Vec<Change>,
    /// What all compared decisions book, by the old policy.
    pub old_cost_cents: i64,
    /// By the new one, as far as it can be converted.
    pub new_cost_cents: i64,
    /// Bookings whose cost cannot be converted.
    pub without_rate: usize,
}

impl Comparison {
    /// How many change from one action to another.
    #[must_use]
    pub fn kinds(&self) -> BTreeMap<(&'static str, &'static str), usize> {
        let mut kinds = BTreeMap::new();
        for change in &self.changed {
            *kinds.entry((change.old.action, change.new.action)).or_default() += 1;
        }
        kinds
    }
}

/// Lets both policies decide on everything again.
#[must_use]
pub fn compare(old: &Policy, new: &Policy, places: &Places, recorded: &[Recorded]) -> Comparison {
    let mut comparison = Comparison {
        old: old.label(),
        new: new.label(),
        currency: old.currency.to_string(),
        compared: 0,
        not_compared: Vec::new(),
        changed: Vec::new(),
        old_cost_cents: 0,
        new_cost_cents: 0,
        without_rate: 0,
    };
    for each in recorded {
        let was = again(old, places, each);
        if each.decision.policy == old.label() && !same(&was, &each.decision) {
            comparison.not_compared.push(each.task.to_string());
            continue;
        }
        let would = again(new, places, each);
        comparison.compared += 1;
        let (before, after) = (side(old, &was, old), side(new, &would, old));
        comparison.old_cost_cents += before.cost_cents.unwrap_or(0);
        comparison.new_cost_cents += after.cost_cents.unwrap_or(0);
        comparison.without_rate += usize::from(after.cost_cents.is_none());
        if !same(&was, &would) {
            comparison.changed.push(Change {
                shipment: each.shipment.clone(),
                task: each.task.to_string(),
                event: each.event.kind(),
                old: before,
                new: after,
            });
        }
    }
    comparison
}

/// The decision as this policy makes it, on what had been learned in the weeks that
/// count for it.
fn again(policy: &Policy, places: &Places, each: &Recorded) -> Decision {
    let weeks = policy.learning.weeks(Week::of(each.known.as_of));
    let counts = |stats: &&LaneStats| weeks.contains(&stats.week);
    let lanes: Vec<_> = each.lanes.iter().filter(counts).cloned().collect();
    decide(policy, places, &each.looked_at(), &lanes, &each.task)
}

/// Whether two decisions do the same. The words may differ, and what a rate card says
/// beside the price.
fn same(one: &Decision, other: &Decision) -> bool {
    let does = |decision: &Decision| (decision.action.kind(), decision.tell_customer);
    let books = |decision: &Decision| {
        decision.action.booking().map(|choice| Choice { quoted: None, ..choice.clone() })
    };
    does(one) == does(other) && books(one) == books(other)
}

fn side(policy: &Policy, decision: &Decision, old: &Policy) -> Side {
    Side {
        action: decision.action.kind(),
        booking: decision.action.booking().map(named),
        cost_cents: match &decision.action {
            Action::Keep | Action::Notify | Action::Hold => Some(0),
            Action::Book(choice) | Action::Rebook(choice) | Action::Reroute(choice) => {
                old.in_currency(policy.money(choice.cost_cents))
            }
        },
        tell_customer: decision.tell_customer,
        reason: decision.reason.clone(),
    }
}

fn named(choice: &Choice) -> String {
    let service = format!("{}/{}", choice.carrier, choice.service);
    choice.via.as_ref().map_or_else(|| service.clone(), |via| format!("{service} over {via}"))
}

#[cfg(test)]
mod tests {
    use super::super::{read, write};
    use super::*;
    use serde_json::json;

    const BUNDLED: &str = include_str!("../../../../functions/shipment/data/policy.toml");

    /// An order from Rotterdam to Berlin with that value, as the bundled policy decided it.
    fn recorded(policy: &Policy, task: &str) -> Recorded {
        let mut recorded: Recorded = serde_json::from_value(json!({
            "shipment": "SHP-1", "task": task,
            "event": {"order": {"at": "2026-11-27T08:00:00Z", "ids": ["booking:BKR-77"]}},
            "known": {
                "from": "NLRTM", "to": "DEBER", "g": 2400, "value": "99.80 EUR", "km": 600,
                "promised": "2026-11-30T17:00:00Z", "level": "economy",
                "as_of": "2026-11-27T08:00:00Z",
            },
            "decision": {"action": "keep", "reason": "", "policy": policy.label(), "decided_on": 0},
        }))
        .unwrap();
        recorded.decision = again(policy, &Places::bundled().unwrap(), &recorded);
        recorded
    }

    fn run(new: &Policy, recorded: &[Recorded]) -> Comparison {
        compare(&Policy::bundled().unwrap(), new, &Places::bundled().unwrap(), recorded)
    }

    #[test]
    fn the_same_policy_changes_nothing() {
        let policy = Policy::bundled().unwrap();
        let all = [recorded(&policy, "t1"), recorded(&policy, "t2")];
        let comparison = run(&policy, &all);
        assert_eq!((comparison.compared, comparison.changed.len()), (2, 0));
        assert_eq!(comparison.old_cost_cents, comparison.new_cost_cents);
        assert!(comparison.old_cost_cents > 0, "orders are booked");
    }

    #[test]
    fn a_policy_without_the_cheapest_carrier_books_another_and_says_what_that_costs() {
        let old = Policy::bundled().unwrap();
        let before = recorded(&old, "t1");
        let chosen = before.decision.action.booking().unwrap().clone();
        let renamed = format!("\nid = \"{}\"\n", chosen.carrier);
        let text = BUNDLED.replace("\nversion = 2\n", "\nversion = 3\n");
        assert!(text.contains(&renamed));
        // Its carrier goes by another name, so that the decision must name another.
        let text = text.replace(&renamed, "\nid = \"newcomer\"\n");
        let new = Policy::parse(&text, "new.toml").unwrap();
        let comparison = run(&new, &[before]);
        assert_eq!((comparison.compared, comparison.changed.len()), (1, 1));
        assert_eq!(comparison.kinds(), BTreeMap::from([(("book", "book"), 1)]));
        let change = &comparison.changed[0];
        assert!(change.old.booking.as_ref().unwrap().starts_with(&chosen.carrier));
        assert_eq!(change.old.cost_cents, Some(chosen.cost_cents));
        let mut out = Vec::new();
        comparison.tell(&mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(
            text.contains("1 of 1 decisions would change from default@2 to default@3"),
            "{text}"
        );
        assert!(text.contains("SHP-1 (order, task t1)"), "{text}");
    }

    #[test]
    fn a_decision_that_cannot_be_made_again_is_told_apart() {
        let policy = Policy::bundled().unwrap();
        let mut other = recorded(&policy, "t1");
        // As if a carrier had refused, which the log does not say.
        other.decision.action = Action::Hold;
        let comparison = run(&policy, &[other.clone()]);
        assert_eq!((comparison.compared, comparison.not_compared), (0, vec!["t1".to_owned()]));
        // By another policy than the old one it says nothing about the record.
        other.decision.policy = "default@1".to_owned();
        assert_eq!(run(&policy, &[other]).compared, 1);
    }

    #[test]
    fn decisions_are_written_and_read_back_and_a_wrong_line_is_named() {
        let policy = Policy::bundled().unwrap();
        let mut each = recorded(&policy, "t1");
        let week = "2026W47".parse().unwrap();
        let (carrier, service) = ("swift".to_owned(), "express".to_owned());
        each.lanes.push(LaneStats { carrier, service, week, sums: Default::default() });
        let all = [each, recorded(&policy, "t2")];
        let mut text = Vec::new();
        write(&all, &mut text).unwrap();
        assert_eq!(read(text.as_slice()).unwrap(), all);
        text.extend_from_slice(b"{}\n");
        let error = read(text.as_slice()).unwrap_err().to_string();
        assert!(error.starts_with("line 3: missing field"), "{error}");
    }
}

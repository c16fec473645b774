//! From what is known to what is to be done. Pure: the same record, policy,
//! places, lane statistics and task always give the same decision.

mod estimate;
mod expected;
mod explore;
#[cfg(test)]
mod laws;
mod options;
mod order;
mod rescue;
#[cfg(test)]
mod season;
mod tell;
#[cfg(test)]
mod tests;
mod tracking;

use crate::decision::{Action, Decision, Scored};
use crate::event::Event;
use crate::lane::LaneStats;
use crate::payload::Normalised;
use crate::places::{Place, Places};
use crate::policy::Policy;
use crate::week::Week;
use flotilla_task::TaskId;
use options::Offer;

/// How many options a decision shows: with four, an order's record would not
/// stay within 1 KiB.
const SHOWN: usize = 3;

/// Decides. The task is asked for nothing but its id, which says whether this
/// order tries something out.
#[must_use]
pub fn decide(
    policy: &Policy,
    places: &Places,
    normalised: &Normalised,
    lanes: &[LaneStats],
    task: &TaskId,
) -> Decision {
    let case = Case { policy, places, n: normalised, lanes, task };
    if normalised.known.delivered {
        return case.keep("The shipment was delivered already.");
    }
    let mut decision = match &normalised.event {
        Event::Order { .. } => order::decide(&case),
        Event::Tracking { milestone, at, .. } => tracking::decide(&case, *milestone, *at),
    };
    decision.tell_customer = tell::customer(&case, &decision);
    decision
}

/// Everything a decision looks at.
struct Case<'a> {
    policy: &'a Policy,
    places: &'a Places,
    n: &'a Normalised,
    lanes: &'a [LaneStats],
    task: &'a TaskId,
}

impl Case<'_> {
    fn decision(
        &self,
        action: Action,
        reason: impl Into<String>,
        options: Vec<Scored>,
    ) -> Decision {
        Decision {
            action,
            reason: reason.into(),
            options,
            expected: expected::onward(self),
            tell_customer: false,
            policy: self.policy.label(),
            decided_on: self.n.known.slot.generation,
        }
    }

    fn keep(&self, reason: impl Into<String>) -> Decision {
        self.decision(Action::Keep, reason, Vec::new())
    }

    /// Where the goods are: at their origin until somebody says otherwise.
    fn here(&self) -> &Place {
        let known = &self.n.known;
        known.here.as_ref().unwrap_or(&known.facts.origin)
    }

    /// The week of the decision.
    fn week(&self) -> Week {
        Week::of(self.n.known.as_of)
    }

    /// The chosen option first, then the best of the others.
    fn shown(chosen: Option<&Offer>, offers: &[Offer]) -> Vec<Scored> {
        let others = offers.iter().filter(|offer| Some(*offer) != chosen);
        chosen.into_iter().chain(others).take(SHOWN).map(|offer| offer.scored.clone()).collect()
    }

    /// An option in words: `Swift express over Leipzig for 28.10 EUR`.
    fn words(&self, offer: &Offer) -> String {
        let option = &offer.scored;
        let service = self.policy.words(&option.carrier, &option.service, option.via.as_ref());
        format!("{service} for {}", self.policy.money(option.cost_cents))
    }
}

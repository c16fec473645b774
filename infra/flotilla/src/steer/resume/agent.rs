//! Resumes an agent, at once or step by step.
//!
//! ```text
//! the note: resumed, and up to what -> 2 of 20 -> 4 of 20 ... 20 of 20 -> the note: resumed
//! ```
//!
//! The note comes first, so that recovery counts from then, and what a climb has to
//! reach is known to whoever takes it up after this command has died.

use super::climb::{Climb, steps};
use super::turn::{Agent, Deployed, Lost, Turn};
use crate::answer;
use crate::cloud::Cloud;
use crate::cloud::mappings::Mapping;
use crate::cloud::pollers::Polling;
use crate::error::Error;
use crate::operator::Wishes;
use crate::steer::change::Change;
use flotilla_task::{AgentPause, Clock, Stage, SystemClock};
use serde_json::json;
use std::io::Write;
use std::time::Duration;

/// What is to be done.
struct Plan {
    /// The maximum that it has in the end, where there is one.
    maximum: Option<u32>,
    /// What the note says that it is to be brought back to meanwhile.
    goal: Option<u32>,
    /// Environments at each step; none where it comes back at once.
    steps: Vec<u32>,
    /// Whether anything has to be changed.
    is_due: bool,
}

pub(super) async fn resume(
    stage: Stage,
    every: Option<Duration>,
    change: Change,
    wishes: &Wishes,
    out: &mut dyn Write,
) -> Result<bool, Error> {
    let cloud = Cloud::connect(&wishes.stack).await?;
    let agent = Deployed { cloud: &cloud, stage };
    let (mapping, note) = (cloud.mapping(stage).await?, agent.note().await?);
    let plan = plan(&mapping, note.as_ref(), every.is_some());
    let is_made = plan.is_due && change.wanted(&words(stage, &plan))?;
    if !is_made {
        let was = if plan.is_due { "is as it was" } else { "was not paused" };
        let document = json!({ "agent": stage, "changed": false, "steps": [] });
        answer::either(wishes.json, &document, &format!("{stage} {was}."), out)?;
        return Ok(!plan.is_due || change.dry_run);
    }
    let now = SystemClock.now();
    let mut climb = Climb::of(&cloud, stage, wishes.json);
    let begun = Turn::begin(agent, note.as_ref(), plan.goal, now).await?;
    let is_begun = begun.is_ok();
    let came = match (begun, every) {
        (Ok(turn), Some(every)) if !plan.steps.is_empty() => {
            climb.up(turn, &plan.steps, every, out).await?
        }
        (Ok(turn), _) => at_once(turn, &plan).await?,
        (Err(Lost), _) => Came::Lost,
    };
    let said = came.words(stage, &plan);
    let document = json!({
        "agent": stage, "changed": is_begun, "steps": climb.done, "ended": came.as_str(),
    });
    answer::either(wishes.json, &document, &said, out)?;
    Ok(came == Came::Resumed)
}

async fn at_once(turn: Turn<Deployed<'_>>, plan: &Plan) -> Result<Came, Error> {
    let to = Polling { enabled: true, maximum: plan.goal.and(plan.maximum) };
    match turn.switch(to).await? {
        Ok(()) => Came::of(turn).await,
        Err(Lost) => Ok(Came::Lost),
    }
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Came {
    /// It has its maximum.
    Resumed,
    /// A person has stopped it at a step.
    Stopped,
    /// Somebody else has paused or resumed the agent meanwhile.
    Lost,
}

impl Came {
    /// Of a turn whose work is done.
    pub(super) async fn of(turn: Turn<Deployed<'_>>) -> Result<Self, Error> {
        let ended = turn.end(SystemClock.now()).await?;
        Ok(if ended == Ok(()) { Self::Resumed } else { Self::Lost })
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Resumed => "resumed",
            Self::Stopped => "stopped",
            Self::Lost => "changed by somebody else",
        }
    }

    fn words(self, stage: Stage, plan: &Plan) -> String {
        match self {
            Self::Resumed => format!("{stage} is resumed{}.", with(plan.maximum)),
            Self::Stopped => format!("{stage} was left at this step."),
            Self::Lost => format!(
                "{stage}: somebody else has paused or resumed it meanwhile, and that holds. \
                 `flotilla status` tells how it is."
            ),
        }
    }
}

fn with(maximum: Option<u32>) -> String {
    maximum.map_or_else(String::new, |maximum| format!(", with up to {maximum} environments"))
}

/// What an interrupted climb was to reach counts, unless a deploy has given it more.
fn plan(mapping: &Mapping, note: Option<&AgentPause>, gradually: bool) -> Plan {
    let goal = note.and_then(|note| note.maximum);
    let maximum = mapping.maximum.max(mapping.maximum.and(goal));
    let is_off = !mapping.polls();
    let is_due = is_off || note.is_some_and(|note| !note.is_over || note.maximum.is_some());
    let at = mapping.maximum.filter(|_| !is_off && note.is_some_and(AgentPause::climbs));
    let steps = match maximum {
        Some(maximum) if gradually => steps(at, maximum),
        Some(_) | None => Vec::new(),
    };
    let goal = if steps.is_empty() { goal } else { maximum };
    Plan { maximum, goal, steps, is_due }
}

fn words(stage: Stage, plan: &Plan) -> String {
    match (plan.steps.as_slice(), plan.maximum) {
        ([], None) => format!(
            "resume the agent {stage} at once, since its queue has no MaximumConcurrency that \
             could grow (Pollers=provisioned)"
        ),
        ([], Some(maximum)) => {
            format!("resume the agent {stage} at once, with up to {maximum} environments")
        }
        (steps, _) => {
            let steps: Vec<_> = steps.iter().map(u32::to_string).collect();
            format!("resume the agent {stage} with {} environments", steps.join(", then "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flotilla_task::Timestamp;

    fn mapping(state: &str, maximum: Option<u32>) -> Mapping {
        let (uuid, state) = ("u".to_owned(), state.to_owned());
        Mapping { stage: Stage::Communication, uuid, state, maximum }
    }

    fn planned(state: &str, has: Option<u32>, note: Option<&AgentPause>) -> (Vec<u32>, bool) {
        let Plan { steps, is_due, .. } = plan(&mapping(state, has), note, true);
        (steps, is_due)
    }

    #[test]
    fn a_climb_begins_at_two_and_goes_on_where_it_was_left() {
        let at = Timestamp::from_millis(1000);
        let paused = AgentPause::begun(None, at);
        assert_eq!(planned("Disabled", Some(20), Some(&paused)), (vec![2, 4, 8, 16, 20], true));
        let climbing = AgentPause::ended(Some(&paused), Some(20), at);
        assert_eq!(planned("Enabled", Some(4), Some(&climbing)), (vec![8, 16, 20], true));
        assert_eq!(planned("Disabled", Some(4), Some(&climbing)), (vec![2, 4, 8, 16, 20], true));
        let again = AgentPause::begun(Some(&climbing), at);
        let (steps, _) = planned("Disabled", Some(4), Some(&again));
        assert_eq!(steps.last(), Some(&20), "what it had before the first pause");
        let deployed = planned("Enabled", Some(50), Some(&climbing));
        assert_eq!(deployed, (vec![50], true), "a deploy has given it more");
    }

    #[test]
    fn nothing_is_due_where_it_works_and_a_climb_that_cannot_be_is_none() {
        let at = Timestamp::from_millis(1000);
        let over = AgentPause::ended(None, None, at);
        assert!(!planned("Enabled", Some(20), None).1);
        assert!(!planned("Enabled", Some(20), Some(&over)).1);
        assert!(planned("Disabled", Some(20), None).1, "somebody else has switched it off");
        assert_eq!(planned("Disabled", None, None), (vec![], true), "provisioned pollers");
        let stale = AgentPause::begun(None, at);
        assert!(planned("Enabled", Some(20), Some(&stale)).1, "a deploy has switched it on");
        let at_once =
            plan(&mapping("Enabled", Some(4)), Some(&AgentPause::ended(None, Some(20), at)), false);
        assert_eq!((at_once.steps, at_once.maximum), (vec![], Some(20)));
    }
}

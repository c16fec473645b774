//! Resumes an agent, at once or step by step.
//!
//! ```text
//! the note: resumed, and up to what -> 2 of 20 -> 4 of 20 ... 20 of 20 -> the note: resumed
//! ```
//!
//! The note comes first, so that recovery counts from then, and what a climb has to
//! reach is known to whoever takes it up after this command has died.

use super::climb::steps;
use crate::cloud::Cloud;
use crate::cloud::mappings::Mapping;
use crate::cloud::pollers::Polling;
use crate::error::Error;
use crate::operator::Wishes;
use crate::steer::change::Change;
use crate::steer::pause::target::{answer, progress, said};
use flotilla_task::{AgentPause, Clock, Stage, SystemClock};
use serde_json::{Value, json};
use std::io::Write;
use std::time::Duration;

/// What is to be done.
struct Plan {
    /// The maximum that it has in the end, where there is one.
    maximum: Option<u32>,
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
    let mapping = cloud.mapping(stage).await?;
    let note = cloud.agent_pauses().await?.get(&stage).copied();
    let plan = plan(&mapping, note.as_ref(), every.is_some());
    let is_made = plan.is_due && change.wanted(&words(stage, &plan))?;
    if !is_made {
        let was = if plan.is_due { "is as it was" } else { "was not paused" };
        let document = json!({ "agent": stage, "changed": false, "steps": [] });
        answer(wishes.json, &document, &format!("{stage} {was}."), out)?;
        return Ok(true);
    }
    let now = SystemClock.now();
    let goal = if plan.steps.is_empty() { note.and_then(|n| n.maximum) } else { plan.maximum };
    cloud.note_pause(stage, |before| AgentPause::ended(before, goal, now)).await?;
    let mut done = Vec::new();
    if plan.steps.is_empty() {
        let to = Polling { enabled: true, maximum: goal.and(plan.maximum) };
        cloud.switch(stage, to, &mut said(stage)).await?;
    } else {
        let every = every.unwrap_or_default();
        let mut climb = Climb { cloud: &cloud, stage, every, json: wishes.json, done: &mut done };
        if !climb.up(&plan, out).await? {
            let document = json!({ "agent": stage, "changed": true, "steps": done });
            answer(wishes.json, &document, &format!("{stage} was left at this step."), out)?;
            return Ok(false);
        }
    }
    cloud.note_pause(stage, |before| AgentPause::ended(before, None, now)).await?;
    let document = json!({ "agent": stage, "changed": true, "steps": done });
    answer(wishes.json, &document, &format!("{stage} is resumed{}.", with(plan.maximum)), out)?;
    Ok(true)
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
    Plan { maximum, steps, is_due }
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

struct Climb<'a> {
    cloud: &'a Cloud,
    stage: Stage,
    every: Duration,
    json: bool,
    done: &'a mut Vec<Value>,
}

impl Climb<'_> {
    /// Whether it got to the end; else somebody has stopped it.
    async fn up(&mut self, plan: &Plan, out: &mut dyn Write) -> Result<bool, Error> {
        let stage = self.stage;
        let most = plan.maximum.unwrap_or_default();
        // It listens from its first poll on; so one that comes while Lambda is asked is
        // heard at the end of that step.
        let mut stop = std::pin::pin!(tokio::signal::ctrl_c());
        tokio::select! {
            biased;
            _ = &mut stop => return Ok(false),
            () = std::future::ready(()) => {}
        }
        for (at, step) in plan.steps.iter().enumerate() {
            if at > 0 {
                tokio::select! {
                    _ = &mut stop => {
                        progress(&format!(
                            "To go on: flotilla resume {stage} --gradually; at once: flotilla \
                             resume {stage}; back: flotilla pause {stage}"
                        ));
                        return Ok(false);
                    }
                    () = tokio::time::sleep(self.every) => {}
                }
            }
            let to = Polling { enabled: true, maximum: Some(*step) };
            self.cloud.switch(stage, to, &mut said(stage)).await?;
            let depth = self.cloud.depth(self.cloud.stack.queue(stage)?).await?;
            let (waiting, under_way) = (depth.visible + depth.delayed, depth.in_flight);
            let line = format!(
                "{stage}: {step} of {most} environments; {waiting} messages wait, {under_way} are \
                 under way"
            );
            if self.json {
                progress(&line);
            } else {
                writeln!(out, "{line}")?;
                out.flush()?;
            }
            let entry = json!({
                "environments": step, "of": most, "waiting": waiting, "under_way": under_way,
            });
            self.done.push(entry);
        }
        Ok(true)
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

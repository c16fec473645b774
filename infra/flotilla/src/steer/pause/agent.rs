//! Pauses an agent: its messages wait in its queue.
//!
//! The note comes first, so that recovery leaves the agent's tasks alone from before
//! the first of them waits. A command that dies between the two has paused nothing,
//! and the same command, or `resume`, puts it right.

use super::target::said;
use crate::answer;
use crate::cloud::Cloud;
use crate::cloud::pollers::Polling;
use crate::error::Error;
use crate::operator::Wishes;
use crate::steer::change::Change;
use flotilla_task::{AgentPause, Clock, Stage, SystemClock};
use serde_json::json;
use std::io::Write;

pub(super) async fn pause(
    stage: Stage,
    change: Change,
    wishes: &Wishes,
    out: &mut dyn Write,
) -> Result<bool, Error> {
    let cloud = Cloud::connect(&wishes.stack).await?;
    let days = cloud.retention(stage).await?.as_secs() / 86_400;
    let what = format!("pause the agent {stage}, whose queue keeps a message for {days} days");
    let is_made = change.wanted(&what)?;
    if is_made {
        let now = SystemClock.now();
        cloud.note_pause(stage, |before| AgentPause::begun(before, now)).await?;
        cloud.switch(stage, Polling::OFF, &mut said(stage)).await?;
    }
    let depth = cloud.depth(cloud.stack.queue(stage)?).await?;
    let document = json!({
        "agent": stage,
        "changed": is_made,
        "waiting": depth.visible + depth.delayed,
        "under_way": depth.in_flight,
        "retention_days": days,
    });
    let lines = if is_made {
        format!(
            "{stage} is paused. {} messages wait in its queue, {} are under way and end.\n{}\n\
             It goes on with: flotilla resume {stage} --gradually",
            depth.visible + depth.delayed,
            depth.in_flight,
            means(stage, days)
        )
    } else {
        format!("{stage} is as it was.")
    };
    answer::either(wishes.json, &document, &lines, out)?;
    Ok(is_made || change.dry_run)
}

/// What a person has to know about the pause of that agent.
fn means(stage: Stage, days: u64) -> String {
    let keeps = format!("The queue keeps a message for {days} days (QueueRetentionDays)");
    match stage {
        Stage::Ingestion => format!(
            "{keeps}: resume it before then. What SQS deletes here has no task yet and is lost."
        ),
        Stage::Processing | Stage::Decision | Stage::Communication => format!(
            "{keeps}: resume it before then. What SQS deletes here recovery sends again from its \
             task, but only RecoverAfterSeconds after the agent was resumed."
        ),
        Stage::State => format!(
            "{keeps}: resume it before then. Meanwhile nothing is answered or forgotten, and \
             nobody looks for lost tasks."
        ),
    }
}

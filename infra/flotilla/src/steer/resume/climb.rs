//! The steps by which an agent comes back, and the climb over them.

use super::agent::Came;
use super::turn::{Deployed, Lost, Turn};
use crate::cloud::Cloud;
use crate::cloud::pollers::Polling;
use crate::error::Error;
use crate::progress;
use flotilla_task::Stage;
use serde_json::{Value, json};
use std::io::Write;
use std::time::Duration;

/// The least that Lambda lets a mapping have (MaximumConcurrency, Lambda API reference).
pub(super) const LEAST: u32 = 2;

/// Environments at each step up to the maximum, which is the last. `at` is what an
/// interrupted climb has already.
pub(super) fn steps(at: Option<u32>, maximum: u32) -> Vec<u32> {
    let first = at.map_or(LEAST, |at| at.saturating_mul(2));
    let mut steps: Vec<u32> = std::iter::successors(Some(first), |step| step.checked_mul(2))
        .take_while(|step| *step < maximum)
        .collect();
    steps.push(maximum);
    steps
}

/// A climb under way.
pub(super) struct Climb<'a> {
    cloud: &'a Cloud,
    stage: Stage,
    json: bool,
    /// The steps that were made, for a program.
    pub(super) done: Vec<Value>,
}

impl<'a> Climb<'a> {
    /// Of an agent, told to a program or a person.
    pub(super) const fn of(cloud: &'a Cloud, stage: Stage, json: bool) -> Self {
        Self { cloud, stage, json, done: Vec::new() }
    }

    /// One step after the other, unless somebody stops it or takes the agent over.
    pub(super) async fn up(
        &mut self,
        turn: Turn<Deployed<'_>>,
        steps: &[u32],
        every: Duration,
        out: &mut dyn Write,
    ) -> Result<Came, Error> {
        // It listens from its first poll on; so one that comes while Lambda is asked is
        // heard at the end of that step.
        let mut stop = std::pin::pin!(tokio::signal::ctrl_c());
        tokio::select! {
            biased;
            _ = &mut stop => return Ok(Came::Stopped),
            () = std::future::ready(()) => {}
        }
        let most = steps.last().copied().unwrap_or_default();
        for (at, step) in steps.iter().enumerate() {
            if at > 0 {
                tokio::select! {
                    _ = &mut stop => {
                        self.tell_how_to_go_on();
                        return Ok(Came::Stopped);
                    }
                    () = tokio::time::sleep(every) => {}
                }
            }
            let to = Polling { enabled: true, maximum: Some(*step) };
            if turn.switch(to).await? == Err(Lost) {
                return Ok(Came::Lost);
            }
            self.tell(*step, most, out).await?;
        }
        Came::of(turn).await
    }

    /// What a step has come to.
    async fn tell(&mut self, step: u32, most: u32, out: &mut dyn Write) -> Result<(), Error> {
        let stage = self.stage;
        let depth = self.cloud.depth(self.cloud.stack.queue(stage)?).await?;
        let (waiting, under_way) = (depth.visible + depth.delayed, depth.in_flight);
        let line = format!(
            "{stage}: {step} of {most} environments; {waiting} messages wait, {under_way} are \
             under way"
        );
        if self.json {
            progress::say(&line);
        } else {
            writeln!(out, "{line}")?;
            out.flush()?;
        }
        self.done.push(json!({
            "environments": step, "of": most, "waiting": waiting, "under_way": under_way,
        }));
        Ok(())
    }

    fn tell_how_to_go_on(&self) {
        let stage = self.stage;
        progress::say(&format!(
            "To go on: flotilla resume {stage} --gradually; at once: flotilla resume {stage}; \
             back: flotilla pause {stage}"
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_has_twice_as_many_and_the_last_is_the_maximum() {
        assert_eq!(steps(None, 20), [2, 4, 8, 16, 20]);
        assert_eq!(steps(None, 16), [2, 4, 8, 16]);
        assert_eq!(steps(None, 2), [2]);
        assert_eq!(steps(Some(8), 20), [16, 20], "an interrupted climb goes on");
        assert_eq!(steps(Some(16), 20), [20]);
        assert_eq!(steps(Some(20), 20), [20]);
        assert_eq!(steps(None, 1000).len(), 10);
    }
}

//! What polls the agents' queues: Lambda's event source mappings.

use super::Cloud;
use crate::error::Error;
use flotilla_task::Stage;

/// The mapping of an agent's queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// Whose queue it polls.
    pub stage: Stage,
    /// Its id.
    pub uuid: String,
    /// Whether it polls, as Lambda says it: `Enabled`, `Disabled`, or on the way.
    pub state: String,
    /// Environments it may use at once, where that is limited.
    pub maximum: Option<u32>,
}

impl Mapping {
    /// Whether it polls, or is about to.
    #[must_use]
    pub fn polls(&self) -> bool {
        matches!(self.state.as_str(), "Enabled" | "Enabling" | "Creating" | "Updating")
    }
}

impl Cloud {
    /// The mapping of each agent's queue, in the agents' order.
    ///
    /// # Errors
    /// [`Error::Environment`] when Lambda does not answer, or a queue has no mapping.
    pub async fn mappings(&self) -> Result<Vec<Mapping>, Error> {
        let mut all = Vec::new();
        for stage in Stage::ALL {
            all.push(self.mapping(stage).await?);
        }
        Ok(all)
    }

    /// The mapping of one agent's queue.
    ///
    /// # Errors
    /// See [`Self::mappings`].
    pub async fn mapping(&self, stage: Stage) -> Result<Mapping, Error> {
        let tried = format!("asking Lambda what polls the queue of {stage}");
        let url = self.stack.queue(stage)?;
        let name = url.rsplit('/').next().unwrap_or(url);
        let mut pages = self.lambda.list_event_source_mappings().into_paginator().items().send();
        while let Some(found) = pages.next().await {
            let found = found.map_err(|error| Error::aws(&tried, &error))?;
            let arn = found.event_source_arn().unwrap_or_default();
            if arn.rsplit(':').next() != Some(name) {
                continue;
            }
            let maximum = found.scaling_config().and_then(|config| config.maximum_concurrency());
            return Ok(Mapping {
                stage,
                uuid: found.uuid().unwrap_or_default().to_owned(),
                state: found.state().unwrap_or_default().to_owned(),
                maximum: maximum.and_then(|most| u32::try_from(most).ok()),
            });
        }
        let advice = "Was it removed by hand? `sam deploy` brings it back.";
        Err(Error::environment(&tried, "nothing polls it", advice))
    }
}

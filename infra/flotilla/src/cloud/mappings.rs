//! What polls the agents' queues: Lambda's event source mappings.

use super::Cloud;
use crate::error::Error;
use aws_sdk_lambda::types::EventSourceMappingConfiguration;
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
    /// The mapping of each agent's queue, in the agents' order: one listing of the
    /// account's.
    ///
    /// # Errors
    /// [`Error::Environment`] when Lambda does not answer, or a queue has no mapping.
    pub async fn mappings(&self) -> Result<Vec<Mapping>, Error> {
        let all = self.listed().await?;
        Stage::ALL.into_iter().map(|stage| self.found(stage, &all)).collect()
    }

    /// The mapping of one agent's queue.
    ///
    /// # Errors
    /// See [`Self::mappings`].
    pub async fn mapping(&self, stage: Stage) -> Result<Mapping, Error> {
        self.found(stage, &self.listed().await?)
    }

    async fn listed(&self) -> Result<Vec<EventSourceMappingConfiguration>, Error> {
        let pages = self.lambda.list_event_source_mappings().into_paginator().items().send();
        let all = pages.collect::<Result<Vec<_>, _>>().await;
        all.map_err(|error| Error::aws("asking Lambda what polls the agents' queues", &error))
    }

    fn found(
        &self,
        stage: Stage,
        all: &[EventSourceMappingConfiguration],
    ) -> Result<Mapping, Error> {
        of(stage, self.stack.queue(stage)?, all).ok_or_else(|| {
            let tried = format!("asking Lambda what polls the queue of {stage}");
            let advice = "Was it removed by hand? `sam deploy` brings it back.";
            Error::environment(&tried, "nothing polls it", advice)
        })
    }
}

/// The one among all whose source is the queue of that URL.
fn of(stage: Stage, url: &str, all: &[EventSourceMappingConfiguration]) -> Option<Mapping> {
    let name = url.rsplit('/').next().unwrap_or(url);
    let polls = |one: &&EventSourceMappingConfiguration| {
        one.event_source_arn().and_then(|arn| arn.rsplit(':').next()) == Some(name)
    };
    let found = all.iter().find(polls)?;
    let maximum = found.scaling_config().and_then(|config| config.maximum_concurrency());
    Some(Mapping {
        stage,
        uuid: found.uuid().unwrap_or_default().to_owned(),
        state: found.state().unwrap_or_default().to_owned(),
        maximum: maximum.and_then(|most| u32::try_from(most).ok()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_lambda::types::ScalingConfig;

    #[test]
    fn a_queues_mapping_is_found_among_the_accounts() {
        let one = |queue: &str, uuid: &str| {
            let arn = format!("arn:aws:sqs:eu-west-1:1:{queue}");
            let most = ScalingConfig::builder().maximum_concurrency(20).build();
            let made = EventSourceMappingConfiguration::builder().event_source_arn(arn);
            made.uuid(uuid).state("Enabled").scaling_config(most).build()
        };
        let stream = EventSourceMappingConfiguration::builder().uuid("of no queue").build();
        let all = [stream, one("f-state-2", "other"), one("f-state", "meant")];
        let found = of(Stage::State, "https://sqs/1/f-state", &all).unwrap();
        assert_eq!((found.uuid.as_str(), found.maximum, found.polls()), ("meant", Some(20), true));
        assert_eq!(of(Stage::State, "https://sqs/1/f", &all), None);
    }
}

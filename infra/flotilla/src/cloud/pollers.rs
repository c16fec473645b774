//! Switches what polls an agent's queue: off, on, and how many environments it may
//! use at once.

use super::Cloud;
use super::mappings::Mapping;
use crate::error::Error;
use aws_sdk_lambda::types::ScalingConfig;
use aws_sdk_sqs::types::QueueAttributeName;
use flotilla_task::Stage;
use std::time::Duration;
use tokio::time::Instant;

/// Lambda says itself that a change takes up to a minute or so; this is patience.
const LIMIT: Duration = Duration::from_secs(180);
/// How often it is asked meanwhile.
const EVERY: Duration = Duration::from_secs(1);

/// What a mapping is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Polling {
    /// Whether it polls.
    pub enabled: bool,
    /// Environments that it may use at once; `None` leaves that as it is.
    pub maximum: Option<u32>,
}

impl Polling {
    /// Not at all.
    pub const OFF: Self = Self { enabled: false, maximum: None };
}

impl Cloud {
    /// Switches an agent's mapping and waits until it is so. `told` hears what Lambda
    /// says meanwhile.
    ///
    /// # Errors
    /// [`Error::Environment`] when Lambda refuses, does not answer, or takes longer
    /// than three minutes; so for the others here.
    pub async fn switch(
        &self,
        stage: Stage,
        to: Polling,
        told: &mut dyn FnMut(&str),
    ) -> Result<(), Error> {
        let limit = Instant::now() + LIMIT;
        // Lambda refuses a change while another is under way.
        let mapping = self.settled(stage, limit, told).await?;
        if is_so(&mapping, to) {
            return Ok(());
        }
        let more = if to.enabled { "" } else { " no more" };
        let tried = format!("having Lambda poll the queue of {stage}{more}");
        let scaling = match to.maximum.map(i32::try_from) {
            Some(Ok(most)) => Some(ScalingConfig::builder().maximum_concurrency(most).build()),
            Some(Err(_)) | None => None,
        };
        let sent = self
            .lambda
            .update_event_source_mapping()
            .uuid(&mapping.uuid)
            .enabled(to.enabled)
            .set_scaling_config(scaling)
            .send()
            .await;
        sent.map_err(|error| Error::aws(&tried, &error))?;
        loop {
            let mapping = self.settled(stage, limit, told).await?;
            if is_so(&mapping, to) {
                return Ok(());
            }
            // Lambda may answer with what was for a moment.
            patient(&tried, &mapping, limit).await?;
        }
    }

    /// The mapping, once no change of it is under way.
    async fn settled(
        &self,
        stage: Stage,
        limit: Instant,
        told: &mut dyn FnMut(&str),
    ) -> Result<Mapping, Error> {
        loop {
            let mapping = self.mapping(stage).await?;
            if matches!(mapping.state.as_str(), "Enabled" | "Disabled") {
                return Ok(mapping);
            }
            told(&mapping.state);
            let tried = format!("waiting for Lambda to change what polls the queue of {stage}");
            patient(&tried, &mapping, limit).await?;
        }
    }

    /// How long a stage's queue keeps a message (`QueueRetentionDays`).
    ///
    /// # Errors
    /// See [`Self::switch`].
    pub async fn retention(&self, stage: Stage) -> Result<Duration, Error> {
        let url = self.stack.queue(stage)?;
        let name = QueueAttributeName::MessageRetentionPeriod;
        let asked = self.sqs.get_queue_attributes().queue_url(url).attribute_names(name.clone());
        let tried = format!("asking how long {url} keeps a message");
        let answer = asked.send().await.map_err(|error| Error::aws(&tried, &error))?;
        let seconds = answer.attributes().and_then(|all| all.get(&name));
        let seconds = seconds.and_then(|seconds| seconds.parse().ok());
        seconds.map(Duration::from_secs).ok_or_else(|| {
            Error::environment(&tried, "SQS did not say", "Is it an SQS queue of this stack?")
        })
    }
}

fn is_so(mapping: &Mapping, to: Polling) -> bool {
    let state = if to.enabled { "Enabled" } else { "Disabled" };
    mapping.state == state && (to.maximum.is_none() || to.maximum == mapping.maximum)
}

async fn patient(tried: &str, mapping: &Mapping, limit: Instant) -> Result<(), Error> {
    if Instant::now() < limit {
        tokio::time::sleep(EVERY).await;
        return Ok(());
    }
    let problem = format!("Lambda says {} after {} s", mapping.state, LIMIT.as_secs());
    let advice = "It may still come to pass: `flotilla status` tells. The same command may be \
                  given again.";
    Err(Error::environment(tried, problem, advice))
}

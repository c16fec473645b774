//! The deployed fleet as its users see it: a CloudFormation stack whose outputs
//! name the queues, the table and the functions. The usual AWS environment says
//! which cloud; nothing here knows a local one.

pub mod logs;
pub mod mappings;
pub mod parked;
pub mod queues;
pub mod samples;
mod sources;
pub mod table;
pub(crate) mod throwaway;

pub use parked::Waiting;

use crate::error::Error;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use flotilla_task::Stage;
use std::collections::BTreeMap;
use std::time::Duration;

/// Clients for one deployed stack.
#[derive(Debug, Clone)]
pub struct Cloud {
    /// What the stack says about itself.
    pub stack: Stack,
    /// Where it is, unless it is AWS itself.
    pub endpoint: Option<String>,
    pub(crate) dynamo: aws_sdk_dynamodb::Client,
    pub(crate) sqs: aws_sdk_sqs::Client,
    pub(crate) logs: aws_sdk_cloudwatchlogs::Client,
    pub(crate) lambda: aws_sdk_lambda::Client,
}

/// A stack's outputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stack {
    name: String,
    outputs: BTreeMap<String, String>,
}

impl Cloud {
    /// Finds the stack and its outputs.
    ///
    /// # Errors
    /// [`Error::Environment`] when the cloud does not answer or has no such stack.
    pub async fn connect(stack: &str) -> Result<Self, Error> {
        let config = config().await;
        if config.region().is_none() {
            return Err(Error::environment(
                "reading the AWS environment",
                "no region is set",
                "Set AWS_REGION, for a local cloud also AWS_ENDPOINT_URL; `make up` prints the lines.",
            ));
        }
        let outputs = outputs(&config, stack).await?;
        Ok(Self {
            stack: Stack { name: stack.to_owned(), outputs },
            endpoint: config.endpoint_url().map(str::to_owned),
            dynamo: aws_sdk_dynamodb::Client::new(&config),
            sqs: aws_sdk_sqs::Client::new(&config),
            logs: aws_sdk_cloudwatchlogs::Client::new(&config),
            lambda: aws_sdk_lambda::Client::new(&config),
        })
    }
}

async fn config() -> SdkConfig {
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https();
    let limits = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(3))
        .operation_attempt_timeout(Duration::from_secs(30))
        .build();
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(http)
        .timeout_config(limits)
        .load()
        .await
}

async fn outputs(config: &SdkConfig, stack: &str) -> Result<BTreeMap<String, String>, Error> {
    let client = aws_sdk_cloudformation::Client::new(config);
    let place = match (config.endpoint_url(), config.region()) {
        (Some(endpoint), _) => format!(" at {endpoint}"),
        (None, Some(region)) => format!(" in {region}"),
        (None, None) => String::new(),
    };
    let tried = format!("describing the stack {stack}{place}");
    let answer = client.describe_stacks().stack_name(stack).send().await.map_err(|error| {
        let missing = error
            .as_service_error()
            .is_some_and(|e| e.meta().message().is_some_and(|m| m.contains("does not exist")));
        if missing {
            Error::environment(
                &tried,
                "there is no such stack",
                "Deploy it (`make up`, or `sam deploy`), or name another with --stack.",
            )
        } else {
            Error::aws(&tried, &error)
        }
    })?;
    let pairs = answer.stacks().iter().flat_map(aws_sdk_cloudformation::types::Stack::outputs);
    Ok(pairs
        .filter_map(|o| Some((o.output_key()?.to_owned(), o.output_value()?.to_owned())))
        .collect())
}

impl Stack {
    /// The table.
    ///
    /// # Errors
    /// [`Error::Environment`] when the stack has no such output; so for the others.
    pub fn table(&self) -> Result<&str, Error> {
        self.output("TableName")
    }

    /// The URL of a stage's queue.
    ///
    /// # Errors
    /// See [`Self::table`].
    pub fn queue(&self, stage: Stage) -> Result<&str, Error> {
        self.output(&format!("{}QueueUrl", capital(stage)))
    }

    /// The URL of a stage's dead-letter queue.
    ///
    /// # Errors
    /// See [`Self::table`].
    pub fn dead_letters(&self, stage: Stage) -> Result<&str, Error> {
        self.output(&format!("{}DeadLetterQueueUrl", capital(stage)))
    }

    /// Where a stage's function may log: its own group, and the one that
    /// clouds use which do not know `LoggingConfig`.
    #[must_use]
    pub fn log_groups(&self, stage: Stage) -> Vec<String> {
        let own = self.output(&format!("{}LogGroupName", capital(stage))).ok();
        let function = self.output(&format!("{}FunctionName", capital(stage))).ok();
        let usual = function.map(|function| format!("/aws/lambda/{function}"));
        own.map(str::to_owned).into_iter().chain(usual).collect()
    }

    fn output(&self, key: &str) -> Result<&str, Error> {
        self.outputs.get(key).map(String::as_str).ok_or_else(|| {
            let has: Vec<_> = self.outputs.keys().map(String::as_str).collect();
            Error::environment(
                &format!("reading the outputs of the stack {}", self.name),
                format!("there is no {key}, only {}", has.join(", ")),
                "Is it a stack of this project's template.yaml? --stack names another.",
            )
        })
    }
}

/// `Ingestion`, as the outputs begin.
fn capital(stage: Stage) -> String {
    let name = stage.as_str();
    let (first, rest) = name.split_at_checked(1).unwrap_or((name, ""));
    format!("{}{rest}", first.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_are_found_by_stage_and_a_missing_one_is_named() {
        let outputs = [("IngestionQueueUrl", "q"), ("StateFunctionName", "flotilla-state")];
        let outputs = outputs.map(|(k, v)| (k.to_owned(), v.to_owned())).into();
        let stack = Stack { name: "flotilla".to_owned(), outputs };
        assert_eq!(stack.queue(Stage::Ingestion).unwrap(), "q");
        assert_eq!(stack.log_groups(Stage::State), ["/aws/lambda/flotilla-state"]);
        let error = stack.dead_letters(Stage::Decision).unwrap_err().to_string();
        assert!(error.contains("no DecisionDeadLetterQueueUrl, only IngestionQueueUrl"), "{error}");
    }
}

//! The deployed fleet as its users see it: a CloudFormation stack whose outputs
//! name the queues, the table and the functions. The usual AWS environment says
//! which cloud; nothing here knows a local one.

pub mod attention;
pub mod heard;
pub mod letters;
pub mod logs;
pub mod mappings;
pub mod parked;
pub mod partners;
pub mod pauses;
pub mod pollers;
pub mod queues;
pub mod reading;
pub mod samples;
mod sources;
pub mod steps;
pub mod table;
pub(crate) mod throwaway;

pub use parked::Waiting;

use crate::error::Error;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_dynamodb::config::SharedHttpClient;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use flotilla_runtime::meter::Meter;
use flotilla_runtime::table::Table;
use flotilla_task::Stage;
use std::collections::BTreeMap;
use std::sync::Arc;
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

/// A stack's outputs, and the parameters it was deployed with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stack {
    name: String,
    outputs: BTreeMap<String, String>,
    parameters: BTreeMap<String, String>,
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
        Ok(Self {
            stack: describe(&config, stack).await?,
            endpoint: config.endpoint_url().map(str::to_owned),
            dynamo: aws_sdk_dynamodb::Client::new(&config),
            sqs: aws_sdk_sqs::Client::new(&config),
            logs: aws_sdk_cloudwatchlogs::Client::new(&config),
            lambda: aws_sdk_lambda::Client::new(&config),
        })
    }

    /// The table, for the functions' own reads and writes.
    pub(crate) fn shared_table(&self) -> Result<Table, Error> {
        let name = self.stack.table()?.to_owned();
        Ok(Table { client: self.dynamo.clone(), name, meter: Arc::new(Meter::default()) })
    }
}

async fn config() -> SdkConfig {
    let limits = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(3))
        .operation_attempt_timeout(Duration::from_secs(30))
        .build();
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(http())
        .timeout_config(limits)
        .load()
        .await
}

/// The client that all calls are made with.
pub(crate) fn http() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https()
}

async fn describe(config: &SdkConfig, stack: &str) -> Result<Stack, Error> {
    let client = aws_sdk_cloudformation::Client::new(config);
    let region = config.region().map(|region| format!(" in {region}")).unwrap_or_default();
    let endpoint = config.endpoint_url().map(|url| format!(" at {url}")).unwrap_or_default();
    let tried = format!("describing the stack {stack}{region}{endpoint}");
    let answer = client.describe_stacks().stack_name(stack).send().await.map_err(|error| {
        let missing = error
            .as_service_error()
            .is_some_and(|e| e.meta().message().is_some_and(|m| m.contains("does not exist")));
        if missing {
            Error::environment(
                &tried,
                "there is no such stack",
                "Deploy it (`make up`, or `sam deploy`), name another with --stack, or say with \
                 AWS_REGION and AWS_PROFILE where it is.",
            )
        } else {
            Error::aws(&tried, &error)
        }
    })?;
    let (outputs, parameters) = answer.stacks().first().map_or_else(Default::default, |found| {
        let outputs = found.outputs().iter();
        let outputs = outputs
            .filter_map(|o| Some((o.output_key()?.to_owned(), o.output_value()?.to_owned())));
        let parameters = found.parameters().iter();
        let parameters = parameters
            .filter_map(|p| Some((p.parameter_key()?.to_owned(), p.parameter_value()?.to_owned())));
        (outputs.collect(), parameters.collect())
    });
    Ok(Stack { name: stack.to_owned(), outputs, parameters })
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

    /// How long the functions remember an ended task.
    ///
    /// # Errors
    /// [`Error::Environment`] when the stack has no such parameter, or it is no
    /// whole number; so for the other parameters.
    pub fn horizon(&self) -> Result<Duration, Error> {
        self.number("SourceRetentionDays").map(flotilla_runtime::settings::horizon)
    }

    /// After how long untouched a task counts as one that has lost its message.
    ///
    /// # Errors
    /// See [`Self::horizon`].
    pub fn recover_after(&self) -> Result<Duration, Error> {
        self.number("RecoverAfterSeconds").map(Duration::from_secs)
    }

    /// How often recovery looks for such tasks: `rate(1 day)`, `cron(...)` or `off`.
    ///
    /// # Errors
    /// See [`Self::horizon`].
    pub fn recovery_schedule(&self) -> Result<&str, Error> {
        let key = "RecoverySchedule";
        self.parameters
            .get(key)
            .map(String::as_str)
            .ok_or_else(|| self.lacks(key, "a schedule", None))
    }

    fn number(&self, key: &str) -> Result<u64, Error> {
        let value = self.parameters.get(key).map(String::as_str);
        let number = value.and_then(|value| value.parse().ok());
        number.ok_or_else(|| self.lacks(key, "a whole number", value))
    }

    fn lacks(&self, key: &str, expected: &str, value: Option<&str>) -> Error {
        Error::environment(
            &format!("reading the parameters of the stack {}", self.name),
            format!("{key}: expected {expected}, got {}", value.unwrap_or("nothing")),
            "Is it a stack of this project's template.yaml? --stack names another.",
        )
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
        let stack = Stack { outputs, ..Stack::default() };
        assert_eq!(stack.queue(Stage::Ingestion).unwrap(), "q");
        assert_eq!(stack.log_groups(Stage::State), ["/aws/lambda/flotilla-state"]);
        let error = stack.dead_letters(Stage::Decision).unwrap_err().to_string();
        assert!(error.contains("no DecisionDeadLetterQueueUrl, only IngestionQueueUrl"), "{error}");
    }

    #[test]
    fn what_ends_here_expires_as_what_the_functions_end() {
        let stack = |days: &str| Stack {
            parameters: [("SourceRetentionDays".to_owned(), days.to_owned())].into(),
            ..Stack::default()
        };
        assert_eq!(stack("4").horizon().unwrap(), Duration::from_secs(25 * 86_400));
        let error = stack("many").horizon().unwrap_err().to_string();
        assert!(
            error.contains("SourceRetentionDays: expected a whole number, got many"),
            "{error}"
        );
        let error = stack("4").recover_after().unwrap_err().to_string();
        assert!(
            error.contains("RecoverAfterSeconds: expected a whole number, got nothing"),
            "{error}"
        );
    }
}

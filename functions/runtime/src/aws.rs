//! The clients, made once per environment.

use crate::meter::Meter;
use crate::settings::{Environment, SettingError};
use crate::table::Table;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_config::{retry::RetryConfig, timeout::TimeoutConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use aws_types::sdk_config::Builder;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};
use futures_util::future::join_all;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Longer than any answer of DynamoDB or SQS that is still coming; a write whose
/// answer does not come by then is repeated, which the protocol allows.
const ATTEMPT_TIMEOUT: Duration = Duration::from_millis(1_500);
/// For the call with all its retries. The batch loop cuts work off before its
/// deadline whatever this says.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(4);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// The standard variable for another cloud, or an endpoint of one's own.
const ENDPOINT: &str = "AWS_ENDPOINT_URL";

/// The AWS configuration of an environment: `AWS_REGION`, `AWS_ENDPOINT_URL` and that of
/// one service, `AWS_USE_FIPS_ENDPOINT`, `AWS_USE_DUALSTACK_ENDPOINT`. The keys
/// (`AWS_ACCESS_KEY_ID` and what belongs to it) are read from the process when a call is
/// signed. Lambda sets what it needs of them.
///
/// Why not the SDK's default chain: it looks into files and asks machines that no
/// function has, and all that it could ask with, its own client for STS among it, makes
/// each function larger by a tenth.
///
/// # Errors
/// [`SettingError`] when no region is set, or a switch is neither on nor off.
pub fn configuration(env: &Environment) -> Result<SdkConfig, SettingError> {
    let region = env.get("AWS_DEFAULT_REGION").map(str::to_owned);
    let region = env.require("AWS_REGION", "the AWS region").or_else(|e| region.ok_or(e))?;
    let mut config = limits()
        .region(Region::new(region))
        .credentials_provider(SharedCredentialsProvider::new(
            EnvironmentVariableCredentialsProvider::new(),
        ))
        .use_fips(switch(env, "AWS_USE_FIPS_ENDPOINT")?)
        .use_dual_stack(switch(env, "AWS_USE_DUALSTACK_ENDPOINT")?)
        .service_config(OfService(env.clone()));
    config.set_endpoint_url(env.get(ENDPOINT).map(str::to_owned));
    // In the user agent of every call: whoever looks at the traffic sees which
    // function made it. Lambda sets the variable.
    let name = env.get("AWS_LAMBDA_FUNCTION_NAME").map(str::to_owned);
    config.set_app_name(name.and_then(|name| AppName::new(name).ok()));
    Ok(config.build())
}

/// The fleet's time limits and retries; where it calls, and as whom, is still to be said.
#[must_use]
pub fn limits() -> Builder {
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(CryptoMode::Ring))
        .build_https();
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(OPERATION_TIMEOUT)
        .build();
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(http)
        .retry_config(RetryConfig::standard().with_max_attempts(3))
        .timeout_config(timeouts)
}

fn switch(env: &Environment, name: &str) -> Result<bool, SettingError> {
    match env.get(name).map(str::to_ascii_lowercase).as_deref() {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => env.parse_or(name, false, "true or false"),
    }
}

/// What an environment says about one service, which counts before what it says about
/// all: such as `AWS_ENDPOINT_URL_SQS`.
struct OfService(Environment);

impl LoadServiceConfig for OfService {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        let service = key.service_id().to_uppercase().replace(' ', "_");
        self.0.get(&format!("{}_{service}", key.env())).map(str::to_owned)
    }
}

/// An environment has keys in it that nobody should print.
impl fmt::Debug for OfService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OfService")
    }
}

/// The table of that name.
#[must_use]
pub fn table(config: &SdkConfig, name: &str, meter: &Arc<Meter>) -> Table {
    Table {
        client: aws_sdk_dynamodb::Client::new(config),
        name: name.to_owned(),
        meter: Arc::clone(meter),
    }
}

/// One cheap call to each service while the environment starts, so that the TLS
/// handshake is not paid in the first event: INIT runs with a full core. What
/// they answer does not matter.
pub async fn warm_up(table: &Table, sqs: &aws_sdk_sqs::Client, queue_url: &str) {
    let queue = async {
        if let Err(error) = sqs.get_queue_attributes().queue_url(queue_url).send().await {
            tracing::warn!(%error, "the queue did not answer the warm-up");
        }
    };
    futures_util::join!(look_at(table), queue);
}

/// The same for an agent whose work on one record reads the table so many times side by
/// side: each of these reads needs a connection.
pub async fn warm_up_reads(table: &Table, reads: u32) {
    join_all((0..reads).map(|_| look_at(table))).await;
}

async fn look_at(table: &Table) {
    let key = crate::table::key("WARM-UP", "WARM-UP");
    let item = table.client.get_item().table_name(&table.name).set_key(Some(key)).send().await;
    if let Err(error) = item {
        tracing::warn!(%error, "the table did not answer the warm-up");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: (&str, &str) = ("AWS_REGION", "eu-west-1");

    #[test]
    fn the_region_is_lambdas_or_the_default_one_and_has_to_be_set() {
        let region = |env: Environment| {
            configuration(&env).map(|config| config.region().unwrap().to_string())
        };
        let default = ("AWS_DEFAULT_REGION", "us-east-1");
        assert_eq!(region(Environment::from([HERE, default])).unwrap(), "eu-west-1");
        assert_eq!(region(Environment::from([default])).unwrap(), "us-east-1");
        let unset = region(Environment::default()).unwrap_err().to_string();
        assert_eq!(unset, "AWS_REGION: expected the AWS region, got nothing");
    }

    #[test]
    fn a_switch_is_on_or_off() {
        let fips =
            |value| configuration(&Environment::from([HERE, ("AWS_USE_FIPS_ENDPOINT", value)]));
        assert_eq!(fips("true").unwrap().use_fips(), Some(true));
        assert_eq!(fips("TRUE").unwrap().use_fips(), Some(true));
        assert_eq!(fips("").unwrap().use_fips(), Some(false));
        assert_eq!(fips("False").unwrap().use_fips(), Some(false));
        assert_eq!(fips("yes").unwrap_err().name, "AWS_USE_FIPS_ENDPOINT");
    }

    /// Where the clients call, as their own configuration has it.
    fn endpoints(env: &Environment) -> [bool; 2] {
        let config = configuration(env).unwrap();
        let dynamo = format!("{:?}", aws_sdk_dynamodb::Config::new(&config));
        let sqs = format!("{:?}", aws_sdk_sqs::Config::new(&config));
        [dynamo, sqs].map(|config| config.contains("http://127.0.0.1:2"))
    }

    #[test]
    fn one_services_endpoint_comes_before_that_of_all() {
        let all = (ENDPOINT, "http://127.0.0.1:1");
        let of_one = ("AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:2");
        assert_eq!(endpoints(&Environment::from([HERE, all, of_one])), [false, true]);
        assert_eq!(
            endpoints(&Environment::from([HERE, (ENDPOINT, "http://127.0.0.1:2")])),
            [true; 2]
        );
        assert_eq!(endpoints(&Environment::from([HERE])), [false; 2]);
    }

    #[test]
    fn a_configuration_that_is_printed_tells_no_secret() {
        let env = Environment::from([HERE, ("AWS_SECRET_ACCESS_KEY", "hush")]);
        assert!(!format!("{:?}", configuration(&env).unwrap()).contains("hush"));
    }
}

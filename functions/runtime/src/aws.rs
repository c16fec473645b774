//! The clients, made once per environment.

use crate::meter::Meter;
use crate::table::Table;
use aws_config::{
    AppName, BehaviorVersion, ConfigLoader, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig,
};
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use futures_util::future::join_all;
use std::sync::Arc;
use std::time::Duration;

/// Longer than any answer of DynamoDB or SQS that is still coming; a write whose
/// answer does not come by then is repeated, which the protocol allows.
const ATTEMPT_TIMEOUT: Duration = Duration::from_millis(1_500);
/// For the call with all its retries. The batch loop cuts work off before its
/// deadline whatever this says.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(4);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// Loads the usual AWS configuration (region, credentials, `AWS_ENDPOINT_URL`).
pub async fn load() -> SdkConfig {
    loader().load().await
}

/// The fleet's time limits and retries; where it calls is still to be said.
#[must_use]
pub fn loader() -> ConfigLoader {
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(CryptoMode::Ring))
        .build_https();
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(OPERATION_TIMEOUT)
        .build();
    let mut config = aws_config::defaults(BehaviorVersion::latest());
    // In the user agent of every call: whoever looks at the traffic sees which
    // function made it. Lambda sets the variable.
    let function = std::env::var("AWS_LAMBDA_FUNCTION_NAME").ok();
    if let Some(name) = function.and_then(|name| AppName::new(name).ok()) {
        config = config.app_name(name);
    }
    config
        .http_client(http)
        .retry_config(RetryConfig::standard().with_max_attempts(3))
        .timeout_config(timeouts)
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

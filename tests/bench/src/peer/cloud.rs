//! Queues and tables of our own on the local cloud.

use super::Error;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, Message, QueueAttributeName};
use flotilla_runtime::aws;
use flotilla_runtime::settings::Environment;
use flotilla_wire::host::Queue;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

/// Longer than a round; what has come is deleted.
const VISIBILITY: &str = "600";

/// The local cloud.
#[derive(Debug, Clone)]
pub(super) struct Cloud {
    pub(super) dynamo: aws_sdk_dynamodb::Client,
    pub(super) sqs: aws_sdk_sqs::Client,
    /// Where it is, and test credentials: what a function is told.
    pub(super) variables: BTreeMap<String, String>,
    /// Begins every name, so that two runs on one cloud do not meet.
    prefix: String,
}

impl Cloud {
    /// The one of `AWS_ENDPOINT_URL`, and no other: this must never reach an account.
    pub(super) fn of_process() -> Result<Self, Error> {
        let own = std::env::vars().filter(|(name, _)| name.starts_with("AWS_"));
        let variables: BTreeMap<_, _> = own.collect();
        let endpoint = variables.get("AWS_ENDPOINT_URL").map_or("", String::as_str);
        if !endpoint.starts_with("http://127.0.0.1:") {
            return Err("AWS_ENDPOINT_URL names no local cloud: make bench starts one".into());
        }
        // An answer that is not waited for would take its messages with it.
        let config = aws::configuration(&Environment::of_process())?;
        let config = config.into_builder().timeout_config(TimeoutConfig::disabled()).build();
        Ok(Self {
            dynamo: aws_sdk_dynamodb::Client::new(&config),
            sqs: aws_sdk_sqs::Client::new(&config),
            variables,
            prefix: format!("bench-{}", std::process::id()),
        })
    }

    /// A queue.
    pub(super) async fn queue(&self, name: &str) -> Result<Queue, Error> {
        let attributes =
            HashMap::from([(QueueAttributeName::VisibilityTimeout, VISIBILITY.to_owned())]);
        Ok(Queue::create(&self.sqs, &format!("{}-{name}", self.prefix), attributes).await?)
    }

    /// A table with string keys; returns its name.
    pub(super) async fn table(&self, name: &str, keys: &[&str]) -> Result<String, Error> {
        let name = format!("{}-{name}", self.prefix);
        let mut call = self.dynamo.create_table().table_name(&name);
        for (key, kind) in keys.iter().zip([KeyType::Hash, KeyType::Range]) {
            let attribute = AttributeDefinition::builder().attribute_name(*key);
            let schema = KeySchemaElement::builder().attribute_name(*key).key_type(kind);
            call = call
                .attribute_definitions(attribute.attribute_type(ScalarAttributeType::S).build()?)
                .key_schema(schema.build()?);
        }
        call.billing_mode(BillingMode::PayPerRequest).send().await?;
        Ok(name)
    }

    /// Takes everything out of a queue.
    pub(super) async fn drain(&self, queue: &Queue) -> Result<Vec<Message>, Error> {
        let mut all = Vec::new();
        loop {
            let messages = queue.receive(10, Duration::ZERO).await?;
            if messages.is_empty() {
                return Ok(all);
            }
            self.delete(queue, &messages).await?;
            all.extend(messages);
        }
    }

    /// Deletes up to ten received messages.
    pub(super) async fn delete(&self, queue: &Queue, messages: &[Message]) -> Result<(), Error> {
        let mut call = self.sqs.delete_message_batch().queue_url(&queue.url);
        for (at, message) in messages.iter().enumerate() {
            let entry = DeleteMessageBatchRequestEntry::builder()
                .id(at.to_string())
                .set_receipt_handle(message.receipt_handle.clone());
            call = call.entries(entry.build()?);
        }
        let answer = call.send().await?;
        if answer.failed.is_empty() { Ok(()) } else { Err("messages were not deleted".into()) }
    }
}

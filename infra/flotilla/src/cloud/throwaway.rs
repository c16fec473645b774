//! A queue and a table of one's own for a moment, to see what a cloud can carry.

use super::Cloud;
use crate::error::Error;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType,
    ScalarAttributeType,
};
use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, SendMessageBatchRequestEntry};

/// A queue and a table. Whoever made them removes them.
#[derive(Debug)]
pub(crate) struct Throwaway<'a> {
    cloud: &'a Cloud,
    name: String,
    url: String,
}

const TRIED: &str = "trying out the local cloud";

impl<'a> Throwaway<'a> {
    /// Makes both.
    ///
    /// # Errors
    /// [`Error::Environment`] when the cloud does not; so for the others here.
    pub(crate) async fn make(cloud: &'a Cloud, name: String) -> Result<Self, Error> {
        let attribute = AttributeDefinition::builder()
            .attribute_name("pk")
            .attribute_type(ScalarAttributeType::S)
            .build();
        let key = KeySchemaElement::builder().attribute_name("pk").key_type(KeyType::Hash).build();
        let queue = cloud.sqs.create_queue().queue_name(&name).send().await;
        let queue = queue.map_err(|error| Error::aws(TRIED, &error))?;
        let made = Self { cloud, name, url: queue.queue_url.unwrap_or_default() };
        let table = cloud
            .dynamo
            .create_table()
            .table_name(&made.name)
            .billing_mode(BillingMode::PayPerRequest)
            .attribute_definitions(attribute.map_err(|error| Error::aws(TRIED, &error))?)
            .key_schema(key.map_err(|error| Error::aws(TRIED, &error))?)
            .send()
            .await;
        if let Err(error) = table {
            made.remove().await;
            return Err(Error::aws(TRIED, &error));
        }
        Ok(made)
    }

    /// A conditional update, as a commit is one.
    pub(crate) async fn write(&self, key: &str, epoch: u64) -> Result<(), Error> {
        let number = |epoch: u64| AttributeValue::N(epoch.to_string());
        let update = self
            .cloud
            .dynamo
            .update_item()
            .table_name(&self.name)
            .key("pk", AttributeValue::S(key.to_owned()))
            .update_expression("SET epoch = :next, message = :message, #status = :status")
            .condition_expression("attribute_not_exists(pk) OR epoch = :now")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":now", number(epoch))
            .expression_attribute_values(":next", number(epoch + 1))
            .expression_attribute_values(":status", AttributeValue::S("pending".to_owned()))
            .expression_attribute_values(":message", AttributeValue::S("m".repeat(500)))
            .send()
            .await;
        update.map(|_| ()).map_err(|error| Error::aws(TRIED, &error))
    }

    /// A consistent read.
    pub(crate) async fn read(&self, key: &str) -> Result<(), Error> {
        let get = self
            .cloud
            .dynamo
            .get_item()
            .table_name(&self.name)
            .key("pk", AttributeValue::S(key.to_owned()))
            .consistent_read(true)
            .send()
            .await;
        get.map(|_| ()).map_err(|error| Error::aws(TRIED, &error))
    }

    /// Ten messages through the queue, in three requests.
    pub(crate) async fn pass(&self) -> Result<(), Error> {
        let failed = |error: &dyn std::error::Error| {
            Error::environment(TRIED, crate::error::causes(error), "Try again with --no-probe.")
        };
        let mut send = self.cloud.sqs.send_message_batch().queue_url(&self.url);
        for number in 0..10 {
            let entry = SendMessageBatchRequestEntry::builder()
                .id(number.to_string())
                .message_body("m".repeat(500))
                .build();
            send = send.entries(entry.map_err(|error| failed(&error))?);
        }
        send.send().await.map_err(|error| failed(&error))?;
        let receive = self.cloud.sqs.receive_message().queue_url(&self.url);
        let received = receive.max_number_of_messages(10).send().await;
        let received = received.map_err(|error| failed(&error))?;
        let mut delete = self.cloud.sqs.delete_message_batch().queue_url(&self.url);
        for (number, message) in received.messages().iter().enumerate() {
            let entry = DeleteMessageBatchRequestEntry::builder()
                .id(number.to_string())
                .receipt_handle(message.receipt_handle().unwrap_or_default())
                .build();
            delete = delete.entries(entry.map_err(|error| failed(&error))?);
        }
        if !received.messages().is_empty() {
            delete.send().await.map_err(|error| failed(&error))?;
        }
        Ok(())
    }

    /// Removes both, as far as they are there.
    pub(crate) async fn remove(&self) {
        // What is left of it harms nobody: a local cloud forgets it when it stops.
        let _ = self.cloud.sqs.delete_queue().queue_url(&self.url).send().await;
        let _ = self.cloud.dynamo.delete_table().table_name(&self.name).send().await;
    }
}

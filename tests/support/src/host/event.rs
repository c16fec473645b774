//! Messages as Lambda hands them to a function.

use aws_sdk_sqs::types::Message;
use serde_json::{Map, Value, json};

/// The Lambda event of a batch from the queue with that ARN.
#[must_use]
pub fn sqs_event(arn: &str, messages: &[Message]) -> Value {
    let records: Vec<_> = messages.iter().map(|message| record(arn, message)).collect();
    json!({ "Records": records })
}

fn record(arn: &str, message: &Message) -> Value {
    let attributes: Map<String, Value> = message
        .attributes()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.as_str().to_owned(), value.as_str().into()))
        .collect();
    let own: Map<String, Value> = message
        .message_attributes()
        .into_iter()
        .flatten()
        .map(|(name, value)| {
            let value = json!({
                "stringValue": value.string_value(),
                "dataType": value.data_type(),
                "stringListValues": [],
                "binaryListValues": [],
            });
            (name.clone(), value)
        })
        .collect();
    json!({
        "messageId": message.message_id(),
        "receiptHandle": message.receipt_handle(),
        "body": message.body(),
        "md5OfBody": message.md5_of_body(),
        "attributes": attributes,
        "messageAttributes": own,
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": arn.split(':').nth(3),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lambda_events::event::sqs::SqsEvent;
    use aws_sdk_sqs::types::{MessageAttributeValue, MessageSystemAttributeName};

    #[test]
    fn a_record_has_the_shape_that_functions_read() {
        let value =
            MessageAttributeValue::builder().data_type("String").string_value("lost").build();
        let message = Message::builder()
            .message_id("m-1")
            .receipt_handle("r-1")
            .body("{}")
            .attributes(MessageSystemAttributeName::ApproximateReceiveCount, "3")
            .message_attributes("reason", value.unwrap())
            .build();
        let event = sqs_event("arn:aws:sqs:eu-west-1:000000000000:q", &[message]);
        let read: SqsEvent = serde_json::from_value(event).unwrap();
        let record = &read.records[0];
        assert_eq!(record.message_id.as_deref(), Some("m-1"));
        assert_eq!(record.receipt_handle.as_deref(), Some("r-1"));
        assert_eq!(record.attributes["ApproximateReceiveCount"], "3");
        assert_eq!(record.message_attributes["reason"].string_value.as_deref(), Some("lost"));
        assert_eq!(record.aws_region.as_deref(), Some("eu-west-1"));
    }
}

//! SQS behind the port, in batch calls only.

use super::{MAX_BATCH_ENTRIES, MAX_VISIBILITY, NotSent, Outgoing, Queues, chunks};
use crate::trace::Tracer;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::DisplayErrorContext;
use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, MessageAttributeValue,
    MessageSystemAttributeNameForSends, MessageSystemAttributeValue, SendMessageBatchRequestEntry,
};
use flotilla_crashpoint::{Point, reach};
use std::time::Duration;

/// The real queues.
#[derive(Debug, Clone)]
pub struct SqsQueues {
    client: Client,
    tracer: Option<Tracer>,
}

impl SqsQueues {
    /// Queues through that client.
    #[must_use]
    pub const fn new(client: Client) -> Self {
        Self { client, tracer: None }
    }

    /// With X-Ray's header on every message that leaves while it keeps a trace, by
    /// which it links the trace of whoever receives it. It does not count as size.
    #[must_use]
    pub fn traced(self, tracer: Tracer) -> Self {
        Self { tracer: Some(tracer), ..self }
    }

    async fn send_run(&self, url: &str, run: &[Outgoing]) -> Vec<Result<(), NotSent>> {
        let header = self.tracer.as_ref().and_then(Tracer::header);
        let entry = |(at, message)| entry(at, message, header.as_deref());
        let entries: Result<Vec<_>, NotSent> = run.iter().enumerate().map(entry).collect();
        let entries = match entries {
            Ok(entries) => entries,
            Err(error) => return vec![Err(error); run.len()],
        };
        let call = self.client.send_message_batch().queue_url(url).set_entries(Some(entries));
        match call.send().await {
            Ok(output) => {
                let failed = output.failed();
                let answer = |at: usize| {
                    let at = at.to_string();
                    match failed.iter().find(|failed| failed.id() == at) {
                        Some(failed) => Err(NotSent(failed.code().to_owned())),
                        None if output.successful().iter().any(|sent| sent.id() == at) => Ok(()),
                        None => Err(NotSent("the answer does not name it".to_owned())),
                    }
                };
                (0..run.len()).map(answer).collect()
            }
            Err(error) => {
                vec![Err(NotSent(DisplayErrorContext(&error).to_string())); run.len()]
            }
        }
    }
}

fn entry(
    at: usize,
    message: &Outgoing,
    trace: Option<&str>,
) -> Result<SendMessageBatchRequestEntry, NotSent> {
    let mut entry = SendMessageBatchRequestEntry::builder()
        .id(at.to_string())
        .message_body(&message.body)
        .set_message_group_id(message.group.clone())
        .set_message_deduplication_id(message.deduplication.clone());
    if !message.delay.is_zero() {
        entry = entry.delay_seconds(seconds(message.delay));
    }
    for (name, value) in &message.attributes {
        let value = MessageAttributeValue::builder()
            .data_type("String")
            .string_value(value)
            .build()
            .map_err(|error| NotSent(error.to_string()))?;
        entry = entry.message_attributes(*name, value);
    }
    if let Some(trace) = trace {
        let value = MessageSystemAttributeValue::builder().data_type("String").string_value(trace);
        let value = value.build().map_err(|error| NotSent(error.to_string()))?;
        let name = MessageSystemAttributeNameForSends::AwsTraceHeader;
        entry = entry.message_system_attributes(name, value);
    }
    entry.build().map_err(|error| NotSent(error.to_string()))
}

/// Whole seconds, rounded up: coming back early only costs a receive.
fn seconds(delay: Duration) -> i32 {
    let whole = delay.as_secs() + u64::from(delay.subsec_nanos() > 0);
    i32::try_from(whole).unwrap_or(i32::MAX)
}

impl Queues for SqsQueues {
    async fn send(&self, url: &str, messages: &[Outgoing]) -> Vec<Result<(), NotSent>> {
        let mut answers = Vec::with_capacity(messages.len());
        for (at, run) in chunks(messages).into_iter().enumerate() {
            if at > 0 {
                reach(Point::BetweenSends);
            }
            answers.extend(self.send_run(url, run).await);
        }
        answers
    }

    async fn give_back(&self, url: &str, messages: &[(String, Duration)]) {
        for run in messages.chunks(MAX_BATCH_ENTRIES) {
            let entries = run.iter().enumerate().filter_map(|(at, (receipt, delay))| {
                ChangeMessageVisibilityBatchRequestEntry::builder()
                    .id(at.to_string())
                    .receipt_handle(receipt)
                    .visibility_timeout(seconds((*delay).min(MAX_VISIBILITY)))
                    .build()
                    .ok()
            });
            let call = self
                .client
                .change_message_visibility_batch()
                .queue_url(url)
                .set_entries(Some(entries.collect()));
            if let Err(error) = call.send().await {
                tracing::warn!(error = %DisplayErrorContext(&error), "visibility not changed");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_carries_x_rays_header_where_its_trace_is_kept_and_is_no_larger() {
        let message = Outgoing {
            url: "q".into(),
            body: "{}".into(),
            group: None,
            deduplication: None,
            delay: Duration::ZERO,
            attributes: vec![],
        };
        let header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
        let sent = entry(0, &message, Some(header)).unwrap();
        let carried = sent.message_system_attributes().unwrap();
        let carried = &carried[&MessageSystemAttributeNameForSends::AwsTraceHeader];
        assert_eq!((carried.data_type(), carried.string_value()), ("String", Some(header)));
        assert_eq!(message.bytes(), 2);
        assert_eq!(entry(0, &message, None).unwrap().message_system_attributes(), None);
    }
}

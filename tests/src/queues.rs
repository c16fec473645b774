//! A fleet's queues, functions and logs.

use crate::fleet::PATIENCE;
use crate::{Fleet, fresh, until};
use aws_sdk_sqs::types::{MessageSystemAttributeName, SendMessageBatchRequestEntry};
use flotilla_runtime::queue::is_fifo;
use flotilla_task::{Stage, Timestamp};
use serde_json::Value;

/// More than CloudWatch Logs gives in one answer; the local cloud gives no second.
const LOG_PAGE: usize = 10_000;

/// A message that waits in a queue.
#[derive(Debug, Clone)]
pub struct Letter {
    /// Its body, as it was received first.
    pub body: String,
    /// Why it is there; empty when SQS's own redrive moved it.
    pub reason: String,
    /// The reason's code.
    pub code: String,
}

/// The name of a stage in the stack's outputs: `Ingestion`.
pub fn agent(stage: Stage) -> String {
    let (first, rest) = stage.as_str().split_at(1);
    format!("{}{rest}", first.to_uppercase())
}

/// Whose order a FIFO queue keeps: that of a message's shipment, or of the load
/// that an event is about, else nobody's.
fn group(url: &str, body: &str) -> Option<String> {
    let event: Value = serde_json::from_str(body).unwrap_or_default();
    let names = ["/subject", "/data/identifier/value", "/data/identifiers/0/value"];
    let named = names.iter().find_map(|at| event.pointer(at)?.as_str());
    is_fifo(url).then(|| named.map_or_else(|| fresh("group"), str::to_owned))
}

impl Fleet {
    /// Sends a body to a queue, named by its output, and returns its message id.
    pub async fn send(&self, queue: &str, body: &str) -> String {
        let url = self.output(queue);
        let call = self.sqs.send_message().queue_url(url).message_body(body);
        let sent = call.set_message_group_id(group(url, body)).send().await;
        sent.unwrap().message_id.unwrap()
    }

    /// Sends bodies to the ingestion queue, ten in a call.
    pub async fn ingest(&self, bodies: &[String]) {
        for chunk in bodies.chunks(10) {
            let url = self.output("IngestionQueueUrl");
            let entries = chunk.iter().enumerate().map(|(at, body)| {
                SendMessageBatchRequestEntry::builder()
                    .id(at.to_string())
                    .message_body(body)
                    .set_message_group_id(group(url, body))
                    .build()
                    .unwrap()
            });
            let call = self.sqs.send_message_batch().queue_url(url);
            let answer = call.set_entries(Some(entries.collect())).send().await.unwrap();
            assert!(answer.failed().is_empty(), "{:?}", answer.failed());
        }
    }

    /// Waits for the letter in an agent's dead-letter queue whose body holds a
    /// word, takes it, and leaves the others there.
    pub async fn letter(&self, agent: &str, word: &str) -> Letter {
        self.found(&format!("{agent}DeadLetterQueueUrl"), word).await
    }

    /// The same with any queue that nobody else reads, named by its output.
    pub async fn found(&self, queue: &str, word: &str) -> Letter {
        let what = format!("a message with {word} in {queue}");
        until(&what, PATIENCE, || self.take(queue, word, None)).await
    }

    /// Moves the letter with a word from an agent's dead-letter queue back to its
    /// queue, as `StartMessageMoveTask` does where there is one: sent, then deleted.
    pub async fn redrive(&self, agent: &str, word: &str) -> Letter {
        let (from, to) = (format!("{agent}DeadLetterQueueUrl"), format!("{agent}QueueUrl"));
        let what = format!("a message with {word} in {from}");
        until(&what, PATIENCE, || self.take(&from, word, Some(&to))).await
    }

    async fn take(&self, queue: &str, word: &str, onward: Option<&str>) -> Option<Letter> {
        let url = self.output(queue);
        let answer = self
            .sqs
            .receive_message()
            .queue_url(url)
            .max_number_of_messages(10)
            .visibility_timeout(1)
            .wait_time_seconds(0)
            .message_attribute_names("All")
            .message_system_attribute_names(MessageSystemAttributeName::All)
            .send()
            .await
            .unwrap();
        let message = answer
            .messages
            .unwrap_or_default()
            .into_iter()
            .find(|message| message.body().is_some_and(|body| body.contains(word)))?;
        let attribute = |name: &str| {
            let value = message.message_attributes().and_then(|all| all.get(name));
            value.and_then(|value| value.string_value()).unwrap_or_default().to_owned()
        };
        let letter = Letter {
            body: message.body().unwrap_or_default().to_owned(),
            reason: attribute("reason"),
            code: attribute("reason_code"),
        };
        if let Some(onward) = onward {
            self.send(onward, &letter.body).await;
        }
        let receipt = message.receipt_handle().unwrap();
        self.sqs.delete_message().queue_url(url).receipt_handle(receipt).send().await.unwrap();
        Some(letter)
    }

    /// Calls a function as Lambda does, and returns what it answers.
    pub async fn invoke(&self, agent: &str, event: &str) -> Value {
        let dir = std::env::temp_dir();
        let (input, output) = (
            dir.join(format!("flotilla-in-{}", fresh("x"))),
            dir.join(format!("flotilla-out-{}", fresh("x"))),
        );
        std::fs::write(&input, event).unwrap();
        let payload = format!("fileb://{}", input.display());
        let function = self.output(&format!("{agent}FunctionName"));
        let saved = output.to_string_lossy();
        aws(&["lambda", "invoke", "--function-name", function, "--payload", &payload, &saved])
            .await;
        let answer = std::fs::read_to_string(&output).unwrap();
        for file in [input, output] {
            std::fs::remove_file(file).unwrap();
        }
        serde_json::from_str(&answer).unwrap_or(Value::Null)
    }

    /// What Lambda says of the version of an agent's function that the queue calls.
    pub async fn configuration(&self, agent: &str) -> Value {
        let function = self.output(&format!("{agent}FunctionName"));
        let asked = ["lambda", "get-function-configuration", "--qualifier", "live"];
        let said = aws(&[&asked[..], &["--function-name", function]].concat()).await;
        serde_json::from_str(&said).unwrap()
    }

    /// Everything that an agent has logged since then.
    pub async fn logs(&self, agent: &str, since: Timestamp) -> String {
        let group = self.output(&format!("{agent}LogGroupName"));
        let (mut lines, mut token) = (Vec::new(), None);
        loop {
            let call = self.logs.filter_log_events().log_group_name(group);
            let call = call.start_time(i64::try_from(since.as_millis()).unwrap());
            let page = call.set_next_token(token).send().await.unwrap();
            let events = page.events.unwrap_or_default();
            lines.extend(events.into_iter().filter_map(|event| event.message));
            token = page.next_token;
            if token.is_none() {
                assert_ne!(lines.len(), LOG_PAGE, "the logs of {agent} are cut off");
                return lines.join("\n");
            }
        }
    }
}

/// Runs the AWS CLI and returns what it prints.
pub async fn aws(arguments: &[&str]) -> String {
    let endpoint = std::env::var("AWS_ENDPOINT_URL").unwrap_or_default();
    let mut aws = tokio::process::Command::new("aws");
    if !endpoint.is_empty() {
        aws.args(["--endpoint-url", &endpoint]);
    }
    let ran = aws.args(arguments).args(["--output", "json"]).output().await;
    let ran = ran.expect("the AWS CLI is among the installed tools: make tools");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap()
}

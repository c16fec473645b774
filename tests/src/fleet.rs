//! A deployed fleet: its queues, its table, and the outside world's ledger.

use crate::until;
use aws_sdk_sqs::types::MessageSystemAttributeName;
use flotilla_runtime::aws;
use flotilla_runtime::meter::Meter;
use flotilla_runtime::records::Records;
use flotilla_runtime::store::DynamoTasks;
use flotilla_runtime::table::Table;
use flotilla_task::{
    EventId, ShipmentId, Source, StatusKind, TaskId, TaskRecord, TaskStore, Timestamp,
};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// Longer than any task takes that meets no backoff on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);
/// The source of every event a test makes.
pub const SOURCE: &str = "urn:flotilla:test";

/// A deployed fleet.
#[derive(Debug)]
pub struct Fleet {
    outputs: HashMap<String, String>,
    sqs: aws_sdk_sqs::Client,
    http: reqwest::Client,
    partners: String,
    /// The table.
    pub table: Table,
    /// Its tasks.
    pub tasks: DynamoTasks,
    /// Its records of shipments and lanes.
    pub records: Records,
}

/// A message in a dead-letter queue.
#[derive(Debug, Clone)]
pub struct Letter {
    /// Its body, as it was received first.
    pub body: String,
    /// Why it is there; empty when SQS's own redrive moved it.
    pub reason: String,
    /// The reason's code.
    pub code: String,
}

impl Fleet {
    /// The fleet that the environment names.
    pub async fn connect() -> Self {
        let stack = std::env::var("FLOTILLA_STACK").unwrap_or_else(|_| "flotilla".to_owned());
        let partners = std::env::var("FLOTILLA_PARTNERS_URL").expect(
            "FLOTILLA_PARTNERS_URL names the stand-in world; `make test` or `make up` set it",
        );
        flotilla_runtime::tls::install();
        let config = aws::load().await;
        let cloud = aws_sdk_cloudformation::Client::new(&config);
        let stacks = cloud.describe_stacks().stack_name(&stack).send().await;
        let stacks = stacks.unwrap_or_else(|e| panic!("stack {stack} cannot be described: {e:?}"));
        let outputs: HashMap<_, _> = stacks
            .stacks()
            .iter()
            .flat_map(|stack| stack.outputs())
            .filter_map(|o| Some((o.output_key()?.to_owned(), o.output_value()?.to_owned())))
            .collect();
        let table = aws::table(&config, &outputs["TableName"], &Arc::new(Meter::default()));
        let horizon = Duration::from_secs(86_400);
        Self {
            sqs: aws_sdk_sqs::Client::new(&config),
            http: reqwest::Client::new(),
            partners,
            tasks: DynamoTasks::new(table.clone(), horizon),
            records: Records::new(table.clone(), horizon),
            table,
            outputs,
        }
    }

    /// An output of the stack, such as `IngestionQueueUrl`.
    pub fn output(&self, name: &str) -> &str {
        self.outputs.get(name).unwrap_or_else(|| panic!("the stack has no output {name}"))
    }

    /// Sends a body to a queue, named by its output.
    pub async fn send(&self, queue: &str, body: &str) {
        let url = self.output(queue);
        self.sqs.send_message().queue_url(url).message_body(body).send().await.unwrap();
    }

    /// Sends up to ten bodies to the ingestion queue in one call.
    pub async fn ingest(&self, bodies: &[String]) {
        for chunk in bodies.chunks(10) {
            let entries = chunk.iter().enumerate().map(|(at, body)| {
                aws_sdk_sqs::types::SendMessageBatchRequestEntry::builder()
                    .id(at.to_string())
                    .message_body(body)
                    .build()
                    .unwrap()
            });
            let url = self.output("IngestionQueueUrl");
            let call = self.sqs.send_message_batch().queue_url(url);
            let answer = call.set_entries(Some(entries.collect())).send().await.unwrap();
            assert!(answer.failed().is_empty(), "{:?}", answer.failed());
        }
    }

    /// Receives one message from a queue, named by its output, and deletes it.
    pub async fn receive(&self, queue: &str) -> Option<String> {
        let url = self.output(queue);
        let answer =
            self.sqs.receive_message().queue_url(url).wait_time_seconds(1).send().await.unwrap();
        let message = answer.messages().first()?;
        let receipt = message.receipt_handle().unwrap();
        self.sqs.delete_message().queue_url(url).receipt_handle(receipt).send().await.unwrap();
        message.body().map(str::to_owned)
    }

    /// Waits for the letter in an agent's dead-letter queue whose body holds a
    /// word, and leaves the others there.
    pub async fn letter(&self, agent: &str, word: &str) -> Letter {
        let queue = format!("{agent}DeadLetterQueueUrl");
        let what = format!("a dead letter of {agent} with {word}");
        until(&what, PATIENCE, || self.look_for(&queue, word)).await
    }

    async fn look_for(&self, queue: &str, word: &str) -> Option<Letter> {
        let url = self.output(queue);
        let answer = self
            .sqs
            .receive_message()
            .queue_url(url)
            .max_number_of_messages(10)
            .visibility_timeout(1)
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
        let receipt = message.receipt_handle().unwrap();
        self.sqs.delete_message().queue_url(url).receipt_handle(receipt).send().await.unwrap();
        Some(letter)
    }

    /// Waits until a task has ended or waits for a person.
    pub async fn ended(&self, task: &TaskId) -> TaskRecord {
        until(&format!("task {task} to end"), PATIENCE, || async {
            let record = self.tasks.get(task).await.unwrap()?;
            match record.status.kind() {
                StatusKind::Pending | StatusKind::Running => None,
                StatusKind::Held
                | StatusKind::Completed
                | StatusKind::Failed
                | StatusKind::Cancelled => Some(record),
            }
        })
        .await
    }

    /// What the outside world was really asked to do about a shipment.
    pub async fn bookings(&self, shipment: &str) -> Vec<Value> {
        let ledger: Value = self
            .http
            .get(format!("{}/ledger", self.partners))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        let all = ledger["bookings"].as_array().cloned().unwrap_or_default();
        all.into_iter().filter(|booking| booking["shipment"] == shipment).collect()
    }

    /// Sets a partner's mood.
    pub async fn mood(&self, partner: &str, mood: Value) {
        let url = format!("{}/moods/{partner}", self.partners);
        let answer = self.http.post(url).json(&mood).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    }

    /// Calls a function as Lambda does, and returns what it answers.
    pub async fn invoke(&self, function: &str, event: &str) -> Value {
        let endpoint = std::env::var("AWS_ENDPOINT_URL").unwrap_or_default();
        let dir = std::env::temp_dir();
        let (input, output) = (
            dir.join(format!("flotilla-in-{}", fresh("x"))),
            dir.join(format!("flotilla-out-{}", fresh("x"))),
        );
        std::fs::write(&input, event).unwrap();
        let mut aws = tokio::process::Command::new("aws");
        if !endpoint.is_empty() {
            aws.args(["--endpoint-url", &endpoint]);
        }
        let payload = format!("fileb://{}", input.display());
        let ran = aws
            .args(["lambda", "invoke", "--function-name", self.output(function)])
            .args(["--payload", &payload])
            .arg(&output)
            .output()
            .await
            .expect("the AWS CLI is among the installed tools: make tools");
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        let answer = std::fs::read_to_string(&output).unwrap();
        for file in [input, output] {
            std::fs::remove_file(file).unwrap();
        }
        serde_json::from_str(&answer).unwrap_or(Value::Null)
    }
}

/// A name that no other test, and no other run, uses.
pub fn fresh(prefix: &str) -> String {
    format!("{prefix}-{:012x}", fastrand::u64(..1 << 48))
}

/// The task of one of the tests' events.
pub fn task_of(event: &str, shipment: &str) -> TaskId {
    TaskId::derive(
        &Source::new(SOURCE).unwrap(),
        &EventId::new(event).unwrap(),
        &ShipmentId::new(shipment).unwrap(),
    )
}

/// RFC 3339 of now plus some hours.
pub fn in_hours(hours: i64) -> String {
    (jiff::Timestamp::now() + jiff::SignedDuration::from_hours(hours)).to_string()
}

/// The time now, for the store.
pub fn now() -> Timestamp {
    use flotilla_task::Clock;
    flotilla_task::SystemClock.now()
}

/// An order with one booking reference, promised in so many hours.
pub fn order(event: &str, shipment: &str, reference: &str, promised: i64) -> String {
    cloud_event(
        event,
        "flotilla.order.v1",
        &json!({
            "shipment": shipment,
            "identifiers": [{"scheme": "booking", "value": reference}],
            "origin": "NLRTM",
            "destination": "DEBER",
            "ordered_at": in_hours(-1),
            "promised": in_hours(promised),
            "service": "standard",
            "items": [{
                "sku": "A-1",
                "quantity": 1,
                "weight": {"value": 2.5, "unit": "kg"},
                "value": {"amount": "49.90", "currency": "EUR"},
            }],
            "contact": {"name": "Ada Personal", "email": "ada@example.org"},
        }),
    )
}

/// A tracking event about a booking reference. `more` is merged into its data.
pub fn tracking(event: &str, reference: &str, milestone: &str, more: &Value) -> String {
    let mut data = json!({
        "identifier": {"scheme": "booking", "value": reference},
        "milestone": milestone,
        "occurred_at": jiff::Timestamp::now().to_string(),
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        data[name] = value.clone();
    }
    cloud_event(event, "flotilla.tracking.v1", &data)
}

/// A CloudEvent of the tests' source.
pub fn cloud_event(event: &str, kind: &str, data: &Value) -> String {
    json!({
        "specversion": "1.0",
        "id": event,
        "source": SOURCE,
        "type": kind,
        "time": jiff::Timestamp::now().to_string(),
        "datacontenttype": "application/json",
        "data": data,
    })
    .to_string()
}

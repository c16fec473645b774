//! The proxy in front of a stand-in for a cloud that counts what reaches it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops by panicking")]

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use flotilla_wire::{Call, Kind, Running};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// A cloud that answers every call alike, a proxy in front of it, and a client.
struct Case {
    reached: Arc<AtomicUsize>,
    proxy: Running,
    client: reqwest::Client,
}

async fn answer(State(reached): State<Arc<AtomicUsize>>, body: Bytes) -> String {
    reached.fetch_add(1, Ordering::SeqCst);
    let size = body.len();
    json!({"ConsumedCapacity": {"CapacityUnits": 1.0}, "size": size}).to_string()
}

fn put() -> String {
    json!({"TableName": "t", "Item": {"pk": {"S": "SHP-1"}}}).to_string()
}

impl Case {
    async fn new() -> Self {
        let reached = Arc::new(AtomicUsize::new(0));
        let (listener, cloud) = flotilla_wire::listen(0).await.unwrap();
        let router = Router::new().fallback(answer).with_state(Arc::clone(&reached));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let proxy = flotilla_wire::start(&cloud).await.unwrap();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { reached, proxy, client }
    }

    /// A put as the SDK sends it.
    async fn put(&self) -> Result<(u16, Value), reqwest::Error> {
        let sent = self
            .client
            .post(&self.proxy.url)
            .header("x-amz-target", "DynamoDB_20120810.PutItem")
            .header("user-agent", "aws-sdk-rust/1 app/flotilla-state")
            .body(put())
            .send()
            .await?;
        let status = sent.status().as_u16();
        Ok((status, serde_json::from_slice(&sent.bytes().await?).unwrap_or_default()))
    }

    async fn rule(&self, rule: &Value) -> u16 {
        let url = format!("{}/_wire/faults", self.proxy.url);
        self.client.post(url).body(rule.to_string()).send().await.unwrap().status().as_u16()
    }

    async fn calls(&self) -> Vec<Call> {
        let url = format!("{}/_wire/calls", self.proxy.url);
        let answer = self.client.get(url).send().await.unwrap().bytes().await.unwrap();
        serde_json::from_slice(&answer).unwrap()
    }

    fn reached(&self) -> usize {
        self.reached.load(Ordering::SeqCst)
    }
}

#[tokio::test]
async fn a_call_goes_through_and_is_recorded() {
    let case = Case::new().await;
    let (status, said) = case.put().await.unwrap();
    assert_eq!((status, said["size"].as_u64()), (200, Some(put().len() as u64)));
    let calls = case.calls().await;
    assert_eq!(calls.len(), 1);
    let call = &calls[0];
    assert_eq!((call.function.as_str(), call.operation.as_str()), ("flotilla-state", "PutItem"));
    assert_eq!((call.status, call.write_centiunits, call.fault), (200, 100, None));
    let parts: Vec<_> =
        call.parts.iter().map(|p| (p.action.as_str(), p.resource.as_str())).collect();
    assert_eq!(parts, [("dynamodb:PutItem", "t")]);
}

#[tokio::test]
async fn throttled_and_failed_calls_do_not_reach_the_cloud() {
    let case = Case::new().await;
    case.rule(&json!({"do": "throttle", "action": "PutItem"})).await;
    case.rule(&json!({"do": "fail"})).await;
    let (status, said) = case.put().await.unwrap();
    let kind = said["__type"].as_str().unwrap();
    assert!(status == 400 && kind.ends_with("ProvisionedThroughputExceededException"), "{said}");
    assert_eq!(case.put().await.unwrap().0, 500);
    assert_eq!(case.reached(), 0);
    assert_eq!(case.put().await.unwrap().0, 200, "each rule acts once");
    let faults: Vec<_> = case.calls().await.into_iter().map(|call| call.fault).collect();
    assert_eq!(faults, [Some(Kind::Throttle), Some(Kind::Fail), None]);
}

#[tokio::test]
async fn a_duplicated_call_arrives_twice() {
    let case = Case::new().await;
    case.rule(&json!({"do": "duplicate", "contains": "SHP-1"})).await;
    assert_eq!(case.put().await.unwrap().0, 200);
    assert_eq!(case.reached(), 2);
    assert_eq!(case.calls().await.len(), 1);
}

#[tokio::test]
async fn a_call_whose_answer_is_lost_was_carried_out() {
    let case = Case::new().await;
    case.rule(&json!({"do": "lose_answer", "function": "state", "ms": 1})).await;
    assert_eq!(case.put().await.unwrap().0, 504);
    assert_eq!(case.reached(), 1);
}

#[tokio::test]
async fn a_delayed_call_arrives_late_even_when_its_caller_has_given_up() {
    let case = Case::new().await;
    case.rule(&json!({"do": "delay", "ms": 300, "action": "PutItem"})).await;
    let hasty = tokio::time::timeout(Duration::from_millis(50), case.put()).await;
    assert!(hasty.is_err() && case.reached() == 0, "still waiting");
    let limit = Instant::now() + Duration::from_secs(20);
    while case.reached() == 0 {
        assert!(Instant::now() < limit, "it never arrived");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_misspelt_rule_is_refused_with_its_field() {
    let case = Case::new().await;
    assert_eq!(case.rule(&json!({"do": "fail", "time": 2})).await, 400);
    assert_eq!(case.put().await.unwrap().0, 200);
    let proxy = case.proxy;
    proxy.stop().await.unwrap();
}

/// What a queue says about the messages that it took goes back with what it never saw.
#[tokio::test]
async fn of_a_batch_some_messages_are_not_taken() {
    let case = Case::new().await;
    case.rule(&json!({"do": "fail_entries", "action": "SendMessageBatch", "contains": "SHP-1"}))
        .await;
    let entry = |id: &str, body: &str| json!({"Id": id, "MessageBody": body});
    for (second, reached) in [("of SHP-2", 1), ("of SHP-1", 1)] {
        let batch = json!({"QueueUrl": "http://q", "Entries": [entry("0", "of SHP-1"), entry("1", second)]});
        let sent =
            case.client.post(&case.proxy.url).header("x-amz-target", "AmazonSQS.SendMessageBatch");
        let answer = sent.body(batch.to_string()).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let said: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        assert_eq!(said["Failed"][0]["Id"], "0");
        assert_eq!(case.reached(), reached);
        case.rule(&json!({"do": "fail_entries", "contains": "SHP-1"})).await;
    }
}

//! A wire proxy of a row's own, between one function and the cloud.

use crate::ground::Ground;
use serde_json::Value;

/// The proxy.
pub(crate) struct Wire {
    pub(crate) url: String,
    running: flotilla_wire::Running,
    http: reqwest::Client,
}

impl Wire {
    pub(crate) async fn start(ground: &Ground) -> Self {
        let running = flotilla_wire::start(&ground.cloud).await.unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { url: running.url.clone(), running, http }
    }

    fn path(&self, what: &str) -> String {
        format!("{}/_wire/{what}", self.running.url)
    }

    /// Makes calls go wrong.
    pub(crate) async fn rule(&self, rule: &Value) {
        let answer = self.http.post(self.path("faults")).json(rule).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    }

    /// How often each rule may still act.
    pub(crate) async fn left(&self) -> Vec<u64> {
        let rules = self.see("faults").await;
        rules.iter().map(|rule| rule["times"].as_u64().unwrap()).collect()
    }

    /// Forgets the calls so far.
    pub(crate) async fn forget(&self) {
        self.http.delete(self.path("calls")).send().await.unwrap();
    }

    /// Writes that were refused since: their condition did not hold.
    pub(crate) async fn refused(&self) -> u64 {
        let calls = self.see("calls").await;
        let refused = |call: &&Value| {
            call["error"].as_str().is_some_and(|error| error.starts_with("ConditionalCheckFailed"))
        };
        calls.iter().filter(refused).count() as u64
    }

    async fn see(&self, what: &str) -> Vec<Value> {
        let answer = self.http.get(self.path(what)).send().await.unwrap();
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
    }
}

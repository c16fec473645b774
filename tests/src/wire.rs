//! The wire proxy between the functions and the cloud: what it saw, and what it
//! is told to make go wrong.

use crate::Fleet;
use serde_json::Value;

impl Fleet {
    fn wire(path: &str) -> String {
        let url = std::env::var("FLOTILLA_WIRE_URL").unwrap_or_default();
        assert!(!url.is_empty(), "no wire proxy: python3 infra/local/local.py run --wire -- ...");
        format!("{url}/_wire/{path}")
    }

    /// Makes calls go wrong that fit a rule; see `tests/support`.
    pub async fn fault(&self, rule: &Value) {
        let answer = self.http.post(Self::wire("faults")).json(rule).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    }

    /// Whether every rule about that word has acted as often as it may.
    pub async fn struck(&self, word: &str) -> bool {
        let rules = self.seen("faults").await;
        let mut mine = rules.iter().filter(|rule| rule["contains"] == word).peekable();
        assert!(mine.peek().is_some(), "no rule is about {word}");
        mine.all(|rule| rule["times"] == 0)
    }

    /// Every AWS call of that function so far.
    pub async fn calls(&self, agent: &str) -> Vec<Value> {
        let mut calls = self.seen("calls").await;
        calls.retain(|call| call["function"].as_str().unwrap().ends_with(agent));
        calls
    }

    async fn seen(&self, what: &str) -> Vec<Value> {
        let answer = self.http.get(Self::wire(what)).send().await.unwrap();
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
    }
}

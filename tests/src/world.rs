//! The stand-in world: what it was really asked to do, and its moods.

use crate::Fleet;
use flotilla_runtime::records::keys;
use flotilla_runtime::table::key;
use futures_util::FutureExt;
use serde_json::{Value, json};
use std::future::Future;
use std::panic::{AssertUnwindSafe, resume_unwind};
use tokio::sync::Mutex;

/// Moods are the whole world's, so one test at a time changes them.
static MOODS: Mutex<()> = Mutex::const_new(());

impl Fleet {
    async fn ask_world(&self, path: &str) -> Value {
        let url = format!("{}/{path}", self.partners);
        let answer = self.http.get(url).send().await.unwrap();
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
    }

    /// Everything that the world has really done about a shipment: `bookings`,
    /// `notices` or `customer_events`.
    pub async fn ledger(&self, what: &str, shipment: &str) -> Vec<Value> {
        let all = self.ask_world("ledger").await[what].as_array().unwrap().clone();
        all.into_iter().filter(|entry| entry["shipment"] == shipment).collect()
    }

    /// The bookings that were really made for a shipment, cancelled ones included.
    pub async fn bookings(&self, shipment: &str) -> Vec<Value> {
        self.ledger("bookings", shipment).await
    }

    /// Those that stand.
    pub async fn live(&self, shipment: &str) -> Vec<Value> {
        let mut all = self.bookings(shipment).await;
        all.retain(|booking| booking["status"] == "live");
        all
    }

    /// How often a partner has answered so: `500`, `429`, `closed`.
    pub async fn answers(&self, partner: &str, answer: &str) -> u64 {
        self.ask_world("ledger").await["calls"][partner][answer].as_u64().unwrap_or_default()
    }

    /// Sets a partner's mood; what is not named stays as it is.
    pub async fn mood(&self, partner: &str, mood: &Value) {
        let url = format!("{}/moods/{partner}", self.partners);
        let answer = self.http.post(url).json(mood).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    }

    /// Tells the world something that its sources are to tell.
    pub async fn tell_world(&self, path: &str, body: &Value) {
        let url = format!("{}/{path}", self.partners);
        let answer = self.http.post(url).json(body).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    }

    /// Has forgotten what was known of a partner's health.
    pub async fn start_afresh(&self, partner: &str) {
        self.table.delete(key(keys::partner(partner), keys::BREAKER)).await.unwrap();
    }

    /// Takes all luck out of the world: from now on only what a test sets goes wrong.
    pub async fn calm(&self) {
        for partner in
            ["swift", "steady", "tortoise", "dispatch", "customer", "warehouse", "tracking"]
        {
            let calm = json!({
                "throttle_rate": 0, "error_rate": 0, "lose_answer_rate": 0,
                "hold": false, "answers": "well",
            });
            self.mood(partner, &calm).await;
        }
        for source in ["warehouse", "tracking", "yard"] {
            self.tell_world(&format!("oddities/{source}"), &json!({"oddity": "none"})).await;
        }
    }

    /// Does something while no other test of this program changes a mood, and
    /// puts every mood back afterwards, also when it panics.
    pub async fn with_moods<T>(&self, work: impl Future<Output = T>) -> T {
        let _one_at_a_time = MOODS.lock().await;
        let before = self.ask_world("moods").await;
        let worked = AssertUnwindSafe(work).catch_unwind().await;
        for (partner, mood) in before.as_object().unwrap() {
            self.mood(partner, mood).await;
        }
        worked.unwrap_or_else(|panic| resume_unwind(panic))
    }
}

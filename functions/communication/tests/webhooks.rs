//! Signed webhooks, over real HTTP: what a receiver that was given keys takes.
#![allow(clippy::unwrap_used, reason = "a test says what is wrong by panicking")]

use flotilla_runtime::outbound::{Client, Outbound};
use flotilla_runtime::secrets::Secret;
use flotilla_runtime::settings::Environment;
use flotilla_runtime::webhook::Keys;
use flotilla_task::{Clock, SystemClock};
use partners::{Moods, Running, World, start};
use reqwest::{Method, StatusCode};
use serde_json::json;
use std::time::Duration;

const OLD: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const NEW: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

struct Shop {
    world: Running,
    http: Client,
}

impl Shop {
    async fn open() -> Self {
        let world = start(World::new(7, Moods::calm())).await.unwrap();
        let env = Environment::from([("OUTBOUND_LOOPBACK", "allow")]);
        let outbound = Outbound::read(&env).unwrap();
        let http = Client::new(&outbound, Duration::from_secs(5), [world.url.as_str()]).unwrap();
        Self { world, http }
    }

    fn post(&self, path: &str) -> reqwest::RequestBuilder {
        self.http.request(Method::POST, &format!("{}{path}", self.world.url)).unwrap()
    }

    /// The keys that the shop takes from now on.
    async fn takes(&self, keys: &str) {
        let set = self.post("/signatures/customer").json(&json!({"keys": keys})).send().await;
        assert_eq!(set.unwrap().status(), StatusCode::OK);
    }

    /// Tells it something, signed with these keys; what it answers.
    async fn told(&self, key: &str, keys: Option<&str>) -> StatusCode {
        let notice = json!({"shipment": "S", "task": key, "text": "Late.", "action": "notify"});
        let body = notice.to_string();
        let mut call = self.post("/customer/events").header("Idempotency-Key", key);
        if let Some(keys) = keys {
            let keys = Keys::read(&Secret::from(keys.to_owned())).unwrap();
            for (name, value) in keys.sign(key, SystemClock.now(), &body).unwrap() {
                call = call.header(name, value);
            }
        }
        call.body(body).send().await.unwrap().status()
    }
}

#[tokio::test]
async fn a_receiver_with_keys_takes_what_is_signed_with_one_and_nothing_else() {
    let shop = Shop::open().await;
    assert_eq!(shop.told("t1/customer", None).await, StatusCode::ACCEPTED, "it has no keys");
    shop.takes(OLD).await;
    assert_eq!(shop.told("t2/customer", None).await, StatusCode::UNAUTHORIZED);
    assert_eq!(shop.told("t2/customer", Some(NEW)).await, StatusCode::UNAUTHORIZED);
    assert_eq!(shop.told("t2/customer", Some(OLD)).await, StatusCode::ACCEPTED);
}

#[tokio::test]
async fn a_key_is_replaced_without_a_notice_that_is_refused() {
    let shop = Shop::open().await;
    let both = format!("{NEW} {OLD}");
    // The fleet and the shop change at different moments, in either order.
    for (step, (taken, signed)) in
        [(OLD, OLD), (OLD, &both), (&both, &both), (NEW, &both), (NEW, NEW)].into_iter().enumerate()
    {
        shop.takes(taken).await;
        let told = shop.told(&format!("t{step}/customer"), Some(signed)).await;
        assert_eq!(told, StatusCode::ACCEPTED, "step {step}");
    }
    assert_eq!(shop.told("t9/customer", Some(OLD)).await, StatusCode::UNAUTHORIZED);
}

//! Signed webhooks, over real HTTP: what a receiver that was given keys takes.
#![allow(clippy::unwrap_used, reason = "a test says what is wrong by panicking")]

use communication::PARTNERS;
use flotilla_runtime::outbound::{Client, Outbound};
use flotilla_runtime::partners::{Directory, HttpPartners, Signing};
use flotilla_runtime::secrets::{Fetch, Reference, Secret};
use flotilla_runtime::settings::Environment;
use flotilla_runtime::signed::Error;
use flotilla_runtime::webhook::Keys;
use flotilla_shipment::ports::{Audience, CallError, Notice, Partners};
use flotilla_task::{Clock, ShipmentId, SystemClock, TaskId, Timestamp};
use partners::{Moods, Running, World, start};
use reqwest::{Method, StatusCode};
use serde_json::json;
use std::sync::{Arc, Mutex};
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

/// A store of secrets with one word for every reference.
#[derive(Debug, Clone, Default)]
struct Store(Arc<Mutex<String>>);

impl Store {
    fn put(&self, keys: &str) {
        keys.clone_into(&mut self.0.lock().unwrap());
    }
}

impl Fetch for Store {
    async fn fetch(&self, _: &Reference, _: Timestamp) -> Result<Secret, Error> {
        Ok(Secret::from(self.0.lock().unwrap().clone()))
    }
}

/// Partners as they are wired, whose keys are as old as the last call.
async fn partners(shop: &Shop, store: &Store, secrets: Option<&str>) -> HttpPartners {
    let directory = Directory::parse(PARTNERS, &shop.world.url).unwrap();
    let env = Environment::from([("OUTBOUND_LOOPBACK", "allow")]);
    let every = Duration::ZERO;
    let signing = Signing::open(&directory, secrets, store.clone(), SystemClock, every).await;
    let outbound = Outbound::read(&env).unwrap();
    HttpPartners::new(directory, &outbound).unwrap().signed_by(signing.unwrap())
}

async fn tell(partners: &HttpPartners, task: &str) -> Result<(), CallError> {
    let task = TaskId::new(task).unwrap();
    let notice = Notice {
        audience: Audience::Customer,
        key: Audience::Customer.key(&task),
        shipment: ShipmentId::new("SHP-1").unwrap(),
        task,
        action: "notify",
        text: "It will be late.".to_owned(),
    };
    partners.notify(&notice).await
}

#[tokio::test]
async fn notices_are_signed_with_the_keys_that_the_deployment_keeps() {
    let (shop, store) = (Shop::open().await, Store::default());
    let unsigned = partners(&shop, &store, None).await;
    assert_eq!(tell(&unsigned, "t1").await, Ok(()), "the shop has no keys yet");
    shop.takes(OLD).await;
    let refused = tell(&unsigned, "t2").await;
    assert!(matches!(refused, Err(CallError::NotSent { .. })), "{refused:?}");
    store.put(OLD);
    let signed = partners(&shop, &store, Some("/fleet/communication")).await;
    assert_eq!(tell(&signed, "t2").await, Ok(()));
    // What is no key is as good as an outage: the key in use stays.
    store.put("a slip of the pen");
    assert_eq!(tell(&signed, "t3").await, Ok(()));
    store.put(&format!("{NEW} {OLD}"));
    assert_eq!(tell(&signed, "t4").await, Ok(()));
    shop.takes(NEW).await;
    assert_eq!(tell(&signed, "t5").await, Ok(()));
    store.put("no key");
    let directory = Directory::parse(PARTNERS, &shop.world.url).unwrap();
    let secrets = Some("/fleet/communication");
    let opened = Signing::open(&directory, secrets, store, SystemClock, Duration::ZERO).await;
    let said = opened.unwrap_err().to_string();
    assert!(said.contains("ssm:/fleet/communication/"), "{said}");
    assert!(said.contains("key 1: expected whsec_"), "{said}");
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

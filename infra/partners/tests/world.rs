//! Every behaviour of the stand-in world, over real HTTP.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use partners::{Moods, Running, World, start};
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

struct Caller {
    http: Client,
    world: Running,
}

impl Caller {
    async fn new(moods: Moods) -> Self {
        // Another test of this process may have installed it already.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        // No pool: a cut line must not be retried on another connection.
        let http = Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap();
        Self { http, world: start(World::new(7, moods)).await.unwrap() }
    }

    async fn calm() -> Self {
        Self::new(Moods::calm()).await
    }

    async fn post(&self, path: &str, key: &str, body: Value) -> reqwest::Result<Response> {
        let url = format!("{}{path}", self.world.url);
        self.http.post(url).header("Idempotency-Key", key).body(body.to_string()).send().await
    }

    async fn book(&self, carrier: &str, key: &str, body: Value) -> Response {
        self.post(&format!("/carriers/{carrier}/bookings"), key, body).await.unwrap()
    }

    async fn mood(&self, partner: &str, mood: Value) {
        let answer = self.post(&format!("/moods/{partner}"), "-", mood).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
    }

    async fn get(&self, path: &str) -> Response {
        self.http.get(format!("{}{path}", self.world.url)).send().await.unwrap()
    }

    async fn delete(&self, path: &str) -> StatusCode {
        self.http.delete(format!("{}{path}", self.world.url)).send().await.unwrap().status()
    }

    async fn ledger(&self) -> Value {
        json(self.get("/ledger").await).await
    }
}

async fn json(response: Response) -> Value {
    serde_json::from_str(&response.text().await.unwrap()).unwrap()
}

fn order() -> Value {
    json!({"shipment": "SHP-1", "leg": "main", "generation": 1, "service": "standard",
           "origin": "NLRTM", "destination": "DEBER", "weight_g": 1200,
           "pickup_after": "2026-11-27T08:00:00Z"})
}

const KEY: &str = "SHP-1/main/1";

#[tokio::test]
async fn a_carrier_that_honours_keys_replays_its_first_answer() {
    let caller = Caller::calm().await;
    let first = caller.book("swift", KEY, order()).await;
    assert_eq!(first.status(), StatusCode::CREATED);
    assert_eq!(first.headers().get("idempotent-replayed"), None);
    let first = json(first).await;
    assert_eq!(first["reference"], "SW-000001");
    assert_eq!(first["eta"], "2026-11-28T14:00:00Z");
    assert!(first["cost_cents"].as_u64().unwrap() > 0);

    let again = caller.book("swift", KEY, order()).await;
    assert_eq!(again.status(), StatusCode::OK);
    assert_eq!(again.headers()["idempotent-replayed"], "true");
    assert_eq!(json(again).await, first);

    let ledger = caller.ledger().await;
    assert_eq!(ledger["bookings"].as_array().unwrap().len(), 1);
    assert_eq!(ledger["bookings"][0]["requests"], 2);
    assert_eq!(ledger["bookings"][0]["key"], KEY);
    assert_eq!(ledger["bookings"][0]["generation"], 1);
    assert_eq!(ledger["calls"]["swift"], json!({"201": 1, "200": 1}));
}

#[tokio::test]
async fn the_same_key_with_another_body_is_a_conflict_and_does_nothing() {
    let caller = Caller::calm().await;
    caller.book("steady", KEY, order()).await;
    let mut other = order();
    other["service"] = json!("express");
    let answer = caller.book("steady", KEY, other).await;
    assert_eq!(answer.status(), StatusCode::CONFLICT);
    assert_eq!(json(answer).await["field"], "Idempotency-Key");
    assert_eq!(caller.ledger().await["bookings"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_keyless_carrier_books_every_time() {
    let caller = Caller::calm().await;
    for reference in ["TO-000001", "TO-000002"] {
        let answer = caller.book("tortoise", KEY, order()).await;
        assert_eq!(answer.status(), StatusCode::CREATED);
        assert_eq!(json(answer).await["reference"], reference);
    }
    let found = json(caller.get(&format!("/carriers/tortoise/bookings?key={KEY}")).await).await;
    assert_eq!(found.as_array().unwrap().len(), 2);
    let other = json(caller.get("/carriers/tortoise/bookings?key=other").await).await;
    assert_eq!(other, json!([]));
}

#[tokio::test]
async fn a_booking_is_cancelled_once_and_stays_in_the_ledger() {
    let caller = Caller::calm().await;
    caller.book("swift", KEY, order()).await;
    let path = "/carriers/swift/bookings/SW-000001";
    assert_eq!(caller.delete(path).await, StatusCode::NO_CONTENT);
    assert_eq!(caller.delete(path).await, StatusCode::GONE);
    assert_eq!(caller.delete("/carriers/swift/bookings/SW-9").await, StatusCode::NOT_FOUND);
    let booking = &caller.ledger().await["bookings"][0];
    assert_eq!(booking["status"], "cancelled");
    assert!(booking["cancelled_at"].is_string());
}

#[tokio::test]
async fn notices_honour_keys_and_stand_in_the_ledger() {
    let caller = Caller::calm().await;
    let notice = json!({"shipment": "SHP-1", "task": "t1", "text": "late", "action": "notify"});
    for _ in 0..2 {
        let answer = caller.post("/dispatch/notices", "t1/notice", notice.clone()).await.unwrap();
        assert_eq!(answer.status(), StatusCode::ACCEPTED);
    }
    let mut other = notice.clone();
    other["text"] = json!("on time");
    let answer = caller.post("/dispatch/notices", "t1/notice", other).await.unwrap();
    assert_eq!(answer.status(), StatusCode::CONFLICT);
    let notices = caller.ledger().await["notices"].clone();
    assert_eq!(notices.as_array().unwrap().len(), 1);
    assert_eq!(notices[0]["requests"], 2);
    assert_eq!(notices[0]["task"], "t1");
}

#[tokio::test]
async fn the_shop_honours_keys_and_takes_no_personal_data() {
    let caller = Caller::calm().await;
    let told = json!({"shipment": "SHP-1", "task": "t1", "text": "late", "action": "rebook"});
    let mut replays = Vec::new();
    for _ in 0..2 {
        let answer = caller.post("/customer/events", "t1/customer", told.clone()).await.unwrap();
        assert_eq!(answer.status(), StatusCode::ACCEPTED);
        replays.push(answer.headers().contains_key("idempotent-replayed"));
    }
    assert_eq!(replays, [false, true]);
    let mut personal = told.clone();
    personal["email"] = json!("ada@example.com");
    let answer = caller.post("/customer/events", "t2/customer", personal).await.unwrap();
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    assert!(json(answer).await["error"].as_str().unwrap().contains("email"));
    let mut other = told;
    other["text"] = json!("on time");
    let answer = caller.post("/customer/events", "t1/customer", other).await.unwrap();
    assert_eq!(answer.status(), StatusCode::CONFLICT);
    let ledger = caller.ledger().await;
    assert_eq!(ledger["customer_events"].as_array().unwrap().len(), 1);
    assert_eq!(ledger["customer_events"][0]["requests"], 2);
    assert_eq!(ledger["notices"], json!([]), "the dispatch desk was told nothing");
}

#[tokio::test]
async fn the_shop_has_a_mood_and_what_it_did_is_in_the_ledger() {
    let caller = Caller::calm().await;
    caller.mood("customer", json!({"throttle_rate": 1, "retry_after_s": 2})).await;
    let told = json!({"shipment": "SHP-1", "task": "t1", "text": "late", "action": "rebook"});
    let answer = caller.post("/customer/events", "t1/customer", told.clone()).await.unwrap();
    assert_eq!(answer.headers()["retry-after"], "2");
    caller.mood("customer", json!({"throttle_rate": 0, "lose_answer_rate": 1})).await;
    let _lost = caller.post("/customer/events", "t1/customer", told).await;
    assert_eq!(caller.ledger().await["customer_events"][0]["requests"], 1);
}

#[tokio::test]
async fn a_booking_over_a_hub_says_so_in_the_ledger_and_is_another_booking() {
    let caller = Caller::calm().await;
    let mut over = order();
    over["via"] = json!("DEHAM");
    caller.book("swift", KEY, over).await;
    assert_eq!(caller.ledger().await["bookings"][0]["via"], "DEHAM");
    assert_eq!(caller.book("swift", KEY, order()).await.status(), StatusCode::CONFLICT);
}

#[tokio::test]
async fn throttling_says_how_long_and_does_nothing() {
    let caller = Caller::calm().await;
    caller.mood("swift", json!({"throttle_rate": 1, "retry_after_s": 3})).await;
    let answer = caller.book("swift", KEY, order()).await;
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.headers()["retry-after"], "3");
    assert_eq!(caller.ledger().await["bookings"], json!([]));
    assert_eq!(caller.ledger().await["calls"]["swift"], json!({"429": 1}));
}

#[tokio::test]
async fn a_500_before_acting_does_nothing() {
    let caller = Caller::calm().await;
    caller.mood("swift", json!({"error_rate": 1.0})).await;
    let answer = caller.book("swift", KEY, order()).await;
    assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(caller.ledger().await["bookings"], json!([]));
}

#[tokio::test]
async fn a_lost_answer_has_acted_by_error_or_by_a_closed_connection() {
    let caller = Caller::calm().await;
    caller.mood("tortoise", json!({"lose_answer_rate": 1})).await;
    let (mut errors, mut closed) = (0, 0);
    for number in 0..20 {
        let key = format!("SHP-{number}/main/1");
        match caller.post("/carriers/tortoise/bookings", &key, order()).await {
            Ok(answer) => {
                assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
                errors += 1;
            }
            Err(_cut) => closed += 1,
        }
    }
    assert!(errors > 0 && closed > 0, "errors {errors}, closed {closed}");
    let ledger = caller.ledger().await;
    assert_eq!(ledger["bookings"].as_array().unwrap().len(), 20);
    assert_eq!(ledger["calls"]["tortoise"], json!({"500": errors, "closed": closed}));
}

#[tokio::test]
async fn latency_lies_in_its_range() {
    let caller = Caller::calm().await;
    caller.mood("steady", json!({"latency_ms": [40, 40]})).await;
    let begun = Instant::now();
    caller.book("steady", KEY, order()).await;
    assert!(begun.elapsed() >= Duration::from_millis(40));
}

#[tokio::test]
async fn the_same_seed_meets_the_same_luck() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let caller = Caller::calm().await;
        caller.mood("swift", json!({"throttle_rate": 0.3, "error_rate": 0.3})).await;
        let mut answers = Vec::new();
        for number in 0..30 {
            answers.push(caller.book("swift", &number.to_string(), order()).await.status());
        }
        runs.push(answers);
    }
    assert_eq!(runs[0], runs[1]);
    assert!(runs[0].iter().any(|status| *status != runs[0][0]), "{:?}", runs[0]);
}

#[tokio::test]
async fn wrong_input_is_told_by_field() {
    let caller = Caller::calm().await;
    let wrong = [
        ("weight_g", json!("heavy"), StatusCode::BAD_REQUEST),
        ("weight_g", json!(-1), StatusCode::BAD_REQUEST),
        ("weight_g", json!(9_000_000_000_u64), StatusCode::UNPROCESSABLE_ENTITY),
        ("shipment", Value::Null, StatusCode::BAD_REQUEST),
        ("leg", json!(""), StatusCode::BAD_REQUEST),
        ("generation", json!(1.5), StatusCode::BAD_REQUEST),
        ("service", json!("teleport"), StatusCode::UNPROCESSABLE_ENTITY),
        ("destination", json!("NLRTM"), StatusCode::UNPROCESSABLE_ENTITY),
        ("pickup_after", json!("tomorrow"), StatusCode::BAD_REQUEST),
    ];
    for (field, value, status) in wrong {
        let mut body = order();
        body[field] = value;
        let answer = caller.book("swift", KEY, body).await;
        assert_eq!(answer.status(), status, "{field}");
        let answer = json(answer).await;
        assert_eq!(answer["field"], field);
        assert!(answer["error"].as_str().unwrap().starts_with(field), "{answer}");
    }
    assert_eq!(caller.ledger().await["bookings"], json!([]));

    let keyless = caller.http.post(format!("{}/carriers/swift/bookings", caller.world.url));
    let answer = keyless.body(order().to_string()).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    assert_eq!(json(answer).await["field"], "Idempotency-Key");

    assert_eq!(caller.book("nobody", KEY, order()).await.status(), StatusCode::NOT_FOUND);
    let not_json = caller.post("/dispatch/notices", KEY, json!("text")).await.unwrap();
    assert_eq!(not_json.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn moods_are_checked_and_keep_what_is_not_named() {
    let caller = Caller::new(Moods::usual()).await;
    let before = json(caller.get("/moods").await).await["swift"].clone();
    for (field, value) in [
        ("error_rate", json!(1.5)),
        ("throttle_rate", json!("often")),
        ("latency_ms", json!([50, 10])),
        ("retry_after_s", json!(-1)),
    ] {
        let answer = caller.post("/moods/swift", "-", json!({field: value})).await.unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{field}");
        assert_eq!(json(answer).await["field"], field);
    }
    let misspelt = caller.post("/moods/swift", "-", json!({"eror_rate": 1})).await.unwrap();
    assert_eq!(misspelt.status(), StatusCode::BAD_REQUEST);
    caller.mood("swift", json!({"error_rate": 0.5})).await;
    let after = json(caller.get("/moods").await).await["swift"].clone();
    assert_eq!(after["error_rate"], 0.5);
    assert_eq!(after["latency_ms"], before["latency_ms"]);
    let nobody = caller.post("/moods/nobody", "-", json!({})).await.unwrap();
    assert_eq!(nobody.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_booking_is_made_though_the_caller_has_hung_up() {
    let caller = Caller::calm().await;
    caller.mood("swift", json!({"latency_ms": [100, 100]})).await;
    let hasty = caller.book("swift", KEY, order());
    tokio::time::timeout(Duration::from_millis(50), hasty).await.unwrap_err();
    let made = async { while caller.ledger().await["bookings"].as_array().unwrap().is_empty() {} };
    tokio::time::timeout(Duration::from_secs(10), made).await.unwrap();
    let again = caller.book("swift", KEY, order()).await;
    assert_eq!(again.headers()["idempotent-replayed"], "true");
}

#[tokio::test]
async fn it_stops_after_answering_open_requests() {
    let caller = Caller::calm().await;
    caller.mood("swift", json!({"latency_ms": [150, 150]})).await;
    let http = caller.http.clone();
    let request = http
        .post(format!("{}/carriers/swift/bookings", caller.world.url))
        .header("Idempotency-Key", KEY)
        .body(order().to_string());
    let open = tokio::spawn(request.send());
    while json(caller.get("/healthz").await).await["open"] == 0 {}
    caller.world.stop().await.unwrap();
    assert_eq!(open.await.unwrap().unwrap().status(), StatusCode::CREATED);
}

#[tokio::test]
async fn a_partner_may_hold_its_calls_until_it_is_told_to_let_go() {
    let caller = Caller::calm().await;
    caller.mood("swift", json!({"hold": true})).await;
    let call = caller.book("swift", "k1", order());
    let let_go = async {
        while json(caller.get("/healthz").await).await["open"] != 1 {}
        assert_eq!(caller.ledger().await["bookings"], json!([]), "it has not acted");
        caller.mood("swift", json!({"hold": false})).await;
    };
    let (answer, ()) = tokio::join!(call, let_go);
    assert_eq!(answer.status(), StatusCode::CREATED);
}

#[tokio::test]
async fn a_partner_may_give_answers_that_no_partner_should() {
    let caller = Caller::calm().await;
    let set = async |answers: &str| caller.mood("swift", json!({"answers": answers})).await;
    set("error_body").await;
    let answer = caller.book("swift", "k1", order()).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(json(answer).await["error"], "the depot is closed");
    set("redirect").await;
    let path = "/carriers/swift/bookings";
    let url = format!("{}{path}", caller.world.url);
    let here = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let call = here.post(url).header("Idempotency-Key", "k1").body(order().to_string());
    let answer = call.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::FOUND);
    assert_eq!(caller.ledger().await["bookings"], json!([]), "these do nothing");
    set("cut").await;
    let answer = caller.book("swift", "k2", order()).await;
    assert!(answer.status().is_success() && answer.text().await.is_err());
    set("other_booking").await;
    let answer = json(caller.book("swift", "k3", order()).await).await;
    assert_ne!(answer["shipment"], order()["shipment"]);
    set("oversize").await;
    assert!(caller.book("swift", "k4", order()).await.text().await.unwrap().len() > 65_536);
    assert_eq!(caller.ledger().await["bookings"].as_array().unwrap().len(), 3);
    let refused = caller.post("/moods/swift", "-", json!({"answers": "odd"})).await.unwrap();
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
    assert!(json(refused).await["error"].as_str().unwrap().contains("error_body"));
}

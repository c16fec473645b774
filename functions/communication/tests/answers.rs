//! Answers that no partner should give: each is recognised, named, and handled as one
//! that may have meant a booking.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test says what is wrong by panicking")]
#![allow(clippy::indexing_slicing, reason = "a test says what is wrong by panicking")]

mod support;

use flotilla_task::{ReasonCode, StatusKind};
use serde_json::json;
use support::Fleet;

/// What the partner does, what is said of it, and how many bookings it has made.
const BAD: [(&str, &str, usize); 5] = [
    ("error_body", "status 200 OK with an error: \"the depot is closed\"", 0),
    ("cut", "the answer broke off", 1),
    ("other_booking", "answered for another booking: shipment \"SHP-OF-SOMEBODY-ELSE\"", 1),
    ("redirect", "status 302 Found: redirects to 169.254.169.254, which is not followed", 0),
    ("oversize", "the answer has more than 65536 bytes", 1),
];

/// The call is made again under its key until the answer is one, and there is one
/// booking in the end.
#[tokio::test]
async fn a_bad_answer_of_a_carrier_with_keys_is_named_and_asked_for_again() {
    for (answers, named, made) in BAD {
        let fleet = Fleet::new().await;
        let environment = fleet.environment();
        fleet.mood("swift", json!({"answers": answers})).await;
        let message = fleet.decided("task", "swift").await;
        fleet.deliver(&environment, std::slice::from_ref(&message)).await;
        let record = fleet.record("task").await;
        let reason = record.reason.unwrap().text;
        assert!(reason.contains(named) && reason.contains("swift"), "{answers}: {reason}");
        assert_eq!((record.attempts, record.status.kind()), (1, StatusKind::Pending), "{answers}");
        assert_eq!(fleet.bookings("swift").await.len(), made, "{answers}");
        fleet.mood("swift", json!({"answers": "well"})).await;
        fleet.deliver(&environment, &[message]).await;
        assert_eq!(fleet.through(&["task".to_owned()]).await, 1, "{answers}");
        assert_eq!(fleet.bookings("swift").await.len(), 1, "{answers}");
    }
}

/// Nobody can tell whether it was booked, so nobody books again.
#[tokio::test]
async fn a_bad_answer_of_a_carrier_without_keys_is_named_and_waits_for_a_person() {
    for (answers, named, made) in BAD {
        let fleet = Fleet::new().await;
        fleet.mood("tortoise", json!({"answers": answers})).await;
        let message = fleet.decided("task", "tortoise").await;
        fleet.deliver(&fleet.environment(), &[message]).await;
        let record = fleet.record("task").await;
        assert_eq!(record.status.kind(), StatusKind::Held, "{answers}");
        let reason = record.reason.unwrap();
        assert_eq!(reason.code, ReasonCode::Ambiguous, "{answers}");
        assert!(reason.text.contains(named), "{answers}: {}", reason.text);
        assert_eq!(record.intent.unwrap().effect, "book");
        assert_eq!(fleet.bookings("tortoise").await.len(), made, "{answers}");
    }
}

/// A desk that says yes and no has not been told.
#[tokio::test]
async fn a_notice_whose_answer_is_an_error_is_sent_again() {
    let fleet = Fleet::new().await;
    let environment = fleet.environment();
    fleet.mood("dispatch", json!({"answers": "error_body"})).await;
    let message = fleet.decided("task", "swift").await;
    fleet.deliver(&environment, std::slice::from_ref(&message)).await;
    assert_eq!(fleet.record("task").await.attempts, 1);
    fleet.mood("dispatch", json!({"answers": "well"})).await;
    fleet.deliver(&environment, &[message]).await;
    assert_eq!(fleet.through(&["task".to_owned()]).await, 1);
}

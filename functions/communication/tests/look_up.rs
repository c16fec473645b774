//! A carrier that ignores keys and tells what it has booked answers its own questions.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test says what is wrong by panicking")]
#![allow(clippy::indexing_slicing, reason = "a test says what is wrong by panicking")]

mod support;

use communication::PARTNERS;
use flotilla_task::{Action, Clock, Fence, Intent, Stage, StageMessage, Status, StatusKind};
use serde_json::json;
use std::time::Duration;
use support::{Fleet, Instance};

const SECOND: Duration = Duration::from_secs(1);

fn telling(fleet: &Fleet) -> Instance {
    let look_up = "id = \"tortoise\"\nlook_up = \"{base}/carriers/tortoise/bookings?key={key}\"";
    fleet.environment_of(&PARTNERS.replace("id = \"tortoise\"", look_up))
}

/// The task's one call, whose answer was not one.
async fn unexplained(fleet: &Fleet, environment: &Instance, answers: &str) -> StageMessage {
    let message = fleet.decided("task", "tortoise").await;
    fleet.mood("tortoise", json!({"answers": answers})).await;
    fleet.deliver(environment, std::slice::from_ref(&message)).await;
    fleet.mood("tortoise", json!({"answers": "well"})).await;
    waits(fleet).await;
    message
}

/// Not held, not failed, and what is unknown is on record.
async fn waits(fleet: &Fleet) {
    let record = fleet.record("task").await;
    assert_eq!((&record.status, record.attempts), (&Status::Pending, 0));
    assert_eq!(record.intent.unwrap().effect, "book");
}

#[tokio::test]
async fn a_booking_whose_answer_was_lost_is_looked_up_and_never_made_again() {
    let fleet = Fleet::new().await;
    let environment = telling(&fleet);
    let message = unexplained(&fleet, &environment, "cut").await;
    let calls = fleet.answered("tortoise").await;
    fleet.deliver(&environment, std::slice::from_ref(&message)).await;
    waits(&fleet).await;
    assert_eq!(fleet.answered("tortoise").await, calls, "the call may still be under way");
    fleet.clock.0.advance(10 * SECOND);
    fleet.deliver(&environment, &[message]).await;
    let record = fleet.record("task").await;
    assert_eq!((record.stage, &record.intent), (Stage::State, &None));
    let bookings = fleet.bookings("tortoise").await;
    assert_eq!((bookings.len(), &bookings[0]["requests"]), (1, &json!(1)));
    let reference = bookings[0]["reference"].as_str().unwrap();
    assert!(format!("{:?}", record.payload).contains(reference));
}

/// What died between intent and call left the same question behind.
#[tokio::test]
async fn an_intent_that_a_crash_left_behind_is_looked_up_as_well() {
    let fleet = Fleet::new().await;
    let environment = telling(&fleet);
    let message = fleet.decided("task", "tortoise").await;
    let lease_until = fleet.clock.now().plus(5 * SECOND);
    let claim = Action::Claim { stage: Stage::Communication, lease_until };
    let dead = fleet.write("task", claim).await;
    let intent = Some(Intent { effect: "book".into(), until: fleet.clock.now().plus(2 * SECOND) });
    let (fence, checkpoints) = (Fence::of(&dead), dead.checkpoints.clone());
    fleet.write("task", Action::Checkpoint { fence, checkpoints, intent }).await;
    fleet.clock.0.advance(60 * SECOND);
    fleet.deliver(&environment, &[message]).await;
    waits(&fleet).await;
    assert!(fleet.bookings("tortoise").await.is_empty(), "it is asked, not booked");
    assert_eq!(fleet.answered("tortoise").await, 1);
}

/// That it knows of nothing proves nothing: it is asked ever more rarely, and then a
/// person is.
#[tokio::test]
async fn what_the_carrier_does_not_know_is_looked_up_ever_more_rarely_and_then_held() {
    let fleet = Fleet::new().await;
    let environment = telling(&fleet);
    let message = unexplained(&fleet, &environment, "error_body").await;
    let mut looks = 0;
    while fleet.record("task").await.status == Status::Pending {
        fleet.clock.0.advance(5 * SECOND.max(SECOND * 2_u32.pow(looks)));
        fleet.deliver(&environment, std::slice::from_ref(&message)).await;
        looks += 1;
        assert!(looks < 20);
    }
    assert!((8..14).contains(&looks), "{looks}");
    let record = fleet.record("task").await;
    assert_eq!(record.status.kind(), StatusKind::Held);
    assert!(record.reason.unwrap().text.contains("it knows of no booking"));
    assert_eq!(record.intent.unwrap().effect, "book", "the person knows what is unknown");
    assert!(fleet.bookings("tortoise").await.is_empty(), "and nobody has booked again");
}

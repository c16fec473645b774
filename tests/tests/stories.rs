//! What the `flotilla` command tells of shipments and tasks: by any of their names,
//! in words and for programs, and which of them need a person.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops by panicking"
)]

use flotilla_task::{
    Action, AttemptId, Command, Fence, Outcome, Reason, ReasonCode, StageMessage, TaskId,
    TaskRecord, TaskStore,
};
use flotilla_tests::command_line::flotilla;
use flotilla_tests::{
    Fleet, PATIENCE, cloud_event, fresh, now, order, order_data, task_of, to_processing, tracking,
    until,
};
use serde_json::{Value, json};

/// More than all other tests leave.
const ALL: &str = "1000";

/// A task that waits for a person.
async fn held(fleet: &Fleet, id: &str) -> TaskRecord {
    let data = order_data(&fresh("SHP"), &fresh("BKR"), 60);
    let of = to_processing(data["shipment"].as_str().unwrap(), "flotilla.order.v1", &data);
    let record = fleet.seed(&StageMessage { task: TaskId::new(id).unwrap(), ..of }, now()).await;
    let reason = Reason::new(ReasonCode::Operator, "somebody wants to look at it");
    let action = Action::Hold { fence: Fence::of(&record), reason };
    let by = AttemptId::new(fresh("hold")).unwrap();
    let command = Command { task: record.id, by, now: now(), action };
    match fleet.tasks.apply(&command).await.unwrap() {
        Outcome::Applied(held) => held,
        Outcome::Refused { refusal, .. } => panic!("{refusal:?}"),
    }
}

/// The tasks of a list.
fn ids(document: &Value) -> Vec<&str> {
    let tasks = document["tasks"].as_array().unwrap();
    tasks.iter().map(|task| task["task"].as_str().unwrap()).collect()
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn a_shipment_and_its_tasks_are_told_by_any_of_their_names() {
    let fleet = Fleet::connect().await;
    let (event, shipment, reference) = (fresh("order"), fresh("SHP"), fresh("BKR"));
    let task = task_of(&event, &shipment);
    // Another test here has steady say no.
    let booked = async {
        fleet.ingest(&[order(&event, &shipment, &reference, 60)]).await;
        fleet.completed(&task).await;
    };
    fleet.with_moods(booked).await;
    let booked = fleet.live(&shipment).await[0]["reference"].as_str().unwrap().to_owned();

    let told = flotilla(&["shipment", &shipment]).await;
    let known_as = format!("order, known as booking:{reference}");
    let live = format!("leg main: steady standard {booked} is live");
    for words in [task.as_str(), &known_as, "decided: book steady standard", &live, "--all scans"] {
        assert!(told.said(0).contains(words), "{words}: {told:?}");
    }
    // The command had another name; the carrier's reference is a name of the shipment, too.
    for asked in [
        &["story", shipment.as_str(), "--no-logs", "--json"][..],
        &["shipment", &format!("booking:{reference}"), "--json"],
        &["shipment", &reference, "--json"],
        &["shipment", &booked, "--all", "--json"],
    ] {
        let same = flotilla(asked).await.json(0);
        assert_eq!(same["shipment"], shipment.as_str(), "{asked:?}");
        assert_eq!(same["decisions"][0]["booking"]["reference"], booked.as_str());
        assert_eq!(
            (ids(&same), &same["tasks"][0]["status"]),
            (vec![task.as_str()], &json!("completed"))
        );
    }

    let story = flotilla(&["task", task.as_str()]).await;
    for words in
        [event.as_str(), "  created", "decision       decided", "completed: epoch", &booked]
    {
        assert!(story.said(0).contains(words), "{words}: {story:?}");
    }
    // No failed or held task begins so: it takes the scan.
    let found = flotilla(&["task", &task.as_str()[..10], "--json"]).await.json(0);
    assert_eq!((&found["task"], &found["event"]), (&json!(task), &json!(event)));
    assert_eq!(found["concluded"]["booking"]["reference"], booked.as_str());
    assert!(!found["steps"].as_array().unwrap().is_empty(), "{found}");
    assert!(!told.out.contains("Ada") && !found.to_string().contains("Ada"), "{told:?}");
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn what_is_unknown_or_ambiguous_is_refused_with_what_was_tried() {
    let fleet = Fleet::connect().await;
    let never = "0".repeat(32);
    let (nobody, waits) = (fresh("NOBODY"), fresh("BKR"));
    fleet.ingest(&[tracking(&fresh("track"), &waits, "seen", &json!({}))]).await;
    let parked = until("the event to be parked", PATIENCE, || async {
        let parked = flotilla(&["tasks", "--parked", "--json"]).await.json(0);
        parked.to_string().contains(&waits).then_some(parked)
    })
    .await;
    assert_eq!(parked["what"], "parked");
    assert!(flotilla(&["parked"]).await.said(0).contains(&format!("booking:{waits}: 1 event")));
    for (asked, words) in [
        (&["task", never.as_str()], "it ended and has expired"),
        (&["task", "0a1"], "at least 4 of the digits"),
        (&["shipment", nobody.as_str()], " or booking:NOBODY"),
        (&["shipment", "sscc:12"], "sscc:12: expected an SSCC of 18 digits"),
        (&["shipment", &waits], "events wait for that: 1 of booking:BKR"),
    ] {
        let refused = flotilla(asked).await;
        assert_eq!((refused.code, refused.out.as_str()), (2, ""), "{refused:?}");
        assert!(refused.err.contains(words), "{words}: {refused:?}");
    }

    // Two that begin alike, first among those that need a person, then anywhere.
    let same = format!("{:024x}", fastrand::u64(..));
    let both = [format!("{same}00000001"), format!("{same}00000002")];
    for id in &both {
        held(&fleet, id).await;
    }
    for _ in ["held", "cancelled"] {
        let refused = flotilla(&["task", &same]).await;
        assert_eq!(refused.code, 2, "{refused:?}");
        let listed = format!("begins 2 tasks' ids; give more of it:\n  {}\n  {}", both[0], both[1]);
        assert!(refused.err.contains(&listed), "{refused:?}");
        for id in &both {
            fleet.cancel(&TaskId::new(id).unwrap()).await;
        }
    }
    let cut = flotilla(&["task", &same, "--limit", "1"]).await;
    let one_page = cut.err.contains("begins 2 tasks' ids");
    assert!(cut.code == 2 && (one_page || cut.err.contains("--limit N")), "{cut:?}");
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn what_needs_a_person_is_listed_with_its_reason() {
    let fleet = Fleet::connect().await;
    let (event, shipment) = (fresh("bad"), fresh("SHP"));
    let mut data = order_data(&shipment, &fresh("BKR"), 60);
    data["items"][0]["weight"]["value"] = json!(-3);
    fleet.ingest(&[cloud_event(&event, "flotilla.order.v1", &data)]).await;
    let failed = task_of(&event, &shipment);
    let (stuck, person) = (fleet.seed_stuck().await, held(&fleet, &fresh("held")).await);
    fleet.ended(&failed).await;

    let list = flotilla(&["tasks", "--failed", "--limit", ALL]).await;
    let line = list.line(|line| line.starts_with(failed.as_str()));
    assert!(line.contains("processing") && line.contains("items[0].weight"), "{list:?}");
    assert!(list.said(1).contains("`flotilla retry ID`"), "{list:?}");
    let list = flotilla(&["tasks", "--failed", "--limit", ALL, "--json"]).await.json(1);
    assert!(ids(&list).contains(&failed.as_str()), "{list}");
    let grouped = flotilla(&["tasks", "--failed", "--by-reason", "--json"]).await.json(1);
    let groups = grouped["groups"].as_array().unwrap();
    assert!(groups.iter().any(|group| group["code"] == "invalid_field"), "{grouped}");
    // Nothing of the shipment is remembered, yet its story is told, and its task's.
    for asked in [&["shipment", shipment.as_str()], &["task", failed.as_str()]] {
        let story = flotilla(asked).await;
        assert!(story.said(0).contains("items[0].weight"), "{story:?}");
        assert!(story.out.contains("failed at processing"), "{story:?}");
    }

    let list = flotilla(&["tasks", "--held", "--limit", ALL]).await;
    assert!(list.said(1).contains(person.id.as_str()), "{list:?}");
    let story = flotilla(&["task", person.id.as_str()]).await;
    assert!(story.said(0).contains("somebody wants to look at it (operator)"), "{story:?}");

    let list = flotilla(&["tasks", "--stuck", "--limit", ALL, "--json"]).await.json(1);
    assert!(ids(&list).contains(&stuck.id.as_str()), "{list}");
    assert!(!ids(&list).contains(&person.id.as_str()), "a held task is not stuck: {list}");
    assert!(list["scanned"]["read_units"].as_u64().unwrap() > 0, "{list}");
    let none = flotilla(&["tasks", "--stuck", "--older-than", "10000d"]).await;
    assert!(none.said(0).contains("No task is stuck"), "{none:?}");
    fleet.cancel(&stuck.id).await;
    fleet.cancel(&person.id).await;
    let usage = flotilla(&["tasks"]).await;
    assert!(usage.code == 2 && usage.err.contains("--failed"), "{usage:?}");
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn a_task_says_which_partner_it_waits_for() {
    let fleet = Fleet::connect().await;
    let (event, shipment) = (fresh("order"), fresh("SHP"));
    let task = task_of(&event, &shipment);
    fleet
        .with_moods(async {
            fleet.mood("steady", &json!({"throttle_rate": 1})).await;
            fleet.ingest(&[order(&event, &shipment, &fresh("BKR"), 60)]).await;
            until("the task to say what it waits for", PATIENCE, || async {
                let story = flotilla(&["task", task.as_str()]).await;
                let waits = |line: &str| line.contains("waits: ") && line.contains("steady");
                story.out.lines().any(waits).then_some(())
            })
            .await;
        })
        .await;
    fleet.start_afresh("steady").await;
    fleet.completed(&task).await;
}

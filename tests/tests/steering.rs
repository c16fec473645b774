//! What an operator changes, with the real command against a deployed fleet: tasks held,
//! cancelled, released and retried, dead letters moved and dropped, a person forgotten.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops by panicking"
)]

use flotilla_runtime::records::keys;
use flotilla_runtime::table::key;
use flotilla_task::{
    Action, AttemptId, Checkpoints, Command, Fence, Intent, Outcome, Reason, ReasonCode,
    ShipmentId, StageMessage, StatusKind, TaskId, TaskRecord, TaskStore,
};
use flotilla_tests::command_line::{Ran, flotilla, prepared};
use flotilla_tests::{
    Fleet, PATIENCE, cloud_event, fresh, in_hours, now, order, order_data, task_of,
    to_communication, until,
};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::sync::Mutex;

/// The carrier that books an order promised in 96 hours; it ignores keys.
const KEYLESS: &str = "tortoise";

/// Reading dead letters hides them, so one test at a time reads them.
static LETTERS: Mutex<()> = Mutex::const_new(());

async fn record(fleet: &Fleet, task: &TaskId) -> TaskRecord {
    fleet.tasks.get(task).await.unwrap().unwrap()
}

fn told(ran: &Ran) -> Value {
    let document: Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{ran:?}"));
    document["tasks"][0].clone()
}

/// Nothing of it has been sent, so that whatever happens to it is the operator's doing.
#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn a_held_task_goes_on_when_it_is_released_and_a_cancelled_one_never() {
    let fleet = Fleet::connect().await;
    let seeded = fleet.seed_order(now()).await;
    let id = seeded.id.as_str();
    let hold = ["hold", id, "--reason", "ask first", "--by", "ada"];
    // Nobody is at the terminal.
    let asked = flotilla(&hold).await;
    assert!(asked.err.contains("nobody is there to confirm it; add --yes"), "{asked:?}");
    assert_eq!((asked.code, record(&fleet, &seeded.id).await), (2, seeded.clone()));
    let tried = flotilla(&[&hold[..], &["--dry-run"]].concat()).await;
    assert!(tried.said(0).contains("would be held at processing"), "{tried:?}");
    assert!(tried.err.contains("Nothing was changed"), "{tried:?}");
    assert_eq!(record(&fleet, &seeded.id).await, seeded);
    flotilla(&[&hold[..], &["--yes"]].concat()).await.said(0);
    let held = record(&fleet, &seeded.id).await;
    assert_eq!((held.status.kind(), held.epoch), (StatusKind::Held, seeded.epoch.next()));
    let reason = held.reason.unwrap();
    assert_eq!(
        (reason.code, reason.text.as_str()),
        (ReasonCode::Operator, "operator ada: ask first")
    );
    assert!(held.writer.as_str().starts_with("operator:ada:"), "{}", held.writer);
    // Its message finds a person at it, and ends.
    fleet.send("ProcessingQueueUrl", &StageMessage::stored_in(&seeded).to_json().unwrap()).await;
    let wrong = flotilla(&["retry", id, "--yes"]).await;
    assert!(wrong.said(1).contains(&format!("it is held: `flotilla release {id}`")), "{wrong:?}");
    let unasked = flotilla(&["release", id, "--not-done", "--yes"]).await;
    assert!(unasked.said(1).contains("no call that is unexplained"), "{unasked:?}");
    let released = flotilla(&["release", id, "--yes", "--json"]).await;
    assert_eq!(released.json(0)["done"], 1, "{released:?}");
    assert!(told(&released)["text"].as_str().unwrap().contains("on its way"), "{released:?}");
    fleet.completed(&seeded.id).await;
    assert_eq!(fleet.bookings(seeded.shipment.as_str()).await.len(), 1);
    let over = flotilla(&["cancel", id, "--yes"]).await;
    assert!(over.said(1).contains("it is completed"), "{over:?}");

    let unwanted = fleet.seed_order(now()).await;
    let cancel = ["cancel", unwanted.id.as_str(), "--yes", "--json"];
    assert_eq!(told(&flotilla(&cancel).await)["status"], "cancelled");
    fleet.send("ProcessingQueueUrl", &StageMessage::stored_in(&unwanted).to_json().unwrap()).await;
    assert_eq!(told(&flotilla(&cancel).await)["came"], "already");
    let gone = flotilla(&["release", unwanted.id.as_str(), "--yes"]).await;
    assert!(gone.said(1).contains("was cancelled, and stays so"), "{gone:?}");
    let ended = fleet.tasks.get(&unwanted.id).await.unwrap().unwrap();
    assert_eq!(ended.status.kind(), StatusKind::Cancelled);
    let expires = fleet.item_of(&unwanted.id).await.unwrap()["expires_at"].as_n().unwrap().clone();
    let days = (expires.parse::<u64>().unwrap() - now().as_millis() / 1000).div_ceil(86_400);
    assert_eq!(days, 14 + 14 + 7, "as long as the functions keep what they end");

    let unknown = flotilla(&["cancel", &fresh("task"), "--yes"]).await;
    assert!(unknown.code == 2 && unknown.err.contains("there is no task"), "{unknown:?}");
}

async fn apply(fleet: &Fleet, task: &TaskId, action: Action) -> TaskRecord {
    let by = AttemptId::new(fresh("seed")).unwrap();
    let command = Command { task: task.clone(), by, now: now(), action };
    match fleet.tasks.apply(&command).await.unwrap() {
        Outcome::Applied(record) => record,
        refused @ Outcome::Refused { .. } => panic!("{refused:?}"),
    }
}

async fn fail(fleet: &Fleet, code: ReasonCode) -> TaskRecord {
    let seeded = fleet.seed_order(now()).await;
    let reason = Reason::new(code, "a test");
    apply(fleet, &seeded.id, Action::Fail { fence: Fence::of(&seeded), reason }).await
}

/// Held with a call that may still be under way for a minute.
async fn calling(fleet: &Fleet) -> TaskRecord {
    let seeded = fleet.seed(&to_be_consented(), now()).await;
    let until = now().plus(Duration::from_secs(60));
    let claim = Action::Claim { stage: seeded.stage, lease_until: until };
    let running = apply(fleet, &seeded.id, claim).await;
    let intent = Some(Intent { effect: "book".to_owned(), until });
    let fence = Fence::of(&running);
    let noted = Action::Checkpoint { fence, checkpoints: Checkpoints::new(), intent };
    let calling = apply(fleet, &seeded.id, noted).await;
    let reason = Reason::new(ReasonCode::Operator, "a test");
    apply(fleet, &seeded.id, Action::Hold { fence: Fence::of(&calling), reason }).await
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn failed_tasks_go_on_where_they_failed() {
    let fleet = Fleet::connect().await;
    let one = fail(&fleet, ReasonCode::Horizon).await;
    let retried = flotilla(&["retry", one.id.as_str(), "--yes"]).await;
    assert!(retried.said(0).contains("pending at processing; its message is on its way"));
    fleet.completed(&one.id).await;
    // No other test fails tasks with this reason.
    let several = [fail(&fleet, ReasonCode::Loop).await, fail(&fleet, ReasonCode::Loop).await];
    let all = ["retry", "--failed-with", "loop", "--rate", "50"];
    let tried = until("the index to know both", PATIENCE, || async {
        let tried = flotilla(&[&all[..], &["--dry-run", "--json"]].concat()).await.json(0);
        (tried["tasks"].as_array().unwrap().len() == 2).then_some(tried)
    })
    .await;
    assert_eq!((&tried["done"], &tried["tasks"][0]["came"]), (&json!(0), &json!("planned")));
    for failed in &several {
        assert_eq!(&record(&fleet, &failed.id).await, failed, "it was only tried");
    }
    let done = flotilla(&[&all[..], &["--yes"]].concat()).await;
    assert!(done.said(0).ends_with("2 retried, 0 refused\n"), "{done:?}");
    for failed in &several {
        fleet.completed(&failed.id).await;
    }
    let none = until("the index to forget both", PATIENCE, || async {
        let none = flotilla(&[&all[..], &["--yes"]].concat()).await;
        none.out.contains("No task failed with loop").then_some(none)
    })
    .await;
    none.said(0);
    let typo = flotilla(&["retry", "--failed-with", "lop", "--yes"]).await;
    assert!(typo.code == 2 && typo.err.contains("expected one of `not_json`"), "{typo:?}");
}

async fn ordered(fleet: &Fleet) -> (TaskId, String) {
    let (event, shipment) = (fresh("order"), fresh("SHP"));
    fleet.ingest(&[order(&event, &shipment, &fresh("BKR"), 96)]).await;
    (task_of(&event, &shipment), shipment)
}

/// What is decided says that a person has to consent.
fn to_be_consented() -> StageMessage {
    let decision = json!({
        "action": "hold", "reason": "It is worth a look.", "policy": "default@1",
        "decided_on": 0,
    });
    to_communication("consent", &decision)
}

/// A carrier that ignores keys lost one answer, and failed at another call.
#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn a_word_on_an_unexplained_call_lets_its_task_go_on() {
    let fleet = Fleet::connect().await;
    let consent = to_be_consented();
    fleet.seed(&consent, now()).await;
    fleet.send("CommunicationQueueUrl", &consent.to_json().unwrap()).await;
    let (made, never) = fleet
        .with_moods(async {
            fleet.calm().await;
            fleet.mood(KEYLESS, &json!({"lose_answer_rate": 1})).await;
            let made = ordered(&fleet).await;
            fleet.ended(&made.0).await;
            fleet.mood(KEYLESS, &json!({"lose_answer_rate": 0, "error_rate": 1})).await;
            let never = ordered(&fleet).await;
            fleet.ended(&never.0).await;
            fleet.calm().await;
            (made, never)
        })
        .await;
    let calling = calling(&fleet).await;
    let early = flotilla(&["release", calling.id.as_str(), "--not-done", "--yes"]).await;
    assert!(early.said(1).contains("a call may still be under way: an answer counts from"));
    assert_eq!(record(&fleet, &calling.id).await, calling);
    fleet.cancel(&calling.id).await;
    let asked = flotilla(&["release", made.0.as_str(), "--yes"]).await;
    let asked = asked.said(1);
    assert!(asked.contains("whether its call \"book\" at tortoise happened is unknown"), "{asked}");
    let half = flotilla(&["release", made.0.as_str(), "--done", "TT-1", "--yes"]).await;
    assert!(half.code == 2 && half.err.contains("--cost"), "{half:?}");

    let booking = fleet.bookings(&made.1).await[0].clone();
    let reference = booking["reference"].as_str().unwrap().to_owned();
    let cents = booking["cost_cents"].as_i64().unwrap();
    let cost = format!("{}.{:02}", cents / 100, cents % 100);
    let done =
        ["release", made.0.as_str(), "--done", &reference, "--cost", &cost, "--wait", "--yes"];
    let not_done = ["release", never.0.as_str(), "--not-done", "--wait", "--yes"];
    let consents = ["release", consent.task.as_str(), "--wait", "--yes"];
    let (done, not_done, consents) =
        tokio::join!(flotilla(&done), flotilla(&not_done), flotilla(&consents));
    for ran in [&done, &not_done, &consents] {
        assert!(ran.said(0).contains("its message is on its way"), "{ran:?}");
    }

    let ended = fleet.completed(&made.0).await;
    let logged = fleet.logged(&ended).await;
    assert_eq!(logged["booking"]["reference"], json!(reference));
    assert_eq!(logged["booking"]["cost_cents"], json!(cents));
    assert_eq!(fleet.bookings(&made.1).await.len(), 1, "it was not made again");
    fleet.completed(&never.0).await;
    assert_eq!(fleet.live(&never.1).await.len(), 1, "it was made");
    let ended = fleet.completed(&consent.task).await;
    assert_eq!(fleet.logged(&ended).await["decision"]["action"], "hold");
    fleet.start_afresh(KEYLESS).await;
}

/// The letters of an agent whose bodies hold one of these words, by `flotilla dlq show`.
async fn letters(agent: &str, words: &[&str]) -> Vec<Value> {
    let shown = flotilla(&["dlq", "show", agent, "--limit", "1000", "--json"]).await;
    let document: Value = serde_json::from_str(&shown.out).unwrap_or_else(|_| panic!("{shown:?}"));
    let all = document["letters"].as_array().unwrap().clone();
    let of = |letter: &Value, word: &str| letter["body"].as_str().unwrap().contains(word);
    all.into_iter().filter(|letter| words.iter().any(|word| of(letter, word))).collect()
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn dead_letters_are_told_apart_sent_back_and_dropped() {
    let _one_at_a_time = LETTERS.lock().await;
    let fleet = Fleet::connect().await;
    // A failed task, an open one and one that has moved on.
    let (event, shipment) = (fresh("order"), fresh("SHP"));
    let mut data = order_data(&shipment, &fresh("BKR"), 60);
    data["promised"] = in_hours(-2).into();
    fleet.ingest(&[cloud_event(&event, "flotilla.order.v1", &data)]).await;
    let failed = task_of(&event, &shipment);
    fleet.ended(&failed).await;
    let open = fleet.seed_order(now()).await;
    let done = fleet.seed_order(now()).await;
    fleet.cancel(&done.id).await;
    for seeded in [&open, &done] {
        let message = StageMessage::stored_in(seeded).to_json().unwrap();
        fleet.send("ProcessingDeadLetterQueueUrl", &message).await;
    }
    let ids = [failed.as_str(), open.id.as_str(), done.id.as_str()];
    let found = until("three letters", PATIENCE, || async {
        let found = letters("processing", &ids).await;
        (found.len() == 3).then_some(found)
    })
    .await;
    let of = |task: &TaskId| found.iter().find(|letter| letter["task"] == task.as_str()).unwrap();
    assert_eq!(of(&failed)["standing"], "failed");
    let advice = of(&failed)["what_to_do"].as_str().unwrap();
    assert!(advice.contains(&format!("`flotilla retry {failed}`")), "{advice}");
    assert_eq!(
        (&of(&open.id)["standing"], &of(&done.id)["standing"]),
        (&json!("open"), &json!("done"))
    );
    let listed = flotilla(&["dlq", "list", "processing"]).await;
    let listed = listed.said(1);
    assert!(listed.contains("invalid_field") && listed.contains("none (moved by SQS)"), "{listed}");
    assert!(listed.contains("already done (drop --done)"), "{listed}");

    let redrive = ["dlq", "redrive", "processing", "--rate", "50"];
    let tried = flotilla(&[&redrive[..], &["--dry-run"]].concat()).await;
    assert!(tried.err.contains("Would send") && tried.err.contains("Nothing was changed"));
    assert!(tried.said(1).contains("of failed tasks, which would return"), "{tried:?}");
    assert_eq!(letters("processing", &ids).await.len(), 3);
    assert_eq!(record(&fleet, &open.id).await, open);
    // Letters with a reason are other programs' as well.
    let redriven = flotilla(&[&redrive[..], &["--reason", "none", "--yes"]].concat()).await;
    assert!(redriven.out.contains("back to its queue"), "{redriven:?}");
    fleet.completed(&open.id).await;
    let left = letters("processing", &ids).await;
    assert_eq!(left.len(), 2, "{left:?}");

    let drop = ["dlq", "drop", "processing", "--done", "--reason", "none"];
    assert_eq!(flotilla(&drop).await.code, 2, "nobody confirms");
    assert_eq!(letters("processing", &ids).await.len(), 2);
    let dropped = flotilla(&[&drop[..], &["--yes", "--json"]].concat()).await;
    assert!(dropped.json(0)["dropped"].as_u64().unwrap() >= 1, "{dropped:?}");
    let left = letters("processing", &ids).await;
    assert_eq!((left.len(), &left[0]["task"]), (1, &json!(failed.as_str())), "{left:?}");
    // Retried as it is, it fails as it did, with a letter of its own.
    flotilla(&["retry", failed.as_str(), "--yes"]).await.said(0);
    until("a second letter", PATIENCE, || async {
        (letters("processing", &ids).await.len() == 2).then_some(())
    })
    .await;
    assert_eq!(fleet.ended(&failed).await.status.kind(), StatusKind::Failed);
    let reason = ["--reason", "invalid_field", "--yes"];
    flotilla(&[&["dlq", "drop", "processing"][..], &reason].concat()).await.said(0);
    assert!(letters("processing", &ids).await.is_empty());
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn a_person_is_forgotten_and_what_is_left_is_told() {
    let _one_at_a_time = LETTERS.lock().await;
    let fleet = Fleet::connect().await;
    let (shipment, ordered) = (fresh("SHP"), fresh("order"));
    fleet.ingest(&[order(&ordered, &shipment, &fresh("BKR"), 60)]).await;
    fleet.completed(&task_of(&ordered, &shipment)).await;
    let mut refused = order_data(&shipment, &fresh("BKR"), 60);
    refused["items"] = json!("none");
    fleet.ingest(&[cloud_event(&fresh("order"), "flotilla.order.v1", &refused)]).await;
    let letter = until("the refused order", PATIENCE, || async {
        letters("ingestion", &[&shipment]).await.pop()
    })
    .await;
    let contact = || async {
        let item = key(keys::shipment(&ShipmentId::new(&shipment).unwrap()), keys::CONTACT);
        format!("{:?}", fleet.table.get(item).await.unwrap().unwrap())
    };
    let tried = flotilla(&["forget", &shipment, "--dry-run"]).await;
    assert!(tried.err.contains("Would erase contact.email, contact.name of"), "{tried:?}");
    assert!(contact().await.contains("Ada"));
    let asked = flotilla(&["forget", &shipment, "--yes", "--json"]).await;
    let forgot = asked.json(1);
    assert_eq!(forgot["erased"], json!(["contact.email", "contact.name"]));
    assert_eq!(forgot["letters"], 1, "{forgot}");
    assert!(!contact().await.contains("Ada"));
    assert!(!asked.out.contains("Ada"), "{asked:?}");
    let reason = letter["reason_code"].as_str().unwrap();
    flotilla(&["dlq", "drop", "ingestion", "--reason", reason, "--yes"]).await.said(0);
    let again = flotilla(&["forget", &shipment, "--yes"]).await;
    assert!(again.said(0).contains("nothing personal was on record"), "{again:?}");
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn an_event_is_checked_and_sent_from_a_file_or_standard_input() {
    let fleet = Fleet::connect().await;
    let (event, shipment) = (fresh("order"), fresh("SHP"));
    let body = order(&event, &shipment, &fresh("BKR"), 60);
    let file = std::env::temp_dir().join(fresh("order"));
    std::fs::write(&file, &body).unwrap();
    let tried = flotilla(&["send", file.to_str().unwrap(), "--dry-run", "--json"]).await.json(0);
    assert_eq!(
        (&tried["dry_run"], &tried["events"][0]["shipment"]),
        (&json!(true), &json!(shipment))
    );
    assert!(fleet.tasks.get(&task_of(&event, &shipment)).await.unwrap().is_none(), "only tried");
    let input = std::fs::File::open(&file).unwrap();
    let sent = prepared(&["send", "-"]).stdin(input).output().await.unwrap();
    std::fs::remove_file(file).unwrap();
    assert!(sent.status.success(), "{sent:?}");
    let said = String::from_utf8(sent.stdout).unwrap();
    assert!(said.contains(&format!("Sent order event {event}")), "{said}");
    fleet.completed(&task_of(&event, &shipment)).await;
}

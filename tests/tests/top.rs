//! What an operator looks at: `flotilla status`, and `flotilla top` in a pseudo-terminal
//! against the deployed fleet, key by key.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops by panicking")]

use flotilla_task::Stage;
use flotilla_tests::command_line::flotilla;
use flotilla_tests::terminal::Terminal;
use flotilla_tests::{Fleet, PATIENCE, fresh, order, task_of, until};

const DOWN: &str = "\x1b[B";
const ENTER: &str = "\r";
const ESCAPE: &str = "\x1b";

/// The number in a column of an agent's row.
fn figure(screen: &str, agent: &str, column: usize) -> f64 {
    let row = screen.lines().find(|line| line.starts_with(agent)).unwrap_or_default();
    let cell = row.split_whitespace().nth(column).unwrap_or_default();
    cell.parse().unwrap_or(0.0)
}

/// Sends so many orders, and says which tasks they become.
async fn orders(fleet: &Fleet, count: usize) -> Vec<flotilla_task::TaskId> {
    let (mut bodies, mut tasks) = (Vec::new(), Vec::new());
    for _ in 0..count {
        let (event, shipment) = (fresh("order"), fresh("SHP"));
        bodies.push(order(&event, &shipment, &fresh("BKR"), 60));
        tasks.push(task_of(&event, &shipment));
    }
    fleet.ingest(&bodies).await;
    tasks
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn status_tells_the_same_to_people_and_programs() {
    let fleet = Fleet::connect().await;
    // Something that needs a person.
    let word = fresh("poison");
    fleet.send("IngestionQueueUrl", &format!("{{{word}")).await;
    let told = until("a dead letter to be told", PATIENCE, || async {
        let told = flotilla(&["status", "--json"]).await;
        assert!(told.err.is_empty(), "{told:?}");
        let ingestion = told.json(told.code)["agents"][0].clone();
        (ingestion["dead_letters"].as_u64()? > 0).then_some(told)
    })
    .await;
    let json = told.json(1);
    for (agent, stage) in json["agents"].as_array().unwrap().iter().zip(Stage::ALL) {
        assert_eq!(agent["agent"], stage.as_str(), "{agent}");
        assert_eq!((&agent["polls"], &agent["mapping"]), (&true.into(), &"Enabled".into()));
        assert!(agent["backlog"].is_u64() && agent["recent"].is_object(), "{agent}");
    }
    let partners = json["partners"].as_array().unwrap();
    assert!(partners.iter().any(|one| one["partner"] == "tortoise"), "{partners:?}");
    let needs = json["needs"].as_array().unwrap();
    assert!(needs.iter().any(|need| need["command"] == "flotilla dlq list"), "{needs:?}");
    let text = flotilla(&["status"]).await;
    assert!(text.said(1).contains("dead letter") && !text.out.contains('\x1b'), "{text:?}");
    assert!(text.line(|line| line.starts_with("communication ")).contains("by up to"), "{text:?}");
    for name in ["partners: ", "policy: "] {
        assert!(!text.line(|line| line.starts_with(name)).is_empty(), "{text:?}");
    }
    assert!(!text.out.contains("Nothing needs a person"), "{text:?}");
    fleet.letter("Ingestion", &word).await;
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn top_shows_the_fleet_live_and_leaves_the_terminal_as_it_was() {
    let fleet = Fleet::connect().await;
    let word = fresh("poison");
    fleet.send("IngestionQueueUrl", &format!("{{{word}")).await;
    let mut top = Terminal::start(&["top", "--every", "2s"]);
    let all = |screen: &str| Stage::ALL.iter().all(|stage| screen.contains(stage.as_str()));
    top.shows("every agent", all).await;
    // The numbers move.
    let tasks = orders(&fleet, 30).await;
    top.shows("30 records in a minute", |screen| figure(screen, "ingestion", 5) >= 0.4).await;
    for task in &tasks {
        fleet.completed(task).await;
    }
    top.shows("what state did", |screen| figure(screen, "state", 5) > 0.0).await;
    // Help lies over it, and goes.
    top.press("?");
    top.shows("help", |screen| screen.contains("how fast the backlog grows")).await;
    top.press(ESCAPE);
    top.shows("no help", |screen| !screen.contains("how fast the backlog grows")).await;
    // Into ingestion, and its dead letters.
    top.press(ENTER);
    top.shows("ingestion's dead letters", |screen| {
        screen.contains("dead letters by reason")
            && (screen.contains("not_json") || screen.contains("flotilla dlq list"))
    })
    .await;
    top.press(ESCAPE);
    top.shows("every agent again", all).await;
    top.press(DOWN);
    top.press(DOWN);
    top.press(ENTER);
    top.shows("decision", |screen| screen.contains("decision: ")).await;
    // Another size.
    top.resize(40, 120);
    top.shows("the keys in the last row", |screen| {
        screen.lines().nth(39).is_some_and(|line| line.contains("q quit"))
    })
    .await;
    top.press("p");
    top.shows("that it is paused", |screen| screen.contains("  paused")).await;
    top.press("q");
    assert_eq!(top.ended().await, 0);
    top.is_restored().await;
    fleet.letter("Ingestion", &word).await;
    // Ctrl-C and a signal end it in order as well.
    for by_key in [true, false] {
        let mut top = Terminal::start(&["top"]);
        top.shows("every agent", all).await;
        if by_key {
            top.press("\x03")
        } else {
            top.terminate()
        }
        assert_eq!(top.ended().await, 0);
        top.is_restored().await;
    }
}

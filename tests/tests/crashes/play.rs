//! What happens to a function that stands at its point: it is killed, or it is
//! stopped, overtaken, and goes on.

use crate::ground::Ground;
use crate::rig::{AMPLE, Books, Rig};
use crate::rows::Row;
use crate::seen::Seen;
use crate::story::{Script, Story};
use crate::wire::Wire;
use flotilla_crashpoint::Point;
use flotilla_task::{Action, AttemptId, Command, Stage, Status, TaskStore};
use flotilla_tests::{fresh, now, until};
use flotilla_wire::host::{Caught, Delivery, Environment, Launch, Overrun, Trap};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// Until a point has to be reached.
pub(crate) const REACHED_WITHIN: Duration = Duration::from_secs(60);
/// The one that orders are booked with.
const CARRIER: &str = "steady";
/// The time limit of an invocation whose lease is waited for: it ends two seconds later.
pub(crate) const SHORT: Duration = Duration::from_secs(4);
/// The time limit of one that is overtaken before its lease has lapsed.
pub(crate) const ENDLESS: Duration = Duration::from_secs(600);

/// What is done to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// SIGKILL.
    Killed,
    /// SIGSTOP, until the lease has lapsed and another has done its work; then SIGCONT.
    Stopped,
    /// The same, and the other's clock is ahead: it takes over before the lease
    /// has lapsed, and the one that wakes up has all the time there is.
    Overtaken,
}

/// A row, up to the moment at which the function stands at its point.
pub(crate) struct Standing {
    pub(crate) rig: Rig,
    pub(crate) script: Script,
    pub(crate) wire: Wire,
    pub(crate) mapping: usize,
    pub(crate) environment: Arc<Environment>,
    pub(crate) caught: Caught,
}

/// Plays a row.
pub(crate) async fn play(ground: &Ground, row: Row, way: Way) -> Seen {
    let launch = |launch: Launch| match way {
        // The lease that a killed process leaves behind is waited for.
        Way::Killed => Launch { timeout: SHORT, ..launch },
        Way::Stopped if row.agent.claims() => {
            Launch { timeout: SHORT, overrun: Overrun::GoesOn, ..launch }
        }
        Way::Stopped | Way::Overtaken => {
            Launch { timeout: ENDLESS, overrun: Overrun::GoesOn, ..launch }
        }
    };
    let stood = stand(ground, row, launch).await;
    match way {
        Way::Killed => killed(row, stood).await,
        Way::Stopped | Way::Overtaken => overtaken(row, stood, way).await,
    }
}

/// Brings a function to its point.
pub(crate) async fn stand(
    ground: &Ground,
    row: Row,
    launch: impl Fn(Launch) -> Launch,
) -> Standing {
    let (mut rig, script) = (Rig::raise(ground).await, row.story.script());
    let plain = rig.launch(row.agent);
    if script.before.is_empty() {
        rig.work(Some(row.agent), false);
    } else {
        rig.work(None, false);
        rig.tell(&script.before).await;
        if row.story == Story::Awaited {
            until("the events to be parked", REACHED_WITHIN, || async {
                (rig.books().await.table.parked.len() == script.before.len()).then_some(())
            })
            .await;
        } else {
            rig.settles(&script.before, None).await;
        }
        rig.unmap(row.agent).await;
    }
    let wire = Wire::start(ground).await;
    trouble(&rig, &wire, row, &script).await;
    if row.story == Story::Many {
        // In one invocation, however slowly they come.
        rig.tell(&script.then).await;
        rig.holds(row.agent, script.then.len()).await;
    }
    let trap = Trap::set(row.at, 1).await.unwrap();
    let first =
        launch(plain.clone()).with("AWS_ENDPOINT_URL", &wire.url).with(Trap::VARIABLE, &trap.value);
    let delivery = Delivery { batch: row.story.batch(), twice: false };
    let mapping = rig.map(row.agent, delivery, first, plain);
    match row.story {
        Story::Many => {}
        Story::Stuck => rig.strand(&script.then[0]).await,
        Story::Orders
        | Story::Retried
        | Story::Keyless
        | Story::Late
        | Story::Heavy
        | Story::Wrong
        | Story::Early
        | Story::Awaited => rig.tell(&script.then).await,
    }
    let caught = tokio::time::timeout(REACHED_WITHIN, trap.caught()).await;
    let caught = caught.unwrap_or_else(|_| panic!("the point was never reached\n{}", rig.logs()));
    let (caught, environment) = (caught.unwrap(), rig.mapping(mapping).environment().unwrap());
    assert_eq!((caught.at.as_str(), caught.pid), (row.at.name(), environment.pid));
    rig.mood(CARRIER, &json!({"error_rate": 0})).await;
    Standing { rig, script, wire, mapping, environment, caught }
}

/// What has to go wrong for the point to be reached.
async fn trouble(rig: &Rig, wire: &Wire, row: Row, script: &Script) {
    let shipment = &script.then[0].shipment;
    match (row.story, row.agent) {
        (Story::Retried, Stage::Communication) => {
            rig.mood(CARRIER, &json!({"error_rate": 1})).await;
        }
        (Story::Retried, _) => {
            // As often as the SDK asks.
            let which = if row.agent == Stage::Processing { shipment } else { "" };
            wire.rule(&json!({"do": "fail", "action": "Query", "contains": which, "times": 3}))
                .await;
        }
        // One of the messages is not taken, so its record goes back.
        _ if row.at == Point::GivingBack => {
            let rule =
                json!({"do": "fail_entries", "action": "SendMessageBatch", "contains": shipment});
            wire.rule(&rule).await;
        }
        _ => {}
    }
}

async fn killed(row: Row, stood: Standing) -> Seen {
    let Standing { rig, script, environment, .. } = stood;
    environment.kill().await;
    rig.tell(&script.after).await;
    rig.settles(&script.all(), None).await;
    let mut seen = Seen::of(&rig, &script);
    seen.judge(row.expected(), &rig.books().await, &script, &rig);
    assert_eq!(rig.tally().died, 1, "nobody else dies");
    rig.strike().await;
    seen
}

async fn overtaken(row: Row, stood: Standing, way: Way) -> Seen {
    let Standing { mut rig, script, wire, mapping, environment, caught } = stood;
    environment.stop().await;
    caught.let_go().await.unwrap();
    if way == Way::Overtaken {
        take_over_early(&rig, row.agent, &script).await;
    }
    rig.mapping(mapping).lapse().await.unwrap();
    let plain = rig.launch(row.agent);
    let delivery = Delivery { batch: row.story.batch(), twice: false };
    rig.map(row.agent, delivery, plain.clone(), plain);
    rig.tell(&script.after).await;
    rig.settles(&script.all(), Some(mapping)).await;
    let before = rig.books().await;

    wire.forget().await;
    environment.go_on().await;
    until("the one that was stopped to end", 3 * AMPLE, || async {
        (!rig.mapping(mapping).is_at_work()).then_some(())
    })
    .await;
    rig.settles(&script.all(), None).await;
    let after = rig.books().await;
    let mut seen = Seen::of(&rig, &script);
    seen.refused = wire.refused().await;
    // One that wakes up after its own time limit writes nothing any more; one that
    // has time left does, and is refused.
    if row.has_yet_to_write() && !(way == Way::Stopped && row.agent.claims()) {
        assert!(seen.refused > 0, "its write was not refused\n{}", rig.logs());
    }
    seen.unchanged(&before, &after, &rig);
    seen.judge(row.expected(), &after, &script, &rig);
    rig.strike().await;
    seen
}

/// Takes every task that is claimed at a stage, as one would whose clock is far
/// ahead, and leaves it at once: its own lease is over when others look.
pub(crate) async fn take_over_early(rig: &Rig, stage: Stage, script: &Script) {
    for record in rig.records(&script.all()).await {
        let Status::Running { lease_until } = record.status else { continue };
        let by = AttemptId::new(fresh("ahead")).unwrap();
        let action = Action::Claim { stage, lease_until: now() };
        let now = lease_until.plus(Duration::from_millis(1));
        let command = Command { task: record.id.clone(), by, now, action };
        rig.tasks.apply(&command).await.unwrap();
    }
}

/// The parts of the books that a fenced owner must not touch.
pub(crate) fn untouchable(books: &Books) -> impl PartialEq + std::fmt::Debug {
    let table = &books.table;
    (table.tasks.clone(), table.slots.clone(), table.decisions.clone(), table.parked.clone())
}

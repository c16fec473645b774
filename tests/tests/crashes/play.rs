//! What happens to a function that stands at its point: it is killed, or it is
//! stopped, overtaken, and goes on.

use crate::ground::Ground;
use crate::rig::{AMPLE, Rig};
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

/// A row, up to the moment at which the function stands at its point.
pub(crate) struct Standing {
    pub(crate) rig: Rig,
    pub(crate) script: Script,
    pub(crate) wire: Wire,
    pub(crate) mapping: usize,
    pub(crate) environment: Arc<Environment>,
    pub(crate) caught: Caught,
}

/// Brings a function to its point, in an invocation with that time limit. Who
/// stands there does so for as long as the test wants.
pub(crate) async fn stand(ground: &Ground, row: Row, limit: Duration) -> Standing {
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
    let first = Launch { timeout: limit, overrun: Overrun::GoesOn, ..plain.clone() }
        .with("AWS_ENDPOINT_URL", &wire.url)
        .with(Trap::VARIABLE, &trap.value);
    let delivery = Delivery { batch: row.story.batch(), twice: false };
    let mapping = rig.map(row.agent, delivery, first, plain);
    match row.story {
        Story::Many => {}
        Story::Stuck => rig.strand(&script.then[0]).await,
        Story::Pulled => rig.have_pulled(&script.then).await,
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
            // As often as the SDK asks: for one shipment, or for each order once for the
            // same partition of the lane's statistics.
            let (which, times) = if row.agent == Stage::Processing {
                (shipment.as_str(), 3)
            } else {
                ("#1\"", 3 * script.then.len())
            };
            let rule = json!({"do": "fail", "action": "Query", "contains": which, "times": times});
            wire.rule(&rule).await;
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

/// It is killed (SIGKILL), and its messages come back.
pub(crate) async fn killed(ground: Arc<Ground>, row: Row) -> Seen {
    // The lease that it leaves behind is waited for.
    let Standing { rig, script, environment, wire, caught, .. } = stand(&ground, row, SHORT).await;
    environment.kill().await;
    // It stood until here, for whoever lets go of the line lets it go on.
    drop((caught, wire));
    rig.tell(&script.after).await;
    rig.settles(&script.all(), None).await;
    let mut seen = Seen::of(&rig, &script);
    seen.judge(row.expected(), &rig.books().await, &script, &rig);
    assert_eq!(rig.tally().died, 1, "nobody else dies");
    rig.strike().await;
    seen
}

/// It is stopped (SIGSTOP) until its lease has lapsed and another has done its
/// work, and goes on then (SIGCONT).
pub(crate) async fn stopped(ground: Arc<Ground>, row: Row) -> Seen {
    let limit = if row.has_lease() { SHORT } else { ENDLESS };
    let stood = stand(&ground, row, limit).await;
    stood.environment.stop().await;
    // One with a lease wakes up after its own time limit and writes nothing any more.
    // The others have no lease and all the time there is, so the store refuses them.
    wakes_up(row, stood, row.has_yet_to_write() && !row.has_lease()).await
}

/// The same, and the other's clock is ahead: it takes over before the lease has
/// lapsed, and the one that wakes up has all the time there is.
pub(crate) async fn overtaken(ground: Arc<Ground>, row: Row) -> Seen {
    let stood = stand(&ground, row, ENDLESS).await;
    stood.environment.stop().await;
    take_over_early(&stood.rig, row.agent, &stood.script).await;
    wakes_up(row, stood, row.has_yet_to_write()).await
}

/// Another does the work of one that is stopped. Then that one goes on.
async fn wakes_up(row: Row, stood: Standing, is_refused: bool) -> Seen {
    let Standing { mut rig, script, wire, mapping, environment, caught } = stood;
    caught.let_go().await.unwrap();
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
    assert!(!is_refused || seen.refused > 0, "its write was not refused\n{}", rig.logs());
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

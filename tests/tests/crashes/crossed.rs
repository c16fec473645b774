//! Two at work on the same records, and both fall behind.
//!
//! ```text
//! first   ------> point |stopped            continues ------> ends
//! second                 ------> point |stands                 killed
//! third                                                            ------>
//! ```
//!
//! The first answers within its own time, when its messages are in the second's
//! hand. What it acknowledges is deleted there too, as SQS may do on an old
//! receipt: had it acknowledged what it did not bring to an end, nobody would
//! have a message of that task any more when the second dies.

use crate::ground::Ground;
use crate::play::{ENDLESS, REACHED_WITHIN, SHORT, Standing, stand, take_over_early};
use crate::rig::AMPLE;
use crate::rows::Row;
use crate::seen::Seen;
use crate::story::Story::{self, Keyless, Late, Orders};
use crate::table::Cells;
use flotilla_crashpoint::Point;
use flotilla_task::Stage::{self, Communication, Decision, Ingestion, Processing, State};
use flotilla_tests::until;
use flotilla_wire::host::{Delivery, Launch, Overrun, Trap};
use std::sync::Arc;

/// Where the first stands, and where the second does.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Crossing {
    first: Row,
    second: Point,
}

impl Cells for Crossing {
    fn cells(&self) -> [String; 3] {
        let [agent, at, story] = self.first.cells();
        [agent, format!("{at} / {}", self.second.name()), story]
    }
}

const fn crossing(agent: Stage, at: Point, second: Point, story: Story) -> Crossing {
    Crossing { first: Row { agent, at, story }, second }
}

/// Pairs in which the first wakes up before, at and behind what the second does.
pub(crate) const CROSSINGS: &[Crossing] = &[
    crossing(Ingestion, Point::Taken, Point::Taken, Orders),
    crossing(Ingestion, Point::Registered, Point::Created, Orders),
    crossing(Ingestion, Point::Created, Point::Taken, Orders),
    crossing(Processing, Point::Worked, Point::Taken, Orders),
    crossing(Processing, Point::Worked, Point::Committed, Orders),
    crossing(Processing, Point::Committed, Point::Taken, Orders),
    crossing(Decision, Point::Worked, Point::Worked, Orders),
    crossing(Decision, Point::Taken, Point::Flushing, Orders),
    crossing(Communication, Point::Claimed, Point::Claimed, Orders),
    crossing(Communication, Point::Reserved, Point::Answered, Orders),
    crossing(Communication, Point::Answered, Point::Reserved, Orders),
    crossing(Communication, Point::Answered, Point::Claimed, Keyless),
    crossing(Communication, Point::Cancelled, Point::Cancelled, Late),
    crossing(Communication, Point::Cancelled, Point::Answered, Late),
    crossing(Communication, Point::Settled, Point::Worked, Orders),
    crossing(Communication, Point::Worked, Point::Claimed, Orders),
    crossing(Communication, Point::Worked, Point::Committed, Orders),
    crossing(State, Point::Worked, Point::Remembered, Orders),
    crossing(State, Point::Remembered, Point::Logged, Orders),
    crossing(State, Point::Logged, Point::Worked, Orders),
];

/// Plays a crossing.
pub(crate) async fn cross(ground: Arc<Ground>, crossing: Crossing) -> Seen {
    let row = crossing.first;
    let stood = stand(&ground, row, ENDLESS).await;
    let Standing { mut rig, script, wire, mapping: first, environment, caught } = stood;
    environment.stop().await;
    caught.let_go().await.unwrap();
    take_over_early(&rig, row.agent, &script).await;
    rig.mapping(first).lapse().await.unwrap();

    let trap = Trap::set(crossing.second, 1).await.unwrap();
    let plain = rig.launch(row.agent);
    let armed = Launch { timeout: SHORT, overrun: Overrun::GoesOn, ..plain.clone() }
        .with(Trap::VARIABLE, &trap.value);
    let delivery = Delivery { batch: row.story.batch(), twice: false };
    let second = rig.map(row.agent, delivery, armed, plain);
    let caught = tokio::time::timeout(REACHED_WITHIN, trap.caught()).await;
    let _standing = caught.expect("the second never reached its point").unwrap();

    wire.forget().await;
    environment.go_on().await;
    until("the first to end", 3 * AMPLE, || async {
        (!rig.mapping(first).is_at_work()).then_some(())
    })
    .await;
    let refused = wire.refused().await;
    rig.mapping(second).heed(&rig.mapping(first).stale()).await.unwrap();
    rig.mapping(second).environment().unwrap().kill().await;
    rig.settles(&script.all(), None).await;
    let mut seen = Seen { refused, ..Seen::of(&rig, &script) };
    seen.judge(row.expected(), &rig.books().await, &script, &rig);
    assert_eq!(rig.tally().died, 1, "only the second dies");
    rig.strike().await;
    seen
}

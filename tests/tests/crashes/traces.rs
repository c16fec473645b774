//! Traces of the real functions: a collector is told of orders' way through all five.

use crate::ground::Ground;
use crate::rig::Rig;
use crate::story::{Script, Story};
use flotilla_task::Stage;
use flotilla_tests::{PATIENCE, task_of, until};
use flotilla_wire::collector::{Answers, Collector};
use flotilla_wire::host::Delivery;

const ONE_BY_ONE: Delivery = Delivery { batch: 10, twice: false };
/// What an order's contact is called, and where it lives: `tests/src/events.rs`.
const PERSONAL: [&str; 3] = ["Ada", "example.org", "NLRTM"];

pub(crate) async fn through_five_agents() {
    let ground = Ground::survey().await;
    let collector = Collector::start(Answers::Status(200)).await.unwrap();
    let mut rig = Rig::raise(&ground).await;
    for stage in Stage::ALL {
        // Longer than a loaded machine needs: here a span must not be lost.
        let launch = rig
            .launch(stage)
            .with("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url)
            .with("OTEL_EXPORTER_OTLP_TIMEOUT", "1000");
        rig.map(stage, ONE_BY_ONE, launch.clone(), launch);
    }
    let Script { then, .. } = Story::Orders.script();
    rig.tell(&then).await;
    rig.settles(&then, None).await;
    // The last function answers after its spans have left, and its queue may be empty
    // before.
    let spans = until("the spans of the last step", PATIENCE, || async {
        let spans = collector.spans();
        let last = spans.iter().filter(|span| span.name == Stage::State.as_str()).count();
        (last >= then.len()).then_some(spans)
    })
    .await;
    for told in &then {
        let task = task_of(&told.event, &told.shipment);
        let mut leads = None;
        for stage in Stage::ALL {
            let works: Vec<_> = spans
                .iter()
                .filter(|span| span.name == stage.as_str())
                .filter(|span| {
                    span.attributes.get("flotilla.task").map(String::as_str) == Some(task.as_str())
                })
                .collect();
            assert_eq!(works.len(), 1, "{stage}: {spans:#?}");
            assert_eq!(works[0].parent, leads, "{stage}");
            let calls: Vec<_> =
                spans.iter().filter(|span| span.parent.as_ref() == Some(&works[0].id)).collect();
            assert!(calls.iter().any(|call| call.attributes.contains_key("db.operation.name")));
            let booked = calls.iter().any(|call| call.name.starts_with("POST "));
            assert_eq!(booked, stage == Stage::Communication, "{calls:#?}");
            leads = Some(works[0].id.clone());
        }
    }
    for posted in collector.posted() {
        for word in PERSONAL {
            assert!(!posted.body.contains(word), "{word}: {}", posted.body);
        }
    }
    rig.strike().await;
}

//! Lambda's poller: takes batches of exactly one size, calls an idle environment of the
//! stage, deletes what it acknowledges and takes the rest back.

use super::Error;
use super::queues::{Found, Queues};
use flotilla_task::Stage;
use flotilla_wire::host::{Environment, Outcome, acknowledged, sqs_event};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::task::JoinSet;

/// Polls until no queue holds anything.
pub(super) async fn run(
    queues: &Arc<Queues>,
    stages: &BTreeMap<Stage, Vec<Arc<Environment>>>,
    batch: usize,
) -> Result<(), Error> {
    let mut pollers = JoinSet::new();
    for (stage, environments) in stages {
        for environment in environments {
            pollers.spawn(poll(Arc::clone(queues), *stage, Arc::clone(environment), batch));
        }
    }
    // The first that fails ends the others.
    while let Some(ended) = pollers.join_next().await {
        ended.map_err(std::io::Error::other)??;
    }
    Ok(())
}

async fn poll(
    queues: Arc<Queues>,
    stage: Stage,
    environment: Arc<Environment>,
    size: usize,
) -> Result<(), Error> {
    let arn = format!("arn:aws:sqs:us-east-1:000000000000:{stage}");
    loop {
        // Listens before it looks, so that nothing is missed in between.
        let mut changed = Box::pin(queues.changed.notified());
        changed.as_mut().enable();
        match queues.take(stage, size) {
            Found::Batch(batch) => {
                let event = sqs_event(&arn, &batch).to_string();
                match environment.invoke(event.into_bytes()).await {
                    Outcome::Answered(answer) => {
                        queues.end(stage, &batch, &acknowledged(&batch, &answer));
                    }
                    outcome @ (Outcome::Failed(_)
                    | Outcome::Died(_)
                    | Outcome::TimedOut
                    | Outcome::Late(_)) => {
                        let printed = environment.printed();
                        return Err(Error::Broke { stage, outcome, printed });
                    }
                }
            }
            Found::Nothing(None) => changed.await,
            Found::Nothing(Some(due)) => {
                // Either is a reason to look again.
                let _early_or_due = tokio::time::timeout_at(due.into(), changed).await;
            }
            Found::Over => return Ok(()),
        }
    }
}

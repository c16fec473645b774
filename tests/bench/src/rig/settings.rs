//! How the functions are started: with the variables that `template.yaml` gives them.

use super::queues::MAX_RECEIVES;
use super::wire::{dead_url, url};
use flotilla_task::Stage;
use flotilla_wire::host::{Launch, Overrun};
use flotilla_wire::store::TABLE;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// As long as an invocation may take in the template.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Where the functions find what they call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Around<'a> {
    pub(crate) store: &'a str,
    pub(crate) queues: &'a str,
    pub(crate) partners: &'a str,
    pub(crate) batch: usize,
}

/// The queues that a stage knows besides its own.
const fn knows(stage: Stage) -> &'static [Stage] {
    match stage {
        Stage::Ingestion => &[Stage::Processing],
        Stage::Processing => &[Stage::Decision],
        Stage::Decision => &[Stage::Communication, Stage::State],
        Stage::Communication => &[Stage::State, Stage::Decision],
        Stage::State => &Stage::ALL,
    }
}

/// How to start a stage's function.
pub(crate) fn launch(bootstrap: PathBuf, stage: Stage, around: Around<'_>) -> Launch {
    let mut variables: BTreeMap<String, String> = [
        ("TABLE_NAME", TABLE.to_owned()),
        ("MAX_RECEIVE_COUNT", MAX_RECEIVES.to_string()),
        ("STACK_NAME", "bench".to_owned()),
        ("BATCH_SIZE", around.batch.to_string()),
        ("LOG_LEVEL", "INFO".to_owned()),
        ("QUEUE_URL", url(around.queues, stage)),
        ("DEAD_LETTER_QUEUE_URL", dead_url(around.queues, stage)),
        ("PARTNERS_URL", around.partners.to_owned()),
        ("SOURCES_URL", around.partners.to_owned()),
        ("OUTBOUND_LOOPBACK", "allow".to_owned()),
        ("AWS_ENDPOINT_URL_DYNAMODB", around.store.to_owned()),
        ("AWS_ENDPOINT_URL_SQS", around.queues.to_owned()),
        ("AWS_REGION", "us-east-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", "test".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    for next in knows(stage) {
        let name = format!("{}_QUEUE_URL", next.as_str().to_uppercase());
        variables.insert(name, url(around.queues, *next));
    }
    let function = stage.as_str().to_owned();
    Launch { bootstrap, function, variables, timeout: TIMEOUT, overrun: Overrun::Ends }
}

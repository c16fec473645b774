//! The ingestion function: turns events from outside into tasks, and asks sources
//! for theirs.

use flotilla_runtime::Function;
use flotilla_shipment::places::Places;
use flotilla_shipment::sources::Sources;
use flotilla_task::Stage;
use ingestion::{Ingestion, Intake, Kinds, Puller};
use std::time::Duration;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let function = Function::start(Stage::Ingestion).await?;
    let env = &function.env;
    let days: u64 = env.parse_or("PARKED_DAYS", 14, "a whole number of days")?;
    let sources = env.file("SOURCES_FILE", Sources::parse)?.map_or_else(Sources::bundled, Ok)?;
    let pulled = sources.pulled(env.get("SOURCES_URL").unwrap_or_default());
    let pulls = Puller::of(&function, pulled)?;
    let events = Ingestion {
        records: function.records(),
        queues: function.queues(),
        intake: Intake {
            sources,
            places: env.file("PLACES_FILE", Places::parse)?.map_or_else(Places::bundled, Ok)?,
            horizon: function.settings.horizon,
        },
        patience: Duration::from_secs(days.saturating_mul(86_400)),
        protocol: function.protocol(),
    };
    function.run(Kinds { events, pulls }).await
}

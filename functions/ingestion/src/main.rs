//! The ingestion function: turns events from outside into tasks.

use flotilla_runtime::Function;
use flotilla_shipment::places::Places;
use flotilla_shipment::sources::Sources;
use flotilla_task::Stage;
use ingestion::{Ingestion, Intake};
use std::time::Duration;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let function = Function::start(Stage::Ingestion).await?;
    let env = &function.env;
    let days: u64 = env.parse_or("PARKED_DAYS", 14, "a whole number of days")?;
    let handler = Ingestion {
        records: function.records(),
        queues: function.queues(),
        intake: Intake {
            sources: env.file("SOURCES_FILE", Sources::parse)?.map_or_else(Sources::bundled, Ok)?,
            places: env.file("PLACES_FILE", Places::parse)?.map_or_else(Places::bundled, Ok)?,
            horizon: function.settings.horizon,
        },
        patience: Duration::from_secs(days.saturating_mul(86_400)),
        protocol: function.protocol(),
    };
    function.run(handler).await
}

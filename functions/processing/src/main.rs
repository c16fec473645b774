//! The processing function: validates, normalises and enriches events.

use flotilla_runtime::Function;
use flotilla_runtime::stage::Straight;
use flotilla_shipment::places::Places;
use flotilla_task::{Stage, SystemClock};
use processing::Processing;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let function = Function::start(Stage::Processing).await?;
    let records = function.records();
    let places =
        function.env.file("PLACES_FILE", Places::parse)?.map_or_else(Places::bundled, Ok)?;
    let agent = Processing { records, clock: SystemClock, places };
    let handler = Straight { agent, protocol: function.protocol() };
    function.run(handler).await
}

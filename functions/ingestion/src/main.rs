//! The ingestion function: turns events from outside into tasks.

use flotilla_runtime::Function;
use flotilla_task::Stage;
use ingestion::Ingestion;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let function = Function::start(Stage::Ingestion).await?;
    let handler = Ingestion {
        index: function.records(),
        queues: function.queues(),
        protocol: function.protocol(),
    };
    function.run(handler).await
}

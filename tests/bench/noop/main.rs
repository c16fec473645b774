//! The batch loop around an agent that does nothing. Measured by `bench overhead`.

use flotilla_bench::overhead::noop;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    noop::start().await?.run().await
}

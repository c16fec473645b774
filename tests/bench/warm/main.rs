//! A real function around an agent that does nothing: it starts as all five do. That its
//! first event finds everything warm is a test.

use flotilla_bench::overhead::noop::Noop;
use flotilla_runtime::Function;
use flotilla_runtime::stage::Straight;
use flotilla_task::Agent;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let function = Function::start(Noop::STAGE).await?;
    let handler = Straight { agent: Noop, protocol: function.protocol() };
    function.run(handler).await
}

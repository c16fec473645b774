//! The decision function: applies the policy and says why.

use decision::{Decision, load_policy};
use flotilla_runtime::Function;
use flotilla_runtime::stage::Straight;
use flotilla_shipment::places::Places;
use flotilla_task::Stage;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let function = Function::start(Stage::Decision).await?;
    let lanes = function.records();
    let policy = load_policy(function.env.get("POLICY_FILE"))?;
    let agent = Decision { lanes, policy, places: Places::bundled()? };
    let handler = Straight { agent, protocol: function.protocol() };
    function.run(handler).await
}

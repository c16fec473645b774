//! The decision function: applies the policy and says why.

use decision::Decision;
use flotilla_runtime::Function;
use flotilla_runtime::policy::LivePolicy;
use flotilla_runtime::records::SharedLanes;
use flotilla_runtime::records::keys::LANE_SHARDS;
use flotilla_runtime::stage::Straight;
use flotilla_shipment::places::Places;
use flotilla_shipment::policy::Policy;
use flotilla_task::{Stage, SystemClock};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let function = Function::start(Stage::Decision).await?;
    function.reads_side_by_side(LANE_SHARDS).await;
    let lanes = SharedLanes::new(function.records(), SystemClock);
    let env = &function.env;
    let built_in = env.file("POLICY_FILE", Policy::parse)?.map_or_else(Policy::bundled, Ok)?;
    let places = env.file("PLACES_FILE", Places::parse)?.map_or_else(Places::bundled, Ok)?;
    let policies = LivePolicy::open(env, built_in, SystemClock, || function.signed()).await?;
    let policies = policies.counted_by(&function.meter);
    let agent = Decision { lanes, policies, places };
    let handler = Straight { agent, protocol: function.protocol() };
    function.run(handler).await
}

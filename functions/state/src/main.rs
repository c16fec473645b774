//! The state function: remembers, answers questions, forgets persons and recovers lost tasks.

use flotilla_runtime::Function;
use flotilla_runtime::stage::Straight;
use flotilla_task::Stage;
use state::{Forgetting, Recover, Replies, Retrieve, State, StateHandler};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let function = Function::start(Stage::State).await?;
    let env = &function.env;
    let after = env.seconds_or("RECOVER_AFTER_SECONDS", 21_600)?;
    let replies = Replies(env.list("REPLY_QUEUE_URLS"));
    let agent = State {
        records: function.records(),
        queues: function.queues(),
        ingestion_url: env.require("INGESTION_QUEUE_URL", "the URL of the ingestion queue")?,
    };
    let handler = StateHandler {
        tasks: Straight { agent, protocol: function.protocol() },
        retrieve: Retrieve { records: function.records(), replies: replies.clone() },
        forget: Forgetting { records: function.records(), replies },
        recover: Recover { after, lost: after, reserve: function.settings.margin * 2 },
    };
    function.run(handler).await
}

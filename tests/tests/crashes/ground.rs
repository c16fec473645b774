//! What the deployed stack says: every row of the matrix runs the same functions
//! with the same settings on queues and a table like the stack's, but of its own.

use aws_sdk_dynamodb::types::{BillingMode, GlobalSecondaryIndex};
use aws_sdk_sqs::types::QueueAttributeName;
use flotilla_runtime::table::Table;
use flotilla_task::Stage;
use flotilla_tests::{Fleet, agent, configuration};
use flotilla_wire::host::Queue;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

/// The attributes that a row's queue has from the stack's.
const KEPT: [QueueAttributeName; 3] = [
    QueueAttributeName::VisibilityTimeout,
    QueueAttributeName::MessageRetentionPeriod,
    QueueAttributeName::MaximumMessageSize,
];

/// The stack that is deployed.
pub(crate) struct Ground {
    fleet: Fleet,
    pub(crate) cloud: String,
    pub(crate) sqs: aws_sdk_sqs::Client,
    functions: BTreeMap<Stage, Function>,
}

/// A function as it is deployed.
#[derive(Clone)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) bootstrap: PathBuf,
    pub(crate) variables: BTreeMap<String, String>,
}

/// A queue and its dead-letter queue.
pub(crate) struct Pair {
    pub(crate) live: Queue,
    pub(crate) dead: Queue,
    /// The stack's URLs of both.
    pub(crate) stacks: [String; 2],
}

impl Ground {
    pub(crate) async fn survey() -> Self {
        let fleet = Fleet::connect().await;
        let cloud = std::env::var("AWS_ENDPOINT_URL").unwrap();
        let config = configuration();
        let mut functions = BTreeMap::new();
        for stage in Stage::ALL {
            let name = fleet.output(&format!("{}FunctionName", agent(stage))).to_owned();
            let variables = variables(&cloud, &name).await;
            functions.insert(stage, Function { bootstrap: bootstrap(stage), name, variables });
        }
        Self { fleet, cloud, sqs: aws_sdk_sqs::Client::new(&config), functions }
    }

    /// A function as it is deployed.
    pub(crate) fn function(&self, stage: Stage) -> Function {
        self.functions[&stage].clone()
    }

    /// A queue like the stack's for that agent, with a dead-letter queue behind it.
    pub(crate) async fn queues(&self, stage: Stage, row: &str) -> Pair {
        let name = agent(stage);
        let stacks = ["QueueUrl", "DeadLetterQueueUrl"]
            .map(|kind| self.fleet.output(&format!("{name}{kind}")).to_owned());
        let model = Queue::new(self.sqs.clone(), stacks[0].clone());
        let dead = format!("{row}-{stage}-dead-letter");
        let dead = Queue::create(&self.sqs, &dead, HashMap::new()).await.unwrap();
        let redrive = model.attribute(QueueAttributeName::RedrivePolicy).await.unwrap();
        let mut redrive: Value = serde_json::from_str(&redrive).unwrap();
        let arn = dead.attribute(QueueAttributeName::QueueArn).await.unwrap();
        redrive["deadLetterTargetArn"] = json!(arn);
        let mut attributes =
            HashMap::from([(QueueAttributeName::RedrivePolicy, redrive.to_string())]);
        for name in KEPT {
            attributes.insert(name.clone(), model.attribute(name).await.unwrap());
        }
        let live = Queue::create(&self.sqs, &format!("{row}-{stage}"), attributes).await.unwrap();
        Pair { live, dead, stacks }
    }

    /// An empty table like the stack's.
    pub(crate) async fn table(&self, row: &str) -> Table {
        let model = &self.fleet.table;
        let described = model.client.describe_table().table_name(&model.name).send().await;
        let described = described.unwrap().table.unwrap();
        let indexes = described.global_secondary_indexes().iter().map(|index| {
            GlobalSecondaryIndex::builder()
                .set_index_name(index.index_name.clone())
                .set_key_schema(index.key_schema.clone())
                .set_projection(index.projection.clone())
                .build()
                .unwrap()
        });
        let call = model.client.create_table().table_name(row);
        call.billing_mode(BillingMode::PayPerRequest)
            .set_key_schema(described.key_schema.clone())
            .set_attribute_definitions(described.attribute_definitions.clone())
            .set_global_secondary_indexes(Some(indexes.collect()))
            .send()
            .await
            .unwrap();
        Table { name: row.to_owned(), ..model.clone() }
    }
}

/// The environment that the template gives a function.
async fn variables(cloud: &str, function: &str) -> BTreeMap<String, String> {
    let url = format!("{cloud}/2015-03-31/functions/{function}/configuration");
    // The service is told by the credential's scope; nobody checks the signature here.
    let scope = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/lambda/aws4_request, \
                 SignedHeaders=host, Signature=none";
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client.get(url).header("authorization", scope).send().await.unwrap();
    let said: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    let variables = said["Environment"]["Variables"].as_object().unwrap();
    variables.iter().map(|(k, v)| (k.clone(), v.as_str().unwrap().to_owned())).collect()
}

/// Where the build lays a function's program.
fn bootstrap(stage: Stage) -> PathBuf {
    let build = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.flotilla/build");
    build.join(format!("{}Function/bootstrap", agent(stage))).canonicalize().unwrap()
}

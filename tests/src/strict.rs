//! A DynamoDB inside the test's own process, on loopback: conditions, sizes and
//! types are checked as strictly as by AWS, and nothing has to be deployed.

use aws_sdk_dynamodb::config::{Credentials, Region};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType,
};
use flotilla_runtime::aws;
use flotilla_runtime::meter::Meter;
use flotilla_runtime::records::Records;
use flotilla_runtime::store::DynamoTasks;
use flotilla_runtime::table::Table;
use std::sync::Arc;
use std::time::Duration;

/// The table's name there.
const TABLE: &str = "fleet";
/// How long what has ended is kept.
const HORIZON: Duration = Duration::from_secs(86_400);

/// The running database, with an empty table of the template's shape. It ends
/// with the runtime of the test.
#[derive(Debug)]
pub struct Strict {
    /// Its URL.
    pub url: String,
    /// Its table.
    pub table: Table,
    /// Its tasks.
    pub tasks: DynamoTasks,
    /// Its records of shipments and lanes.
    pub records: Records,
}

impl Strict {
    /// Starts it on a free port.
    pub async fn start() -> Self {
        let database = dynoxide::Database::memory().unwrap();
        let (listener, url) = flotilla_wire::listen(0).await.unwrap();
        tokio::spawn(dynoxide::server::serve_on(listener, database));
        let table = table(&url).await;
        create(&table).await;
        let records = Records::new(table.clone(), HORIZON);
        Self { url, tasks: DynamoTasks::new(table.clone(), HORIZON), records, table }
    }

    /// Its tasks, reached through a proxy in front of it.
    pub async fn tasks_through(&self, proxy: &str) -> DynamoTasks {
        DynamoTasks::new(table(proxy).await, HORIZON)
    }

    /// Its records of shipments and lanes, through a proxy in front of it.
    pub async fn records_through(&self, proxy: &str) -> Records {
        Records::new(table(proxy).await, HORIZON)
    }
}

async fn table(url: &str) -> Table {
    let config = aws::loader()
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .endpoint_url(url)
        .load()
        .await;
    aws::table(&config, TABLE, &Arc::new(Meter::default()))
}

async fn create(table: &Table) {
    let attribute = |name: &str, kind: ScalarAttributeType| {
        AttributeDefinition::builder().attribute_name(name).attribute_type(kind).build().unwrap()
    };
    let key = |name: &str, kind: KeyType| {
        KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap()
    };
    let attention = GlobalSecondaryIndex::builder()
        .index_name("attention")
        .key_schema(key("attention", KeyType::Hash))
        .key_schema(key("attention_at", KeyType::Range))
        .projection(Projection::builder().projection_type(ProjectionType::KeysOnly).build())
        .build()
        .unwrap();
    table
        .client
        .create_table()
        .table_name(&table.name)
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(attribute("pk", ScalarAttributeType::S))
        .attribute_definitions(attribute("sk", ScalarAttributeType::S))
        .attribute_definitions(attribute("attention", ScalarAttributeType::S))
        .attribute_definitions(attribute("attention_at", ScalarAttributeType::N))
        .key_schema(key("pk", KeyType::Hash))
        .key_schema(key("sk", KeyType::Range))
        .global_secondary_indexes(attention)
        .send()
        .await
        .unwrap();
}

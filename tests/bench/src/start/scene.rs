//! What a function needs around it to start and to work: a table, queues and partners.

use super::door::{Certificate, Door};
use super::queues::Queues;
use flotilla_task::Stage;
use flotilla_wire::host::{Launch, Overrun};
use partners::{Moods, World};
use serde_json::json;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::time::Duration;
use tokio::net::TcpListener;

const TABLE: &str = "fleet";

/// All of it, until the process ends.
#[derive(Debug)]
pub struct Scene {
    /// In front of the table.
    pub table: Door,
    /// In front of the queues.
    pub front: Door,
    /// What is sent.
    pub queues: Queues,
    partners: partners::Running,
    trusted: PathBuf,
}

impl Scene {
    /// Sets it up.
    ///
    /// # Errors
    /// When a server cannot start.
    pub async fn set() -> Result<Self, Box<dyn std::error::Error>> {
        let certificate = Certificate::make()?;
        let trusted = std::env::temp_dir().join(format!(
            "flotilla-bench-{}-{:x}.pem",
            std::process::id(),
            fastrand::u64(..)
        ));
        std::fs::write(&trusted, &certificate.pem)?;
        let database = dynoxide::Database::memory()?;
        database.create_table(serde_json::from_value(shape())?)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let table = Door::open(listener.local_addr()?, &certificate).await?;
        tokio::spawn(dynoxide::server::serve_on(listener, database));
        let queues = Queues::start().await?;
        let front = Door::open(queues.address, &certificate).await?;
        let partners = partners::start(World::new(1, Moods::calm())).await?;
        Ok(Self { table, front, queues, partners, trusted })
    }

    /// A stage's queue.
    #[must_use]
    pub fn queue(&self, stage: Stage) -> String {
        format!("{}/123456789012/flotilla-{stage}", self.front.url)
    }

    /// Its dead-letter queue.
    #[must_use]
    pub fn dead_letters(&self, stage: Stage) -> String {
        format!("{}-dead-letter", self.queue(stage))
    }

    /// A program as the function of that stage is deployed.
    #[must_use]
    pub fn launch(&self, stage: Stage, bootstrap: PathBuf) -> Launch {
        let own = self.queue(stage);
        let mut variables: BTreeMap<String, String> = [
            ("TABLE_NAME", TABLE),
            ("STACK_NAME", "flotilla"),
            ("BATCH_SIZE", "10"),
            ("LOG_LEVEL", "INFO"),
            ("QUEUE_URL", &own),
            ("DEAD_LETTER_QUEUE_URL", &self.dead_letters(stage)),
            ("PARTNERS_URL", &self.partners.url),
            ("SOURCES_URL", &self.partners.url),
            ("OUTBOUND_LOOPBACK", "allow"),
            ("AWS_ENDPOINT_URL_DYNAMODB", &self.table.url),
            ("AWS_ENDPOINT_URL_SQS", &self.front.url),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            // Where Linux programs look for whom to trust.
            ("SSL_CERT_FILE", &self.trusted.display().to_string()),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
        for next in Stage::ALL {
            let name = format!("{}_QUEUE_URL", next.as_str().to_uppercase());
            variables.insert(name, self.queue(next));
        }
        Launch {
            bootstrap,
            function: format!("flotilla-{stage}"),
            variables,
            timeout: Duration::from_secs(30),
            overrun: Overrun::Ends,
        }
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        // It lies where temporary files are cleared away in any case.
        let _gone = std::fs::remove_file(&self.trusted);
    }
}

/// The table as `template.yaml` has it.
fn shape() -> serde_json::Value {
    json!({
        "TableName": TABLE,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
            {"AttributeName": "attention", "AttributeType": "S"},
            {"AttributeName": "attention_at", "AttributeType": "N"},
        ],
        "KeySchema": [
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        "GlobalSecondaryIndexes": [{
            "IndexName": "attention",
            "KeySchema": [
                {"AttributeName": "attention", "KeyType": "HASH"},
                {"AttributeName": "attention_at", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        }],
    })
}

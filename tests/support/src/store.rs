//! A DynamoDB inside this process, on loopback and on a thread of its own: conditions,
//! sizes and types are checked as strictly as by AWS, and nothing has to be deployed.

use dynoxide::Database;
use serde_json::json;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use tokio::sync::oneshot;

/// The name of its table.
pub const TABLE: &str = "fleet";

/// The thread's name, by which its processor time is found.
pub const THREAD: &str = "store";

/// The running database, with an empty table of the template's shape, until it is
/// dropped.
#[derive(Debug)]
pub struct Store {
    /// Its URL.
    pub url: String,
    /// Told when it is dropped.
    _stop: oneshot::Sender<()>,
}

impl Store {
    /// Starts it on a free port.
    ///
    /// # Errors
    /// When there is no port or no thread for it, or the database does not take the table.
    pub fn start() -> io::Result<Self> {
        let database = Database::memory().map_err(io::Error::other)?;
        let table = serde_json::from_value(table())?;
        database.create_table(table).map_err(io::Error::other)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let url = format!("http://{}", listener.local_addr()?);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let serve = async move {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            let stop = async {
                // It is dropped, never sent.
                let _gone = stopped.await;
            };
            let served = dynoxide::server::serve_with_shutdown(listener, database, stop).await;
            served.map_err(io::Error::other)
        };
        std::thread::Builder::new().name(THREAD.to_owned()).spawn(move || {
            if let Err(error) = runtime.block_on(serve) {
                tracing::error!(%error, "the store had to end");
            }
        })?;
        Ok(Self { url, _stop: stop })
    }
}

/// As `template.yaml` has it.
fn table() -> serde_json::Value {
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

//! A DynamoDB inside this process, on loopback and on a thread of its own: conditions,
//! sizes and types are checked as strictly as by AWS, and nothing has to be deployed.

use crate::own_thread::OwnThread;
use dynoxide::Database;
use serde_json::json;
use std::io;

/// The name of its table.
pub const TABLE: &str = "fleet";

/// The thread's name, by which its processor time is found.
pub const THREAD: &str = "store";

/// Starts it on a free port, with an empty table of the template's shape.
///
/// # Errors
/// When there is no port or no thread for it, or the database does not take the table.
pub fn start() -> io::Result<OwnThread> {
    let database = Database::memory().map_err(io::Error::other)?;
    let table = serde_json::from_value(table())?;
    database.create_table(table).map_err(io::Error::other)?;
    OwnThread::serve(THREAD, |listener, stopped| async {
        let served = dynoxide::server::serve_with_shutdown(listener, database, stopped).await;
        served.map_err(io::Error::other)
    })
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

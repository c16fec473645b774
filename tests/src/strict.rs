//! A DynamoDB inside the test's own process, as the runtime sees it: nothing has to be
//! deployed.

use aws_sdk_dynamodb::config::{Credentials, Region, SharedCredentialsProvider};
use flotilla_runtime::aws;
use flotilla_runtime::meter::Meter;
use flotilla_runtime::records::Records;
use flotilla_runtime::store::DynamoTasks;
use flotilla_runtime::table::Table;
use flotilla_wire::own_thread::OwnThread;
use flotilla_wire::store::{self, TABLE};
use std::sync::Arc;
use std::time::Duration;

/// How long what has ended is kept.
const HORIZON: Duration = Duration::from_secs(86_400);

/// The running database, with an empty table of the template's shape. It ends
/// with this.
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
    _store: OwnThread,
}

impl Strict {
    /// Starts it on a free port.
    pub fn start() -> Self {
        flotilla_runtime::tls::install();
        let store = store::start().unwrap();
        let url = store.url();
        let table = table(&url);
        let records = Records::new(table.clone(), HORIZON);
        Self { url, _store: store, tasks: DynamoTasks::new(table.clone(), HORIZON), records, table }
    }

    /// Its tasks, reached through a proxy in front of it.
    pub fn tasks_through(&self, proxy: &str) -> DynamoTasks {
        DynamoTasks::new(table(proxy), HORIZON)
    }

    /// Its records of shipments and lanes, through a proxy in front of it.
    pub fn records_through(&self, proxy: &str) -> Records {
        Records::new(table(proxy), HORIZON)
    }
}

fn table(url: &str) -> Table {
    let credentials = Credentials::new("test", "test", None, None, "test");
    let config = aws::limits()
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(url)
        .build();
    aws::table(&config, TABLE, &Arc::new(Meter::default()))
}

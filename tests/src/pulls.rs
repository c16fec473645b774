//! How far a fleet has read its sources.

use crate::{Fleet, PATIENCE, until};
use flotilla_runtime::records::keys;
use flotilla_runtime::table::key;
use flotilla_shipment::pull::Cursor;
use flotilla_shipment::pull::ports::Cursors;
use flotilla_task::Source;
use serde_json::json;

impl Fleet {
    /// A source's cursor.
    pub async fn cursor(&self, source: &str) -> Cursor {
        self.records.cursor(&Source::new(source).unwrap()).await.unwrap()
    }

    /// Calls for a pull of a source.
    pub async fn pull(&self, source: &str) {
        let call = json!({"specversion": "1.0", "id": "pull", "source": "urn:flotilla:test",
            "type": "flotilla.pull.v1", "data": {"source": source}, "subject": source});
        self.send("IngestionQueueUrl", &call.to_string()).await;
    }

    /// Waits until a source was pulled to its end.
    pub async fn pulled(&self, source: &str) -> Cursor {
        until(&format!("{source} to be pulled"), PATIENCE, || async {
            let cursor = self.cursor(source).await;
            (cursor.run.is_none() && cursor.finished.is_some()).then_some(cursor)
        })
        .await
    }

    /// As if a source had never been pulled.
    pub async fn forget_pulls(&self, source: &str) {
        let source = keys::source(&Source::new(source).unwrap());
        self.table.delete(key(source, keys::CURSOR)).await.unwrap();
    }
}

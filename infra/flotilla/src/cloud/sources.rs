//! How far the fleet has read its sources.

use super::Cloud;
use crate::error::Error;
use aws_sdk_dynamodb::types::AttributeValue;
use flotilla_shipment::pull::Cursor;
use flotilla_task::Source;

impl Cloud {
    /// A source's cursor; none where it was never pulled, or a newer release wrote it.
    ///
    /// # Errors
    /// [`Error::Environment`] when DynamoDB does not answer.
    pub async fn cursor(&self, source: &Source) -> Result<Option<Cursor>, Error> {
        let table = self.stack.table()?;
        let answer = self
            .dynamo
            .get_item()
            .table_name(table)
            .key("pk", AttributeValue::S(format!("SOURCE#{source}")))
            .key("sk", AttributeValue::S("CURSOR".to_owned()))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| Error::aws(&format!("reading {table}"), &error))?;
        let item = answer.item.unwrap_or_default();
        let doc = item.get("doc").and_then(|doc| doc.as_s().ok());
        Ok(doc.and_then(|doc| serde_json::from_str(doc).ok()))
    }
}

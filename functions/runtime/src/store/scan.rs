//! The recovery scan: open tasks, page by page.

use super::DynamoTasks;
use super::item::{TASK_SORT, from_item};
use crate::table::item::text;
use crate::table::{key, names_in, unavailable};
use crate::trace;
use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use flotilla_task::{Pauses, StatusKind, StoreError, Stuck, TaskRecord};

/// Items looked at in one page, found or not: a page of 1 KiB items costs about
/// 63 read units, whatever the filter leaves.
const PAGE_ITEMS: i32 = 500;

impl Stuck for DynamoTasks {
    /// Where the next page starts is a `pk|sk` pair, because the scan passes
    /// items of every kind.
    async fn open_tasks(
        &self,
        after: Option<String>,
    ) -> Result<(Vec<TaskRecord>, Option<String>), StoreError> {
        let start = after.as_deref().and_then(|after| after.rsplit_once('|'));
        let filter = "#sk = :task AND (#status = :pending OR #status = :running)";
        let call = self
            .table
            .client
            .scan()
            .table_name(&self.table.name)
            .limit(PAGE_ITEMS)
            .filter_expression(filter)
            .set_expression_attribute_names(Some(names_in(&[filter])))
            .expression_attribute_values(":task", text(TASK_SORT))
            .expression_attribute_values(":pending", text(StatusKind::Pending.as_str()))
            .expression_attribute_values(":running", text(StatusKind::Running.as_str()))
            .set_exclusive_start_key(start.map(|(pk, sk)| key(pk, sk)))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let output =
            trace::store("Scan", &self.table.name, call.send()).await.map_err(unavailable)?;
        self.table.meter.read(output.consumed_capacity());
        let mut open = Vec::new();
        for item in output.items() {
            match from_item(item) {
                Ok(record) => open.push(record),
                // One item that cannot be read must not end the scan of all others.
                Err(error) => tracing::error!(%error, "recovery skips an item"),
            }
        }
        let last = output.last_evaluated_key.as_ref();
        let part = |name: &str| last?.get(name)?.as_s().ok().map(String::as_str);
        Ok((open, part("pk").zip(part("sk")).map(|(pk, sk)| format!("{pk}|{sk}"))))
    }

    async fn pauses(&self) -> Result<Pauses, StoreError> {
        self.pauses_for_recovery().await
    }
}

//! What a row's table, dead-letter queues and partners say.

use super::Rig;
use flotilla::books::{TableBook, WorldBook, items};
use std::time::Duration;

/// What the table and the partners say.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Books {
    pub(crate) table: TableBook,
    pub(crate) world: WorldBook,
}

impl Books {
    /// The parts that a fenced owner must not touch.
    pub(crate) fn untouchable(&self) -> impl PartialEq + std::fmt::Debug {
        let table = &self.table;
        (table.tasks.clone(), table.slots.clone(), table.decisions.clone(), table.parked.clone())
    }
}

impl Rig {
    /// What the table and the partners say now.
    pub(crate) async fn books(&self) -> Books {
        let mut table = TableBook::default();
        let (client, name) = (&self.table.client, &self.table.name);
        let scan = client.scan().table_name(name).consistent_read(true);
        for item in scan.send().await.unwrap().items() {
            items::file(item, &mut table).unwrap();
        }
        table.tasks.sort_by(|a, b| a.id.cmp(&b.id));
        table.slots.sort_by(|a, b| a.shipment.cmp(&b.shipment));
        table.decisions.sort_by(|a, b| a.task.cmp(&b.task));
        table.parked.sort_by(|a, b| (&a.identifier, &a.event).cmp(&(&b.identifier, &b.event)));
        for (stage, pair) in &self.queues {
            if pair.dead.depth().await.unwrap().is_empty() {
                continue;
            }
            let letters = pair.dead.receive(100, Duration::from_secs(1)).await.unwrap();
            let filed = letters.iter().map(|letter| items::dead_letter(*stage, letter));
            table.dead_letters.extend(filed);
            pair.dead.show(&letters).await.unwrap();
        }
        let ledger = self.http.get(format!("{}/ledger", self.world.url)).send().await.unwrap();
        let world = serde_json::from_slice(&ledger.bytes().await.unwrap()).unwrap();
        Books { table, world }
    }
}

//! Lane statistics, read.

use super::{Records, keys};
use crate::table::item::{Fields, Item};
use flotilla_shipment::lane::{LaneStats, lane};
use flotilla_shipment::places::Place;
use flotilla_shipment::ports::Lanes;
use flotilla_task::StoreError;

impl Lanes for Records {
    async fn lane(
        &self,
        origin: &Place,
        destination: &Place,
    ) -> Result<Vec<LaneStats>, StoreError> {
        let (pk, to) = (keys::lane(&lane(origin, destination)), keys::after(keys::CARRIER));
        let items = self.table.between(pk, keys::CARRIER, &to).await?;
        items.iter().map(from_item).collect()
    }
}

fn from_item(item: &Item) -> Result<LaneStats, StoreError> {
    let fields = Fields(item);
    let sort = fields.text("sk")?;
    let name = sort.strip_prefix(keys::CARRIER).unwrap_or(sort);
    let (carrier, service) = name.split_once('#').unwrap_or((name, ""));
    Ok(LaneStats {
        carrier: carrier.to_owned(),
        service: service.to_owned(),
        count: fields.number("count")?,
        on_time: fields.number("on_time")?,
        minutes: fields.number("minutes")?,
        minutes_sq: fields.number("minutes_sq")?,
        cost_cents: fields.number("cost_cents")?,
    })
}

//! Lane statistics, read: a query of each partition of the lane for exactly the
//! weeks that count, whatever has not expired yet. Their sums stand side by side.

use super::{Records, keys};
use crate::table::item::{Fields, Item, wrong};
use flotilla_shipment::lane::{LaneStats, Sums, lane};
use flotilla_shipment::places::Place;
use flotilla_shipment::ports::Lanes;
use flotilla_shipment::week::Week;
use flotilla_task::StoreError;
use futures_util::future::try_join_all;
use std::ops::RangeInclusive;

impl Lanes for Records {
    async fn lane(
        &self,
        origin: &Place,
        destination: &Place,
        weeks: RangeInclusive<Week>,
    ) -> Result<Vec<LaneStats>, StoreError> {
        let (from, to) = (keys::week(*weeks.start()), keys::after(&keys::week(*weeks.end())));
        // What was learned within the last second changes no decision.
        let name = lane(origin, destination);
        let shards = keys::lanes(&name).map(|pk| self.table.lately(pk, &from, &to));
        let shards = try_join_all(shards).await?;
        shards.iter().flatten().map(from_item).collect()
    }
}

fn from_item(item: &Item) -> Result<LaneStats, StoreError> {
    let fields = Fields(item);
    let sort = fields.text("sk")?;
    let name = || {
        let mut parts = sort.strip_prefix(keys::WEEK)?.splitn(3, '#');
        let week = parts.next()?.parse::<Week>().ok()?;
        Some((week, parts.next()?.to_owned(), parts.next()?.to_owned()))
    };
    let (week, carrier, service) = name().ok_or_else(|| wrong("sk", sort))?;
    let sums = Sums {
        count: fields.number("count")?,
        on_time: fields.number("on_time")?,
        minutes: fields.number("minutes")?,
        pace: fields.number("pace")?,
        pace_sq: fields.number("pace_sq")?,
        cost_cents: fields.number("cost_cents")?,
        quoted_cents: fields.number("quoted_cents")?,
    };
    Ok(LaneStats { carrier, service, week, sums })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::item::{number, text};

    fn item(sort: &str) -> Item {
        let mut item = Item::from([("sk".to_owned(), text(sort))]);
        for (at, name) in
            ["count", "on_time", "minutes", "pace", "pace_sq", "cost_cents", "quoted_cents"]
                .iter()
                .enumerate()
        {
            item.insert((*name).to_owned(), number(at));
        }
        item
    }

    #[test]
    fn a_weeks_sums_are_read_under_the_key_they_are_written_under() {
        let week: Week = "2026W05".parse().unwrap();
        let stats = from_item(&item(&keys::carrier_week(week, "steady", "express"))).unwrap();
        assert_eq!((stats.carrier.as_str(), stats.service.as_str()), ("steady", "express"));
        assert_eq!((stats.week, stats.sums.count, stats.sums.quoted_cents), (week, 0, 6));
    }

    #[test]
    fn a_key_that_is_none_is_named() {
        for bad in ["WEEK#2026W05#steady", "WEEK#2026W99#steady#express", "CARRIER#steady#express"]
        {
            let error = from_item(&item(bad)).unwrap_err();
            assert!(
                matches!(&error, StoreError::Unreadable(why) if why.starts_with("sk: ")),
                "{error}"
            );
        }
    }
}

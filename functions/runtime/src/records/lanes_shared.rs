//! Lane statistics, read once for many: the decisions that one environment makes
//! about a lane within a second share one read, so a surge on one lane costs its
//! partitions no more reads than there are environments.

use flotilla_shipment::lane::{LaneStats, lane};
use flotilla_shipment::places::Place;
use flotilla_shipment::ports::Lanes;
use flotilla_shipment::week::Week;
use flotilla_task::{Clock, StoreError, Timestamp};
use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::OnceCell;

/// What was learned within that time changes no decision: the read itself may be
/// as old, because it is eventually consistent.
const LATELY: Duration = Duration::from_secs(1);

/// Lanes that are read once a second at most. What one caller is reading, the
/// others wait for; if it fails, each of them reads.
#[derive(Debug)]
pub struct SharedLanes<L, C> {
    lanes: L,
    clock: C,
    reads: Mutex<HashMap<Asked, Read>>,
}

type Asked = (String, RangeInclusive<Week>);

#[derive(Debug, Clone)]
struct Read {
    begun: Timestamp,
    found: Arc<OnceCell<Vec<LaneStats>>>,
}

impl<L, C: Clock> SharedLanes<L, C> {
    /// Shares what these lanes answer.
    pub fn new(lanes: L, clock: C) -> Self {
        Self { lanes, clock, reads: Mutex::default() }
    }

    /// The read that this caller shares. Those of earlier seconds are let go.
    fn read(&self, asked: Asked) -> Arc<OnceCell<Vec<LaneStats>>> {
        let now = self.clock.now();
        // Nothing panics while it is held; if it did, the reads would still be whole.
        let mut reads = self.reads.lock().unwrap_or_else(PoisonError::into_inner);
        reads.retain(|_, read| now < read.begun.plus(LATELY));
        let read = reads.entry(asked).or_insert_with(|| Read { begun: now, found: Arc::default() });
        Arc::clone(&read.found)
    }
}

impl<L: Lanes, C: Clock> Lanes for SharedLanes<L, C> {
    async fn lane(
        &self,
        origin: &Place,
        destination: &Place,
        weeks: RangeInclusive<Week>,
    ) -> Result<Vec<LaneStats>, StoreError> {
        let read = self.read((lane(origin, destination), weeks.clone()));
        let found = read.get_or_try_init(|| self.lanes.lane(origin, destination, weeks)).await?;
        Ok(found.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flotilla_task::clock::ManualClock;
    use futures_util::future::join_all;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// Counts its reads; the first fails.
    #[derive(Default)]
    struct Counted(AtomicU64);

    impl Lanes for Counted {
        async fn lane(
            &self,
            _: &Place,
            _: &Place,
            _: RangeInclusive<Week>,
        ) -> Result<Vec<LaneStats>, StoreError> {
            let earlier = self.0.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            if earlier == 0 {
                return Err(StoreError::Unreadable("the first one".to_owned()));
            }
            Ok(Vec::new())
        }
    }

    fn weeks(from: &str) -> RangeInclusive<Week> {
        from.parse().unwrap()..="2026W20".parse().unwrap()
    }

    #[tokio::test]
    async fn decisions_about_one_lane_share_a_read_for_a_second() {
        let lanes = SharedLanes::new(Counted::default(), ManualClock::default());
        let place = |code: &str| code.parse::<Place>().unwrap();
        let (here, there) = (place("NLRTM"), place("DEBER"));
        let read = |weeks| lanes.lane(&here, &there, weeks);
        let count = || lanes.lanes.0.load(Ordering::Relaxed);

        let ten = join_all((0..10).map(|_| read(weeks("2026W10")))).await;
        assert_eq!(ten.iter().filter(|one| one.is_err()).count(), 1, "the next one reads");
        assert_eq!(count(), 2);

        lanes.clock.advance(Duration::from_millis(999));
        read(weeks("2026W10")).await.unwrap();
        assert_eq!(count(), 2);
        read(weeks("2026W11")).await.unwrap();
        lanes.lane(&there, &here, weeks("2026W10")).await.unwrap();
        assert_eq!(count(), 4, "other weeks, and the other way");

        lanes.clock.advance(Duration::from_millis(1));
        read(weeks("2026W10")).await.unwrap();
        assert_eq!(count(), 5);
        assert_eq!(lanes.reads.lock().unwrap().len(), 3, "the two of later are still kept");
        lanes.clock.advance(Duration::from_secs(5));
        read(weeks("2026W10")).await.unwrap();
        assert_eq!(lanes.reads.lock().unwrap().len(), 1, "old ones are let go");
    }
}

//! Events that nobody knows yet whose they are: parked, looked at once more, and
//! given up when nobody has said it in time.

use crate::Ingestion;
use crate::SIDE_BY_SIDE;
use crate::intake::{Came, invalid};
use crate::resolve::{Resolved, resolve};
use flotilla_crashpoint::{Point, reach};
use flotilla_runtime::batch::{Call, Handled};
use flotilla_runtime::parking::expire;
use flotilla_runtime::queue::Queues;
use flotilla_shipment::identifier::Identifier;
use flotilla_shipment::inbound::without_free_text;
use flotilla_shipment::ports::{Loads, Parked, Parking};
use flotilla_task::{Clock, Failure, ShipmentId, StoreError, Timestamp};
use futures_util::{StreamExt, TryStreamExt, stream};
use std::collections::BTreeSet;
use std::future::Future;

/// Looks at an event's loads before it is tried again later. A second look finds
/// what came between; a third is rare.
const LOOKS: usize = 5;

impl<I: Loads + Parking, Q: Queues, S, C: Clock> Ingestion<I, Q, S, C> {
    /// The shipments that an event about loads concerns. Under every load of
    /// which nobody knows whose it is, the event is parked; under every load that
    /// holds others it is kept. Then those loads are looked up once more, because an
    /// order or a packing event may have come, and sent back what was there, just
    /// before; until a look finds nothing new. So an event finds its shipments
    /// whichever comes first.
    ///
    /// A packing event is kept like any other: what it names may hold more than is
    /// known yet, even while it is being told. An event without a sound time is
    /// not, as there is no time to keep it under.
    pub(crate) async fn concerned(
        &self,
        call: Call<'_>,
        came: &Came,
        loads: &[Identifier],
    ) -> Result<BTreeSet<ShipmentId>, Failure> {
        let keeps = came.is_sound;
        let mut found = resolve(&self.records, loads, came.at).await?;
        let settled = found.unknown.is_empty() && (found.holders.is_empty() || !keeps);
        // The rest of an event's shipments: its first message has parked and kept it.
        let goes_on = call.envelope.after.is_some();
        if goes_on || (settled && call.incoming.receives == 1) {
            return Ok(found.shipments);
        }
        let event = Parked {
            source: came.source.clone(),
            event: came.event.clone(),
            body: without_free_text(&call.incoming.body).map_err(|error| invalid(&error))?,
            parked_at: self.protocol.clock.now(),
        };
        let (mut parked, mut kept) = (BTreeSet::new(), BTreeSet::new());
        for _ in 0..LOOKS {
            let park: Vec<_> = found.unknown.difference(&parked).cloned().collect();
            let holders = found.holders.difference(&kept).filter(|_| keeps);
            let keep: Vec<_> = holders.cloned().collect();
            if park.is_empty() && keep.is_empty() {
                self.forget(call, &found, &parked, &event).await?;
                return Ok(found.shipments);
            }
            let (records, copy) = (&self.records, &event);
            each(&park, |load| async move { records.park(&load, copy).await }).await?;
            each(&keep, |load| async move { records.keep(&load, copy, came.at).await }).await?;
            reach(Point::Parked);
            let again = park.iter().chain(&keep).cloned().collect();
            parked.extend(park);
            kept.extend(keep);
            found.look(&self.records, again, came.at).await?;
        }
        Err(Failure::retry("what is in its loads changes all the time"))
    }

    /// Forgets the parked copies of loads that are known by now: the message in
    /// hand is worked on, and is not acknowledged before its tasks' messages have
    /// left. On a redelivery also those of a try that ended between.
    async fn forget(
        &self,
        call: Call<'_>,
        found: &Resolved,
        parked: &BTreeSet<Identifier>,
        event: &Parked,
    ) -> Result<(), Failure> {
        let may_be_parked = if call.incoming.receives > 1 { &found.seen } else { parked };
        let known: Vec<_> = may_be_parked.difference(&found.unknown).cloned().collect();
        let records = &self.records;
        each(&known, |load| async move { records.unpark(&load, event).await }).await?;
        self.protocol.meter.parked.add(u64::from(!found.unknown.is_empty()));
        for load in &found.unknown {
            tracing::info!(event = %event.event, %load, "parked until it is known whose it is");
        }
        Ok(())
    }

    /// Gives up what has waited too long, some at a time: the next come with a
    /// next message.
    pub(crate) async fn expire(&self) -> Result<Handled, Failure> {
        let now = self.protocol.clock.now();
        let patience = u64::try_from(self.patience.as_millis()).unwrap_or(u64::MAX);
        let before = Timestamp::from_millis(now.as_millis().saturating_sub(patience));
        let url = &self.protocol.settings.dead_letter_url;
        let given_up = expire(&self.records, &self.queues, url, before).await?;
        self.protocol.meter.expired.add(given_up as u64);
        tracing::info!(given_up, "looked for events that waited too long");
        if given_up == 0 {
            return Ok(Handled::DONE);
        }
        let next = self.protocol.router.next_page("flotilla.expire.v1", &serde_json::json!({}));
        Ok(Handled::sending(vec![next.map_err(|error| invalid(&error))?]))
    }
}

/// Does the same with every load, some side by side.
async fn each<W>(loads: &[Identifier], work: impl Fn(Identifier) -> W) -> Result<(), Failure>
where
    W: Future<Output = Result<(), StoreError>>,
{
    let work = stream::iter(loads.to_vec()).map(work).buffer_unordered(SIDE_BY_SIDE);
    Ok(work.try_collect::<()>().await?)
}

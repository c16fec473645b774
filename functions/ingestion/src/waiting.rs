//! Events that nobody knows yet whose they are: parked, looked at once more, and
//! given up when nobody has said it in time.

use crate::Ingestion;
use crate::agent::invalid;
use crate::intake::Came;
use crate::resolve::resolve;
use flotilla_runtime::batch::{Call, Handled};
use flotilla_runtime::parking::expire;
use flotilla_runtime::queue::Queues;
use flotilla_shipment::identifier::Identifier;
use flotilla_shipment::inbound::without_free_text;
use flotilla_shipment::ports::{Loads, Parked, Parking};
use flotilla_task::{Clock, Failure, ShipmentId, Timestamp};
use std::collections::BTreeSet;

impl<I: Loads + Parking, Q: Queues, S, C: Clock> Ingestion<I, Q, S, C> {
    /// The shipments that an event about loads concerns. Under every load of
    /// which nobody knows whose it is, the event is parked; under every load that
    /// holds others it is kept. Then everything is looked up once more, because
    /// an order or a packing event may have come, and sent back what was there,
    /// just before. So an event finds its shipments whichever comes first.
    pub(crate) async fn concerned(
        &self,
        call: Call<'_>,
        came: &Came,
        loads: &[Identifier],
        packs: bool,
    ) -> Result<BTreeSet<ShipmentId>, Failure> {
        let mut first = resolve(&self.records, loads, came.at).await?;
        if packs {
            // It names what it is about, and sends kept events back itself: sent
            // back with them, it would do so again and again.
            first.holders.clear();
        }
        if first.unknown.is_empty() && first.holders.is_empty() && call.incoming.receives == 1 {
            return Ok(first.shipments);
        }
        let event = Parked {
            source: came.source.clone(),
            event: came.event.clone(),
            body: without_free_text(&call.incoming.body).map_err(|error| invalid(&error))?,
            parked_at: self.protocol.clock.now(),
        };
        for load in &first.unknown {
            self.records.park(load, &event).await?;
        }
        for load in &first.holders {
            self.records.keep(load, &event, came.at).await?;
        }
        let second = resolve(&self.records, loads, came.at).await?;
        // An earlier try may have ended between parking and looking again.
        let tried_before = call.incoming.receives > 1;
        let may_be_parked = if tried_before { &second.seen } else { &first.unknown };
        for load in may_be_parked.difference(&second.unknown) {
            // The message in hand is worked on, and is not acknowledged before
            // its tasks' messages have left.
            self.records.unpark(load, &event).await?;
        }
        for load in &second.unknown {
            self.protocol.meter.parked.add(1);
            tracing::info!(event = %came.event, %load, "parked until it is known whose it is");
        }
        Ok(second.shipments)
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

//! Which load is in which is learned from packing events.

use crate::Ingestion;
use crate::SIDE_BY_SIDE;
use flotilla_runtime::batch::Call;
use flotilla_runtime::parking::{release, repeat};
use flotilla_runtime::queue::Queues;
use flotilla_shipment::inbound::{Contents, Packing};
use flotilla_shipment::ports::{Loads, Parking};
use flotilla_task::Failure;
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;

impl<I: Loads + Parking, Q: Queues, S, C> Ingestion<I, Q, S, C> {
    /// Learns what an event says about which load is in which. What waited for
    /// somebody to say what is in the parent goes back to the queue, and so does
    /// what happened to the parent since, as it concerns these loads as well.
    /// Only news is told, so a packing event that waits for many orders does not
    /// send everything back with each of them.
    pub(crate) async fn learn(
        &self,
        call: Call<'_>,
        packing: &Packing,
        at: Timestamp,
    ) -> Result<(), Failure> {
        let Packing { parent, contents, inside } = packing;
        let children = match (contents, inside) {
            (Contents::These(children), true | false) => children.clone(),
            (Contents::All, false) => {
                self.records.unpack(parent, None, at).await?;
                Vec::new()
            }
            // Everything was put in says nothing.
            (Contents::All, true) => Vec::new(),
        };
        let message = call.incoming.id.as_str();
        let news: Vec<bool> = stream::iter(children)
            .map(|child| async move {
                if *inside {
                    self.records.pack(parent, &child, at, message).await
                } else {
                    self.records.unpack(parent, Some(&child), at).await.map(|()| false)
                }
            })
            .buffer_unordered(SIDE_BY_SIDE)
            .try_collect()
            .await?;
        if news.contains(&true) {
            let own = &self.protocol.settings.queue_url;
            release(&self.records, &self.queues, own, parent).await?;
            repeat(&self.records, &self.queues, own, parent, (at, message)).await?;
        }
        Ok(())
    }
}

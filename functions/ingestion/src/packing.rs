//! Which load is in which is learned from packing events.

use crate::Ingestion;
use crate::SIDE_BY_SIDE;
use crate::intake::Came;
use flotilla_runtime::batch::Call;
use flotilla_runtime::parking::{Told, release, repeat};
use flotilla_runtime::queue::Queues;
use flotilla_shipment::identifier::Identifier;
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
    ///
    /// A try that ran out of time leaves less to the next: what is known is not
    /// written again. It may have ended before it told its news, so a redelivery
    /// tells them in any case. The rest of an event's shipments learns nothing: its
    /// first message has.
    pub(crate) async fn learn(
        &self,
        call: Call<'_>,
        packing: &Packing,
        came: &Came,
    ) -> Result<(), Failure> {
        if call.envelope.after.is_some() {
            return Ok(());
        }
        let (Packing { parent, contents, inside }, at) = (packing, came.at);
        let children = match (contents, inside) {
            (Contents::These(children), true | false) => {
                self.unknown(packing, children, at).await?
            }
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
        if news.contains(&true) || (*inside && call.incoming.receives > 1) {
            let own = &self.protocol.settings.queue_url;
            release(&self.records, &self.queues, own, parent).await?;
            let told = Told { source: &came.source, event: &came.event, at, message };
            repeat(&self.records, &self.queues, own, parent, told).await?;
        }
        Ok(())
    }

    /// Those of which nothing as new is known. Of many, one read tells it, which is
    /// cheaper than as many writes that are refused.
    async fn unknown(
        &self,
        packing: &Packing,
        children: &[Identifier],
        at: Timestamp,
    ) -> Result<Vec<Identifier>, Failure> {
        if children.len() < 2 {
            return Ok(children.to_vec());
        }
        let known = self.records.load(&packing.parent).await?;
        let is_open = |child: &&Identifier| {
            known.contents.get(*child).is_none_or(|stay| {
                let end = if packing.inside { stay.packed } else { stay.unpacked };
                end.is_none_or(|end| end < at)
            })
        };
        Ok(children.iter().filter(is_open).cloned().collect())
    }
}

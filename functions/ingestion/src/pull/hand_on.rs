//! A page's events become messages to this function itself, as if they had been
//! pushed: the same checks, the same refusals, one by one.

use super::Puller;
use crate::intake::invalid;
use flotilla_runtime::batch::Call;
use flotilla_runtime::queue::{MAX_MESSAGE_BYTES, Outgoing, Queues, is_fifo};
use flotilla_shipment::inbound::{self, Subject};
use flotilla_shipment::pull::page::Document;
use flotilla_shipment::pull::{Code, Plan, Problem};
use flotilla_task::envelope::Envelope;
use flotilla_task::{Failure, Source, fingerprint};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::time::Duration;

/// Messages that are made before they are sent, so that a page is not held twice.
const AT_ONCE: usize = 50;

/// Why a page was not handed on.
pub(super) enum Unsent {
    /// The page's fault.
    Page(Problem),
    /// A queue's.
    Queue(Failure),
}

impl<K, P, Q: Queues, C> Puller<K, P, Q, C> {
    /// Sends a page's events. Some may have left when one has not; the whole page is
    /// sent again then.
    pub(super) async fn hand_on(
        &self,
        call: Call<'_>,
        (source, plan): (&Source, &Plan),
        documents: &[Document],
    ) -> Result<(), Unsent> {
        let url = &self.settings.queue_url;
        for some in documents.chunks(AT_ONCE) {
            let messages = some
                .iter()
                .map(|document| self.event(call, source, plan, document))
                .collect::<Result<Vec<_>, _>>()?;
            for answer in self.queues.send(url, &messages).await {
                answer.map_err(|error| Unsent::Queue(Failure::retry(error.to_string())))?;
            }
            self.meter.sent.add(messages.len() as u64);
        }
        Ok(())
    }

    fn event(
        &self,
        call: Call<'_>,
        source: &Source,
        plan: &Plan,
        document: &Document,
    ) -> Result<Outgoing, Unsent> {
        let failed = |error: serde_json::Error| Unsent::Queue(invalid(&error));
        let data: &RawValue = serde_json::from_str(&document.data).map_err(failed)?;
        let json = serde_json::to_string(&Envelope {
            specversion: Cow::Borrowed("1.0"),
            id: Cow::Borrowed(&document.id),
            source: Cow::Borrowed(source.as_str()),
            kind: Cow::Borrowed(plan.message_type()),
            subject: None,
            time: None,
            datacontenttype: Some(Cow::Borrowed("application/json")),
            tenant: call.envelope.tenant.clone(),
            traceparent: call.envelope.traceparent.clone(),
            task: None,
            stage: None,
            epoch: None,
            hops: None,
            resends: None,
            after: None,
            data: Some(data),
        })
        .map_err(failed)?;
        // SQS takes XML's characters only. These two can stand in JSON strings
        // alone, where an escape means the same.
        let body = json.replace('\u{fffe}', "\\ufffe").replace('\u{ffff}', "\\uffff");
        if body.len() > MAX_MESSAGE_BYTES {
            let text = format!("an event of {} bytes", document.data.len());
            return Err(Unsent::Page(Problem::new(Code::TooLarge, text)));
        }
        let url = self.settings.queue_url.clone();
        let fifo = is_fifo(&url);
        let group = if fifo {
            line_of(plan, document).unwrap_or_else(|| source.to_string())
        } else {
            // A long backlog of one source must not hold up what the others send.
            call.envelope.tenant.as_deref().unwrap_or(source.as_str()).to_owned()
        };
        Ok(Outgoing {
            url,
            group: Some(group),
            deduplication: fifo.then(|| fingerprint(&[source.as_str(), &document.data])),
            body,
            delay: Duration::ZERO,
            attributes: Vec::new(),
        })
    }
}

/// On FIFO queues the events of a load keep their order, and hold up no other's.
fn line_of(plan: &Plan, document: &Document) -> Option<String> {
    let kind = inbound::kind_of(plan.message_type()).ok()?;
    match inbound::read(kind, &document.data).ok()?.subject {
        Subject::Loads { loads, .. } => Some(fingerprint(&[&loads.first()?.index_key()])),
        Subject::Order { .. } | Subject::Nobody(_) => None,
    }
}

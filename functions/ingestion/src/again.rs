//! Messages of ingestion to itself: pieces of a document, and the rest of an
//! event's shipments. Each is the message in hand with another piece of data, so
//! source, tenant and trace stay.

use crate::intake::invalid;
use flotilla_runtime::batch::Call;
use flotilla_runtime::queue::{Outgoing, is_fifo};
use flotilla_task::message::MAX_HOPS;
use flotilla_task::{Failure, Reason, ReasonCode, ShipmentId, fingerprint};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::time::Duration;

/// One message for each piece of the document in hand.
pub(crate) fn pieces(
    call: Call<'_>,
    url: &str,
    pieces: &[String],
) -> Result<Vec<Outgoing>, Failure> {
    let piece = |(at, data): (usize, &String)| {
        let id = format!("{}/{}", short(&call.envelope.id), at + 1);
        again(call, url, &id, None, Some(data))
    };
    pieces.iter().enumerate().map(piece).collect()
}

/// The event in hand once more, for the shipments after that one.
pub(crate) fn after(call: Call<'_>, url: &str, last: &ShipmentId) -> Result<Outgoing, Failure> {
    again(call, url, &call.envelope.id, Some(last), None)
}

fn again(
    call: Call<'_>,
    url: &str,
    id: &str,
    after: Option<&ShipmentId>,
    data: Option<&String>,
) -> Result<Outgoing, Failure> {
    // The rest of an event's shipments gets shorter each time, so it ends by itself.
    let step = u32::from(after.is_none());
    let hops = call.envelope.hops.unwrap_or(0).saturating_add(step);
    if hops > MAX_HOPS {
        let text = format!("hops: {hops} is more than {MAX_HOPS}");
        return Err(Failure::Permanent(Reason::new(ReasonCode::Loop, text)));
    }
    let mut envelope = call.envelope.clone();
    envelope.id = Cow::Borrowed(id);
    envelope.hops = Some(hops);
    envelope.after = after.map(|shipment| Cow::Borrowed(shipment.as_str()));
    if let Some(data) = data {
        let data: &RawValue = serde_json::from_str(data).map_err(|error| invalid(&error))?;
        envelope.data = Some(data);
    }
    let body = serde_json::to_string(&envelope).map_err(|error| invalid(&error))?;
    let fifo = is_fifo(url);
    Ok(Outgoing {
        url: url.to_owned(),
        deduplication: fifo.then(|| fingerprint(&[&call.incoming.id, &body])),
        body,
        group: if fifo {
            Some(call.incoming.group.clone().unwrap_or_else(|| call.incoming.id.clone()))
        } else {
            call.envelope.tenant.as_deref().map(str::to_owned)
        },
        delay: Duration::ZERO,
        attributes: Vec::new(),
    })
}

/// Room for the numbers of the pieces behind the longest id.
fn short(id: &str) -> &str {
    id.get(..96).unwrap_or(id)
}

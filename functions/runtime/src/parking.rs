//! Where parked events go: back to ingestion when their load is known, to the
//! dead-letter queue when nobody has said in time whose it is.
//!
//! An event is forgotten only after its message has left, so a crash between
//! costs a duplicate, which is recognised. The race with an event that is just
//! being parked, or kept, is closed on the other side: ingestion parks, then looks
//! at what is known of the load once more.

use crate::queue::{Outgoing, Queues, dead_letter, is_fifo};
use flotilla_crashpoint::{Point, reach};
use flotilla_shipment::identifier::Identifier;
use flotilla_shipment::ports::{Parked, Parking};
use flotilla_task::envelope::Envelope;
use flotilla_task::{Failure, Reason, ReasonCode, Timestamp, fingerprint};
use std::time::Duration;

/// Sends the events that wait for a load back to ingestion, and forgets them.
///
/// # Errors
/// A retryable [`Failure`] when the store or the queue did not answer; what had
/// left by then is not sent again, or is recognised.
pub async fn release(
    parking: &impl Parking,
    queues: &impl Queues,
    ingestion_url: &str,
    load: &Identifier,
) -> Result<(), Failure> {
    let waiting: Vec<_> =
        parking.parked(load).await?.into_iter().map(|event| (load.clone(), event)).collect();
    let message =
        |load: &Identifier, event: &Parked| again(ingestion_url, load, event, once(load, event));
    leave(parking, queues, ingestion_url, &waiting, message).await?;
    for (load, event) in &waiting {
        tracing::info!(event = %event.event, %load, "released");
    }
    Ok(())
}

/// Sends the kept events of a load back to ingestion that happened since it was
/// packed: those shipments that have their task already are recognised, the
/// others get theirs. The events stay, for the next packing. `message` is the one
/// that told of the packing: what one message sends twice, FIFO queues take once.
///
/// # Errors
/// As [`release`].
pub async fn repeat(
    parking: &impl Parking,
    queues: &impl Queues,
    ingestion_url: &str,
    load: &Identifier,
    (packed, message): (jiff::Timestamp, &str),
) -> Result<(), Failure> {
    let kept = parking.kept(load, packed).await?;
    let messages: Vec<_> = kept
        .iter()
        .map(|event| {
            let once = fingerprint(&[&once(load, event), message]);
            again(ingestion_url, load, event, once)
        })
        .collect();
    if messages.is_empty() {
        return Ok(());
    }
    for answer in queues.send(ingestion_url, &messages).await {
        answer.map_err(|error| Failure::retry(error.to_string()))?;
    }
    tracing::info!(events = kept.len(), %load, "looked at again for what was packed");
    Ok(())
}

/// A message as it came, back to ingestion. On standard queues it is its tenant's
/// still: what waited for a long time may come back as many.
fn again(url: &str, load: &Identifier, event: &Parked, once: String) -> Outgoing {
    let fifo = is_fifo(url);
    Outgoing {
        url: url.to_owned(),
        body: event.body.clone(),
        group: if fifo { Some(load.index_key()) } else { tenant_of(&event.body) },
        deduplication: fifo.then_some(once),
        delay: Duration::ZERO,
        attributes: Vec::new(),
    }
}

fn tenant_of(body: &str) -> Option<String> {
    let tenant = Envelope::parse(body).ok()?.tenant_id().ok()?;
    tenant.map(|tenant| tenant.to_string())
}

/// Gives up some of the events that wait since before that moment: they go to
/// the dead-letter queue with that reason, and are forgotten. Returns how many
/// there were; after none, the next schedule is early enough.
///
/// # Errors
/// As [`release`].
pub async fn expire(
    parking: &impl Parking,
    queues: &impl Queues,
    dead_letter_url: &str,
    before: Timestamp,
) -> Result<usize, Failure> {
    let overdue = parking.overdue(before).await?;
    let message = |load: &Identifier, event: &Parked| {
        let since: jiff::Timestamp = event.parked_at.into();
        let text = format!("nobody has said since {since} which shipment {load} belongs to");
        let reason = Reason::new(ReasonCode::Expired, text);
        tracing::warn!(event = %event.event, %load, %reason, "gave up waiting");
        let (origin, group) = (once(load, event), load.index_key());
        dead_letter(dead_letter_url, &event.body, &origin, Some(&group), &reason)
    };
    leave(parking, queues, dead_letter_url, &overdue, message).await?;
    Ok(overdue.len())
}

/// One id for one time of waiting: parked again, an event may leave again.
fn once(load: &Identifier, event: &Parked) -> String {
    let since = event.parked_at.as_millis().to_string();
    fingerprint(&[&load.index_key(), event.source.as_str(), event.event.as_str(), &since])
}

async fn leave(
    parking: &impl Parking,
    queues: &impl Queues,
    url: &str,
    events: &[(Identifier, Parked)],
    message: impl Fn(&Identifier, &Parked) -> Outgoing,
) -> Result<(), Failure> {
    let messages: Vec<_> = events.iter().map(|(load, event)| message(load, event)).collect();
    if messages.is_empty() {
        return Ok(());
    }
    let answers = queues.send(url, &messages).await;
    reach(Point::Released);
    for ((load, event), answer) in events.iter().zip(answers) {
        answer.map_err(|error| Failure::retry(error.to_string()))?;
        parking.unpark(load, event).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use flotilla_task::{EventId, Source};

    #[test]
    fn what_waited_is_still_its_tenants() {
        let load: Identifier = "container:CSQU3054383".parse().unwrap();
        let event = |tenant: &str| Parked {
            source: Source::new("urn:acme:wms").unwrap(),
            event: EventId::new("evt-7").unwrap(),
            body: format!(
                r#"{{"specversion":"1.0","id":"evt-7","source":"urn:acme:wms","type":"t"{tenant},"data":{{}}}}"#
            ),
            parked_at: Timestamp::from_millis(0),
        };
        let group = |url, tenant| again(url, &load, &event(tenant), "once".to_owned()).group;
        assert_eq!(group("http://q", r#","tenant":"acme""#).as_deref(), Some("acme"));
        assert_eq!(group("http://q", ""), None);
        let fifo = group("http://q.fifo", r#","tenant":"acme""#);
        assert_eq!(fifo, Some(load.index_key()));
    }
}

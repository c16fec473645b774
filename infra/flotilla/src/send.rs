//! `flotilla send`: one's own events, checked before they go.

use crate::answer;
use crate::cloud::Cloud;
use crate::cloud::queues::Outgoing;
use crate::error::Error;
use crate::operator::Wishes;
use clap::Args;
use flotilla_shipment::Invalid;
use flotilla_shipment::inbound::{self, Kind, Subject};
use flotilla_shipment::places::Places;
use flotilla_shipment::process;
use flotilla_task::Stage;
use flotilla_task::envelope::Envelope;
use serde::Serialize;
use serde_json::json;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// SQS takes no more.
const LARGEST: usize = 1_048_576;

/// A document is cut into so many pieces at a time.
const PIECES: usize = 50;

/// How they are sent.
#[derive(Debug, Clone, Default, Args)]
pub struct How {
    /// Send it whatever is wrong with it, to see what the fleet makes of it.
    #[arg(long)]
    pub unchecked: bool,
    /// Check, say what would be sent, and send nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// The fleet's file of places, if it has one of its own.
    #[arg(long, env = "PLACES_FILE", value_name = "FILE")]
    pub places: Option<PathBuf>,
}

impl How {
    fn places(&self) -> Result<Places, Error> {
        let places = match &self.places {
            Some(file) => {
                let text = std::fs::read_to_string(file).map_err(|e| Error::file(file, &e))?;
                Places::parse(&text, &file.display().to_string())
            }
            None => Places::bundled(),
        };
        places.map_err(|error| Error::usage(error.to_string()))
    }
}

/// Sends the event of each file, or of standard input for `-`. All are checked
/// before the first is sent.
///
/// # Errors
/// [`Error::Usage`] when one is no event the fleet would take, unless it is to be
/// sent unchecked.
pub async fn run(
    wishes: &Wishes,
    files: &[PathBuf],
    how: How,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let (places, now) = (how.places()?, jiff::Timestamp::now());
    let mut events = Vec::new();
    for file in files {
        let body = read(file)?;
        let event = match (check(&body, &places, now), how.unchecked) {
            (Ok(event), _) => event,
            (Err(_), true) => Checked::unchecked(),
            (Err(problem), false) => {
                let hint = "nothing was sent (--unchecked sends it as it is)";
                return Err(Error::usage(format!("{}: {problem}; {hint}", file.display())));
            }
        };
        events.push((body, event));
    }
    let cloud = Cloud::connect(&wishes.stack).await?;
    let url = cloud.stack.queue(Stage::Ingestion)?;
    if how.dry_run {
        return tell(&events, url, how.dry_run, wishes, out);
    }
    for (number, (body, event)) in events.iter().enumerate() {
        let copy = format!("send-{}-{}-{number}", crate::watch::live::now_ms(), std::process::id());
        let message = Outgoing { body, tenant: &event.tenant, copy: &copy };
        if cloud.send(url, &[message]).await? != [true] {
            let advice = "Try again; SQS says no more about a single message.";
            return Err(Error::environment(&format!("sending to {url}"), "refused", advice));
        }
    }
    tell(&events, url, how.dry_run, wishes, out)
}

fn tell(
    events: &[(String, Checked)],
    url: &str,
    is_tried: bool,
    wishes: &Wishes,
    out: &mut dyn Write,
) -> Result<(), Error> {
    if wishes.json {
        let events: Vec<_> = events.iter().map(|(_, event)| event).collect();
        let answer = json!({"dry_run": is_tried, "queue": url, "events": events});
        return answer::json(&answer, out);
    }
    for (_, event) in events {
        let done = if is_tried { "Would send" } else { "Sent" };
        writeln!(out, "{done} {} to {url}.", event.name)?;
        if let (Some(shipment), false) = (&event.shipment, is_tried) {
            writeln!(out, "Follow it: flotilla shipment {shipment}")?;
        }
    }
    Ok(())
}

/// What a checked message says about itself.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Checked {
    name: String,
    tenant: String,
    shipment: Option<String>,
}

impl Checked {
    fn unchecked() -> Self {
        let name = "a message that was not checked".to_owned();
        Self { name, tenant: "default".to_owned(), shipment: None }
    }
}

fn read(file: &Path) -> Result<String, Error> {
    let mut body = String::new();
    let done = if file == Path::new("-") {
        std::io::stdin().read_to_string(&mut body)
    } else {
        std::fs::File::open(file).and_then(|mut file| file.read_to_string(&mut body))
    };
    done.map_err(|error| Error::file(file, &error))?;
    Ok(body)
}

/// What the message is, or what is wrong with it.
fn check(body: &str, places: &Places, now: jiff::Timestamp) -> Result<Checked, String> {
    if body.len() > LARGEST {
        return Err(format!("{} bytes, and SQS takes {LARGEST}", body.len()));
    }
    let envelope = Envelope::parse(body).map_err(|reason| reason.to_string())?;
    let id = envelope.event_id().map_err(|reason| reason.to_string())?;
    envelope.source_id().map_err(|reason| reason.to_string())?;
    let tenant = envelope.tenant_id().map_err(|reason| reason.to_string())?;
    let kind = inbound::kind_of(&envelope.kind).map_err(|error| error.to_string())?;
    let data = envelope.data().map_err(|reason| reason.to_string())?;
    let tenant = tenant.map_or_else(|| "default".to_owned(), |tenant| tenant.to_string());
    let mut events = Events { places, now, count: 0, shipment: None };
    read_all(kind, data, &mut events)?;
    let Events { count, shipment, .. } = events;
    let name = match count {
        1 => format!("{kind} event {id}"),
        _ => format!("{kind} document {id} with {count} events"),
    };
    Ok(Checked { name, tenant, shipment })
}

/// What was read of a document, and what it is judged by.
struct Events<'a> {
    places: &'a Places,
    now: jiff::Timestamp,
    count: usize,
    /// The shipment, where an event names one.
    shipment: Option<String>,
}

/// Reads every event of a document; a bad one is named by its place.
fn read_all(kind: Kind, data: &str, events: &mut Events<'_>) -> Result<(), String> {
    let cut = inbound::pieces(kind, data, PIECES).map_err(|invalid| invalid.to_string())?;
    let Some(pieces) = cut else {
        events.count += 1;
        let named = |invalid: Invalid| match events.count {
            1 => invalid.to_string(),
            nth => format!("event {nth}: {invalid}"),
        };
        let inbound = inbound::read(kind, data).map_err(named)?;
        // Which zone a source's times are in, the fleet's own file says; here any serves.
        let received = inbound.received.in_zone(Some("UTC"));
        process::check(&received, events.places, events.now).map_err(named)?;
        if let Subject::Order { shipment, .. } = inbound.subject {
            events.shipment = Some(shipment.to_string());
        }
        return Ok(());
    };
    pieces.iter().try_for_each(|piece| read_all(kind, piece, events))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn check(body: &str) -> Result<Checked, String> {
        let now = "2026-11-28T08:00:00Z".parse().unwrap();
        super::check(body, &Places::bundled().unwrap(), now)
    }

    fn event() -> Value {
        json!({
            "specversion": "1.0", "id": "e-1", "source": "urn:t", "type": "flotilla.tracking.v1",
            "data": {
                "identifier": {"scheme": "booking", "value": "BKR-1"},
                "milestone": "arrived", "occurred_at": "2026-11-27T08:00:00Z",
            },
        })
    }

    #[test]
    fn a_good_event_is_described_and_a_bad_one_told_its_field() {
        let checked = check(&event().to_string()).unwrap();
        assert_eq!(checked.name, "tracking event e-1");
        assert_eq!((checked.tenant.as_str(), checked.shipment), ("default", None));
        let with = |pointer: &str, value: Value| {
            let mut event = event();
            *event.pointer_mut(pointer).unwrap() = value;
            check(&event.to_string()).unwrap_err()
        };
        assert!(with("/id", json!("has space")).contains("event id: expected"));
        assert!(with("/specversion", json!("0.3")).contains("specversion"));
        assert!(with("/type", json!("a.b")).contains("type: expected"));
        assert!(with("/data/identifier/scheme", json!("gln")).contains("identifier.scheme"));
        assert!(with("/data", Value::Null).contains("data"));
        let later = with("/data/occurred_at", json!("2027-11-27T08:00:00Z"));
        assert!(later.starts_with("occurred_at"), "{later}");
        assert!(check("hello").unwrap_err().starts_with("not_json"));
        assert!(check(&"x".repeat(LARGEST + 1)).unwrap_err().contains("1048576"));
    }

    #[test]
    fn a_document_is_described_and_its_bad_event_is_named_by_its_place() {
        let seen = |sscc: &str| {
            json!({
                "type": "ObjectEvent", "action": "OBSERVE", "bizStep": "shipping",
                "eventTime": "2026-11-27T08:00:00Z", "eventTimeZoneOffset": "+00:00",
                "epcList": [format!("https://id.gs1.org/00/{sscc}")],
            })
        };
        let document = |second: &str| {
            let list = [seen("003456789012345670"), seen(second)];
            json!({
                "specversion": "1.0", "id": "e-1", "source": "urn:t", "type": "flotilla.epcis.v2",
                "data": {"type": "EPCISDocument", "epcisBody": {"eventList": list}},
            })
            .to_string()
        };
        let checked = check(&document("003456789012345670")).unwrap();
        assert_eq!(checked.name, "epcis document e-1 with 2 events");
        let problem = check(&document("003456789012345675")).unwrap_err();
        assert!(problem.starts_with("event 2: epcList[0]: wrong check digit"), "{problem}");
        let moved = json!({
            "specversion": "1.0", "id": "e-1", "source": "urn:t", "type": "flotilla.dcsa.v2",
            "data": {"eventType": "EQUIPMENT"},
        });
        assert_eq!(check(&moved.to_string()).unwrap_err(), "eventClassifierCode: missing");
    }
}

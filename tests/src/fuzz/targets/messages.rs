//! A message's body: the envelope, the call for a stage, what the stage is given.

use super::is_short;
use flotilla_shipment::payload::{Concluded, Decided, Normalised, Received};
use flotilla_task::envelope::Envelope;
use flotilla_task::failure::MAX_REASON_BYTES;
use flotilla_task::{Failure, Payload, Reason, StageMessage};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub(super) fn check(body: &[u8]) {
    // What is no UTF-8 does not leave SQS.
    let Ok(body) = std::str::from_utf8(body) else { return };
    let envelope = match Envelope::parse(body) {
        Ok(envelope) => envelope,
        Err(reason) => return is_reason(&reason),
    };
    for part in [envelope.event_id().err(), envelope.source_id().err(), envelope.tenant_id().err()]
    {
        part.iter().for_each(is_reason);
    }
    if let Ok(data) = envelope.data() {
        payload(&Payload::from_json(data.to_owned()));
    }
    let message = match StageMessage::from_envelope(&envelope) {
        Ok(message) => message,
        Err(reason) => return is_reason(&reason),
    };
    let sent = message.to_json().unwrap();
    let read = StageMessage::from_envelope(&Envelope::parse(&sent).unwrap()).unwrap();
    // Two characters that SQS does not take are escaped on the way.
    let payload = message.payload.as_json();
    let payload = payload.replace('\u{fffe}', "\\ufffe").replace('\u{ffff}', "\\uffff");
    assert_eq!(read, StageMessage { payload: Payload::from_json(payload), ..message });
}

fn is_reason(reason: &Reason) {
    is_short(&reason.text, MAX_REASON_BYTES);
}

/// What a stage makes of its payload, and that it passes on what it read.
fn payload(payload: &Payload) {
    reads::<Received>(payload);
    reads::<Normalised>(payload);
    reads::<Decided>(payload);
    reads::<Concluded>(payload);
}

fn reads<T: DeserializeOwned + Serialize>(payload: &Payload) {
    match payload.read::<T>() {
        Ok(value) => {
            // Once written, it stays; what was read may have been more precise.
            let written = Payload::write(&value).unwrap();
            let again = written.read::<T>().unwrap();
            assert_eq!(Payload::write(&again).unwrap(), written);
        }
        Err(Failure::Permanent(reason)) => is_reason(&reason),
        Err(other) => panic!("reading again would not help: {other:?}"),
    }
}

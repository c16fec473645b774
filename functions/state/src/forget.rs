//! Requests to forget a person: the data of one shipment is erased, and whoever
//! asked is told what it was, by the names of its fields.
//!
//! The data stands in one item (see `flotilla_runtime::records`), and no message
//! inside the fleet carries it. What the fleet cannot reach is an order that was
//! refused and still lies in ingestion's dead-letter queue, until SQS drops it.

use crate::reply::{Replies, reply};
use flotilla_runtime::batch::{Call, Handled};
use flotilla_runtime::settings::Settings;
use flotilla_runtime::stage::refuse;
use flotilla_shipment::answers::Forget;
use flotilla_task::envelope::Envelope;
use flotilla_task::{Clock, Reason, ReasonCode, ShipmentId};
use serde::Deserialize;
use serde_json::json;

/// Erases what was asked for.
#[derive(Debug)]
pub struct Forgetting<R> {
    /// Where the data is.
    pub records: R,
    /// Who may be answered.
    pub replies: Replies,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    shipment: ShipmentId,
    /// Where to say what was erased; nowhere unless given.
    #[serde(default)]
    reply_to: Option<String>,
}

impl<R: Forget> Forgetting<R> {
    /// Carries out one request.
    pub async fn carry_out(
        &self,
        call: Call<'_>,
        clock: &impl Clock,
        settings: &Settings,
    ) -> Handled {
        let receives = call.incoming.receives;
        let request = match self.read(call.envelope) {
            Ok(request) => request,
            Err(reason) => return refuse(reason, receives, settings),
        };
        // By its own name, so that every copy of it is told the same.
        let asked = format!("{} {}", call.envelope.source, call.envelope.id);
        let erased = self.records.forget(&request.shipment, &asked, clock.now()).await;
        let erased = match erased {
            Ok(erased) => erased,
            Err(error) => {
                tracing::warn!(%error, "the request to forget goes back");
                return Handled::back_off(receives);
            }
        };
        let shipment = &request.shipment;
        tracing::info!(%shipment, fields = ?erased.fields, "forgot a person");
        let Some(to) = &request.reply_to else { return Handled::DONE };
        let answer = json!({
            "shipment": shipment.as_str(),
            "erased": erased.fields,
            "at": jiff::Timestamp::from(erased.at).to_string(),
        });
        match reply(call.envelope, ("flotilla.forgot.v1", to, shipment), &answer) {
            Ok(message) => Handled::sending(vec![message]),
            Err(reason) => Handled::dead_letter(reason),
        }
    }

    fn read(&self, envelope: &Envelope<'_>) -> Result<Request, Reason> {
        let request: Request = serde_json::from_str(envelope.data()?)
            .map_err(|error| Reason::new(ReasonCode::InvalidField, format!("data: {error}")))?;
        if let Some(to) = &request.reply_to {
            self.replies.check(to)?;
        }
        Ok(request)
    }
}

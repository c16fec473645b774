//! How the fleet stands with its partners: their breakers, and who paused them.

use super::Cloud;
use crate::error::Error;
use aws_sdk_dynamodb::types::AttributeValue;
use flotilla_runtime::records::keys;
use flotilla_shipment::partner::Breaker;
use flotilla_task::Timestamp;
use futures_util::future::try_join_all;
use std::collections::HashMap;

/// How the fleet stands with a partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnerState {
    /// Its id, as the partners file has it.
    pub partner: String,
    /// Its breaker; closed where none was ever written.
    pub breaker: Breaker,
    /// Until when a person has paused it, if one has. May have passed.
    pub paused_until: Option<Timestamp>,
}

impl Cloud {
    /// What is known of partners, in the order of their names here: one read each.
    ///
    /// # Errors
    /// [`Error::Environment`] when DynamoDB does not answer, or a newer release wrote
    /// what stands there.
    pub async fn partners(&self, names: &[String]) -> Result<Vec<PartnerState>, Error> {
        try_join_all(names.iter().map(|partner| self.partner(partner))).await
    }

    async fn partner(&self, partner: &str) -> Result<PartnerState, Error> {
        let table = self.stack.table()?;
        let tried = format!("reading the breaker of {partner} in {table}");
        let answer = self
            .dynamo
            .get_item()
            .table_name(table)
            .key("pk", AttributeValue::S(keys::partner(partner)))
            .key("sk", AttributeValue::S(keys::BREAKER.to_owned()))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| Error::aws(&tried, &error))?;
        let item = answer.item.unwrap_or_default();
        let breaker = breaker(&item).ok_or_else(|| {
            let advice = "Was it written by a newer release than this command?";
            Error::environment(&tried, "it is in no state that is known", advice)
        })?;
        let paused_until = number(&item, "paused_until").map(Timestamp::from_millis);
        Ok(PartnerState { partner: partner.to_owned(), breaker, paused_until })
    }
}

fn breaker(item: &HashMap<String, AttributeValue>) -> Option<Breaker> {
    let state = item.get("state").and_then(|state| state.as_s().ok());
    let until = Timestamp::from_millis(number(item, "until").unwrap_or(0));
    let times = number(item, "times").and_then(|times| u32::try_from(times).ok()).unwrap_or(0);
    Some(match state.map(String::as_str) {
        None | Some("closed") => Breaker::Closed,
        Some("open") => Breaker::Open { until, times },
        Some("probing") => Breaker::Probing { until, times },
        Some("closing") => {
            let step = number(item, "step").and_then(|step| u8::try_from(step).ok())?;
            Breaker::Closing { step, times }
        }
        Some(_) => return None,
    })
}

fn number(item: &HashMap<String, AttributeValue>, name: &str) -> Option<u64> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

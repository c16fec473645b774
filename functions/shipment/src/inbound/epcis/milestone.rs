//! What an event means for a shipment on its way.
//!
//! The first that applies, by the Core Business Vocabulary 2.0:
//!
//! | field | value | milestone |
//! |---|---|---|
//! | disposition, also a persistent one | `damaged`, `destroyed` | damaged |
//! | disposition, also a persistent one | `stolen` | missing |
//! | business step | `destroying` | damaged |
//! | exception of a sensor's report | `ALARM_CONDITION` | alarm |
//! | business step | `collecting`, `accepting` | picked up |
//! | business step | `shipping`, `departing` | departed |
//! | business step | `arriving` | arrived |
//! | business step | `receiving` | received |
//! | anything else, or nothing | | seen |
//!
//! Received is delivered at the destination and arrived elsewhere, which is for
//! processing to tell. A sensor's `ERROR_CONDITION` says that the sensor is
//! broken, not the goods.

use super::super::RECEIVED;
use super::MAX_LIST;
use super::vocabulary::{business_step, disposition, is_alarm};
use crate::Invalid;
use crate::event::Milestone;
use crate::fields::Field;

/// The milestone's name, as tracking events write it.
pub(super) fn of(event: &Field<'_>) -> Result<&'static str, Invalid> {
    for field in dispositions(event)? {
        match disposition(field.text()?) {
            Some("damaged" | "destroyed") => return Ok(Milestone::Damaged.as_str()),
            Some("stolen") => return Ok(Milestone::Missing.as_str()),
            Some(_) | None => {}
        }
    }
    let step = event.optional("bizStep")?;
    let step = step.as_ref().map(Field::text).transpose()?.and_then(business_step);
    let has_alarm = has_alarm(event)?;
    Ok(match step {
        Some("destroying") => Milestone::Damaged.as_str(),
        _ if has_alarm => Milestone::Alarm.as_str(),
        Some("collecting" | "accepting") => Milestone::PickedUp.as_str(),
        Some("shipping" | "departing") => Milestone::Departed.as_str(),
        Some("arriving") => Milestone::Arrived.as_str(),
        Some("receiving") => RECEIVED,
        Some(_) | None => Milestone::Seen.as_str(),
    })
}

/// Persistent ones hold until they are taken back; here they count when they are set.
fn dispositions<'a>(event: &Field<'a>) -> Result<Vec<Field<'a>>, Invalid> {
    let mut found: Vec<_> = event.optional("disposition")?.into_iter().collect();
    if let Some(persistent) = event.optional("persistentDisposition")?
        && let Some(set) = persistent.optional("set")?
    {
        found.extend(set.list(MAX_LIST)?);
    }
    Ok(found)
}

fn has_alarm(event: &Field<'_>) -> Result<bool, Invalid> {
    let Some(elements) = event.optional("sensorElementList")? else { return Ok(false) };
    for element in elements.list(MAX_LIST)? {
        let Some(reports) = element.optional("sensorReport")? else { continue };
        for report in reports.list(MAX_LIST)? {
            if let Some(exception) = report.optional("exception")?
                && is_alarm(exception.text()?)
            {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

//! Pauses a partner: no environment calls it until then.

use super::target::answer;
use crate::cloud::Cloud;
use crate::error::Error;
use crate::operator::Wishes;
use crate::steer::change::Change;
use flotilla_shipment::partner::pause::UNTIL_RESUMED;
use flotilla_task::{Clock, SystemClock, Timestamp};
use serde_json::json;
use std::io::Write;
use std::time::Duration;

pub(super) async fn pause(
    name: &str,
    for_: Option<Duration>,
    change: Change,
    wishes: &Wishes,
    out: &mut dyn Write,
) -> Result<bool, Error> {
    let cloud = Cloud::connect(&wishes.stack).await?;
    let until = for_.map_or(UNTIL_RESUMED, |for_| SystemClock.now().plus(for_));
    let shown = shown(until);
    let is_made = change.wanted(&format!("pause the partner {name} {shown}"))?;
    if is_made {
        cloud.pause_partner(name, until).await?;
    }
    let document = json!({
        "partner": name,
        "changed": is_made,
        "paused_until": for_.map(|_| moment(until)),
    });
    let lines = if is_made {
        format!(
            "{name} is paused {shown}.\nWithin five seconds no environment calls it. Tasks that \
             need it wait without failing and look again every 30 to 45 s.\n\
             It goes on with: flotilla resume partner {name}"
        )
    } else {
        format!("{name} is as it was.")
    };
    answer(wishes.json, &document, &lines, out)?;
    Ok(true)
}

fn shown(until: Timestamp) -> String {
    if until >= UNTIL_RESUMED {
        "until somebody resumes it".to_owned()
    } else {
        format!("until {}", moment(until))
    }
}

/// To the second, as logs have it.
fn moment(at: Timestamp) -> String {
    flotilla_shipment::words::whole_second(at.into()).to_string()
}

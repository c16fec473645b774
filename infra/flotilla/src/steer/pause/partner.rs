//! Pauses a partner: no environment calls it until then.

use crate::answer;
use crate::cloud::Cloud;
use crate::cloud::partners::Pause;
use crate::error::Error;
use crate::operator::Wishes;
use crate::steer::change::Change;
use flotilla_task::{Clock, SystemClock};
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
    let until = |for_| Pause::Until(SystemClock.now().plus(for_));
    let pause = for_.map_or(Pause::UntilResumed, until);
    let shown = shown(pause);
    let is_made = change.wanted(&format!("pause the partner {name} {shown}"))?;
    if is_made {
        cloud.pause_partner(name, pause).await?;
    }
    let document = json!({
        "partner": name,
        "changed": is_made,
        "pause": pause.document(),
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
    answer::either(wishes.json, &document, &lines, out)?;
    Ok(is_made || change.dry_run)
}

fn shown(pause: Pause) -> String {
    match pause.ends() {
        Some(until) => format!("until {}", answer::second(until)),
        None => "until somebody resumes it".to_owned(),
    }
}

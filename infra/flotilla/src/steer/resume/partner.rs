//! Resumes a partner: its pause is taken back, and an open breaker may be probed.

use crate::answer;
use crate::cloud::Cloud;
use crate::error::Error;
use crate::operator::Wishes;
use crate::steer::change::Change;
use flotilla_shipment::partner::Breaker;
use flotilla_task::{Clock, SystemClock};
use serde_json::json;
use std::io::Write;
use std::slice;

pub(super) async fn resume(
    name: &str,
    change: Change,
    wishes: &Wishes,
    out: &mut dyn Write,
) -> Result<bool, Error> {
    let cloud = Cloud::connect(&wishes.stack).await?;
    let partners = cloud.partners(slice::from_ref(&name.to_owned())).await?;
    let now = SystemClock.now();
    let is_waiting = |breaker| matches!(breaker, Breaker::Open { until, .. } if until > now);
    let is_due =
        partners.iter().any(|partner| partner.paused(now).is_some() || is_waiting(partner.breaker));
    let mut breaker = partners.first().map(|partner| partner.breaker).unwrap_or_default();
    let is_made = is_due && change.wanted(&format!("resume the partner {name}"))?;
    if is_made {
        breaker = cloud.resume_partner(name, now).await?.breaker;
    }
    let lines = match (is_made, is_due) {
        (true, _) => format!("{name} is resumed. {}", next(breaker)),
        (false, true) => format!("{name} is as it was."),
        (false, false) => format!("{name} was not paused. {}", next(breaker)),
    };
    let document = json!({ "partner": name, "changed": is_made, "breaker": breaker.name() });
    answer::either(wishes.json, &document, &lines, out)?;
    Ok(is_made || !is_due || change.dry_run)
}

/// What becomes of its calls.
const fn next(breaker: Breaker) -> &'static str {
    match breaker {
        Breaker::Closed => "Its tasks go on within 50 s.",
        Breaker::Open { .. } => {
            "Its breaker is open: the next task that comes for it, within 50 s, tries it, and the \
             others follow step by step when it answers."
        }
        Breaker::Probing { .. } => "Its breaker is open, and an environment tries it.",
        Breaker::Closing { .. } => "Its breaker closes step by step.",
    }
}

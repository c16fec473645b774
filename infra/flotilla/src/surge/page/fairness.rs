//! Whether one tenant's noise cost the others, in words.

use super::words::{milliseconds, number};
use crate::counts::float;
use crate::surge::measured::{Measured, TenantSum};

/// What can be said of the tenants of a run.
pub(super) fn words(measured: &Measured) -> String {
    let (noisy, others): (Vec<_>, Vec<_>) =
        measured.tenants.iter().partition(|(_, tenant)| tenant.noisy);
    if noisy.is_empty() {
        return "No tenant was noisy in this run: it says nothing about fairness.".to_owned();
    }
    if others.is_empty() {
        return "There was nobody beside the noisy tenant: the run says nothing about fairness."
            .to_owned();
    }
    let names: Vec<&str> = noisy.iter().map(|(name, _)| name.as_str()).collect();
    let names = names.join(" and ");
    let rate = |all: &[(&String, &TenantSum)]| {
        all.iter().map(|(_, tenant)| float(tenant.sent)).sum::<f64>() / float(all.len() as u64)
    };
    let much = if rate(&others) > 0.0 {
        format!(
            "{names} sent {} times as much as each of the others on average.",
            number(rate(&noisy) / rate(&others))
        )
    } else {
        format!("{names} alone sent anything.")
    };
    let p95 = |all: &[(&String, &TenantSum)]| -> Vec<u64> {
        all.iter().filter_map(|(_, tenant)| tenant.end_to_end.map(|latency| latency.p95)).collect()
    };
    let (loud, quiet) = (p95(&noisy), p95(&others));
    let (Some(loud), Some(best), Some(worst)) =
        (loud.iter().max(), quiet.iter().min(), quiet.iter().max())
    else {
        return format!("{much} Too little was completed to compare how long they waited.");
    };
    let (from, to) = (milliseconds(*best), milliseconds(*worst));
    let range = if from == to { from } else { format!("{from} to {to}") };
    let figures = format!("Its p95 was {}, theirs {range}", milliseconds(*loud));
    let verdict = if worst.saturating_mul(2) <= *loud {
        "they did not wait behind it."
    } else if measured.load.queue_type == "fifo" {
        "they waited about as long. On FIFO queues the message group is the shipment, so tenants are not told apart."
    } else if measured.load.endpoint.is_some() {
        "they waited about as long. SQS serves quiet tenants first where a queue has a backlog (fair queues); the local cloud takes the tenants' names and serves in order of arrival."
    } else {
        "they waited about as long: either no backlog was deep enough for SQS to tell tenants apart, or it did not."
    };
    format!("{much} {figures}: {verdict}")
}

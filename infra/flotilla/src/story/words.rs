//! The sentences that stories are made of.

use crate::cloud::steps::Step;
use flotilla_shipment::decision::Scored;
use flotilla_shipment::payload::Concluded;
use flotilla_shipment::words::day_and_time;
use jiff::Timestamp;
use serde_json::Value;
use std::fmt::Write as _;

/// What stands on every line of a task anyway, or is of use to programs only.
const LEFT_OUT: [&str; 7] =
    ["trace", "trace_id", "request", "request_id", "span_id", "message_id", "stage"];

/// `Fri 27 Nov 08:00:02.123`, in UTC: to the millisecond, because that is how far apart
/// the steps of a task are.
#[must_use]
pub fn moment(ms: u64) -> String {
    let at = i64::try_from(ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    at.unwrap_or(Timestamp::MAX).strftime("%a %-d %b %H:%M:%S%.3f").to_string()
}

/// What was decided and done, line by line.
#[must_use]
pub fn decided(concluded: &Concluded) -> Vec<String> {
    let Concluded { decision, booking, notified, customer_told, .. } = concluded;
    let kind = decision.action.kind();
    let what = match decision.action.booking() {
        Some(choice) => {
            let price = money(choice.cost_cents);
            let via = choice.via.as_ref().map(|hub| format!(" over {hub}")).unwrap_or_default();
            format!("{kind} {} {}{via} for {price}", choice.carrier, choice.service)
        }
        None => kind.to_owned(),
    };
    let mut lines = vec![format!("decided: {what}. {}", decision.reason)];
    lines.extend(decision.options.iter().map(|option| format!("  weighed: {}", weighed(option))));
    if let Some(booking) = booking {
        let (carrier, service) = (&booking.carrier, &booking.service);
        let (reference, price) = (&booking.reference, money(booking.cost_cents));
        lines.push(format!("booked: {carrier} {service} as {reference} for {price}"));
    }
    if *notified {
        lines.push("told the dispatch desk".to_owned());
    }
    if *customer_told {
        lines.push("told the customer, through the shop".to_owned());
    }
    lines
}

fn weighed(option: &Scored) -> String {
    let keeps = if option.keeps_promise() { "keeps the promise" } else { "too late" };
    format!(
        "{} {} for {}, there {}, {keeps}",
        option.carrier,
        option.service,
        money(option.cost_cents),
        day_and_time(option.arrival)
    )
}

/// One line of a function's log, in words.
#[must_use]
pub fn step(step: &Step) -> String {
    let mut text = format!("{}  {:<13}  ", moment(step.at_ms), step.agent);
    if step.level != "INFO" {
        // Writing to a string cannot fail.
        let _ = write!(text, "{}: ", step.level);
    }
    text.push_str(&step.what);
    let more = step.more.iter().filter(|(name, _)| !LEFT_OUT.contains(&name.as_str()));
    let more: Vec<_> = more.map(|(name, value)| said(name, value)).collect();
    if !more.is_empty() {
        let _ = write!(text, ": {}", more.join(", "));
    }
    text
}

fn said(name: &str, value: &Value) -> String {
    let shown = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => match number.as_u64().filter(|_| is_moment(name)) {
            Some(ms) => moment(ms),
            None => number.to_string(),
        },
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    };
    format!("{} {shown}", name.replace('_', " "))
}

fn is_moment(name: &str) -> bool {
    name.ends_with("until") || name.ends_with("_at")
}

fn money(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{}.{:02}", cents / 100, cents % 100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flotilla_task::Stage;
    use serde_json::json;

    fn told(level: &str, fields: &Value) -> String {
        let line = json!({"level": level, "fields": fields}).to_string();
        step(&Step::read(Stage::Communication, 1_795_766_402_123, &line).unwrap())
    }

    #[test]
    fn a_log_line_becomes_a_sentence() {
        let claimed = json!({
            "message": "claimed", "task": "t1", "shipment": "S1", "trace": "00-1", "epoch": 3,
            "owner": "77aa", "lease_until": 1_795_766_492_000_u64,
        });
        assert_eq!(
            told("INFO", &claimed),
            "Fri 27 Nov 08:00:02.123  communication  claimed: epoch 3, lease until Fri 27 Nov \
             08:01:32.000, owner 77aa"
        );
        assert_eq!(
            told("WARN", &json!({"message": "will be tried again", "failure": "500"})),
            "Fri 27 Nov 08:00:02.123  communication  WARN: will be tried again: failure 500"
        );
        assert_eq!(
            told("INFO", &json!({"message": "committed", "stage": "decision"})),
            "Fri 27 Nov 08:00:02.123  communication  committed"
        );
    }

    #[test]
    fn money_has_two_decimals_and_its_sign() {
        assert_eq!((money(781).as_str(), money(-5).as_str()), ("7.81", "-0.05"));
    }
}

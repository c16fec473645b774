//! Decodes the table's items and dead letters: the only place of this crate
//! that knows attribute names.
//!
//! An item that cannot be read is an error that names the item, never one that
//! is left out: a book with a page missing would hide what it should show.

mod told;

use super::{DeadLetter, Decided, Parked, SlotItem, TableBook, Task, Why};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_sqs::types::Message;
use flotilla_shipment::lane::{LaneStats, Sums};
use flotilla_shipment::slot::{Generation, Slot, SlotStatus};
use flotilla_task::{Stage, StatusKind, TaskId};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::HashMap;

/// A DynamoDB item.
pub type Item = HashMap<String, AttributeValue>;

/// An item does not have the form it should have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("table item {key}: {field}: {problem}")]
pub struct Unreadable {
    key: String,
    field: String,
    problem: String,
}

/// What kind of item a pair of keys names. Kinds of no interest here are `Other`.
enum Kind<'a> {
    Task { id: &'a str },
    Parked { identifier: &'a str },
    Slot { shipment: &'a str, leg: &'a str },
    Decision { shipment: &'a str, place: &'a str },
    Lane { name: &'a str, week: &'a str },
    Other,
}

fn kind<'a>(pk: &'a str, sk: &'a str) -> Kind<'a> {
    if let Some(id) = pk.strip_prefix("TASK#") {
        return if sk == "TASK" { Kind::Task { id } } else { Kind::Other };
    }
    if let Some(identifier) = pk.strip_prefix("ID#") {
        return if sk.starts_with("PARKED#") { Kind::Parked { identifier } } else { Kind::Other };
    }
    if let (Some(name), Some(week)) = (pk.strip_prefix("LANE#"), sk.strip_prefix("WEEK#")) {
        return Kind::Lane { name, week };
    }
    let Some(shipment) = pk.strip_prefix("SHIPMENT#") else { return Kind::Other };
    if let Some(leg) = sk.strip_prefix("SLOT#") {
        Kind::Slot { shipment, leg }
    } else if let Some(place) = sk.strip_prefix("DECISION#") {
        Kind::Decision { shipment, place }
    } else {
        Kind::Other
    }
}

/// Files one item in the book.
///
/// # Errors
/// [`Unreadable`], which names the item and the attribute.
pub fn file(item: &Item, book: &mut TableBook) -> Result<(), Unreadable> {
    let fields = Fields { item };
    let (pk, sk) = (fields.text("pk")?, fields.text("sk")?);
    match kind(pk, sk) {
        Kind::Task { id } => book.tasks.push(task(id, fields)?),
        Kind::Parked { identifier } => book.parked.push(Parked {
            identifier: identifier.to_owned(),
            source: fields.text("source")?.to_owned(),
            event: fields.text("event")?.to_owned(),
        }),
        Kind::Slot { shipment, leg } => book.slots.push(SlotItem {
            shipment: shipment.to_owned(),
            leg: leg.to_owned(),
            slot: slot(fields)?,
        }),
        Kind::Decision { shipment, place } => book.decisions.push(Decided {
            shipment: shipment.to_owned(),
            logged_at: place
                .split_once('#')
                .and_then(|(millis, _)| millis.parse().ok())
                .ok_or_else(|| fields.wrong("sk", "expected DECISION#milliseconds#task"))?,
            task: fields.text("task")?.to_owned(),
            concluded: fields.json("doc")?,
        }),
        Kind::Lane { name, week } => book.lanes.push((name.to_owned(), lane(week, fields)?)),
        Kind::Other => {}
    }
    Ok(())
}

/// Stage and status of a task's item, for counting.
///
/// # Errors
/// [`Unreadable`], which names the item and the attribute.
pub fn standing(item: &Item) -> Result<(Stage, StatusKind), Unreadable> {
    let fields = Fields { item };
    let stage = fields.text("stage")?;
    let status = fields.text("status")?;
    Ok((
        Stage::from_name(stage).ok_or_else(|| fields.wrong("stage", stage))?,
        StatusKind::ALL
            .into_iter()
            .find(|kind| kind.as_str() == status)
            .ok_or_else(|| fields.wrong("status", status))?,
    ))
}

fn task(id: &str, fields: Fields<'_>) -> Result<Task, Unreadable> {
    let (stage, status) = standing(fields.item)?;
    Ok(Task {
        id: id.to_owned(),
        shipment: fields.text("shipment")?.to_owned(),
        source: fields.text("source")?.to_owned(),
        event: fields.text("event")?.to_owned(),
        stage,
        status,
        attempts: u32::try_from(fields.number("attempts")?).unwrap_or(u32::MAX),
        why: fields.item.contains_key("reason").then(|| fields.why("reason")).transpose()?,
        created_at: fields.number("created_at")?,
        updated_at: fields.number("updated_at")?,
        ended_at: fields
            .item
            .contains_key("ended_at")
            .then(|| fields.number("ended_at"))
            .transpose()?,
    })
}

/// A lane's sums of a week; the key says of which service.
fn lane(key: &str, fields: Fields<'_>) -> Result<LaneStats, Unreadable> {
    let mut parts = key.splitn(3, '#');
    let (Some(Ok(week)), Some(carrier), Some(service)) =
        (parts.next().map(str::parse), parts.next(), parts.next())
    else {
        return Err(fields.wrong("sk", "expected WEEK#week#carrier#service"));
    };
    let cents = |name| {
        let number = fields.number(name)?;
        i64::try_from(number).map_err(|_| fields.wrong(name, "expected an amount of money"))
    };
    let sums = Sums {
        count: fields.number("count")?,
        on_time: fields.number("on_time")?,
        minutes: fields.number("minutes")?,
        pace: fields.number("pace")?,
        pace_sq: fields.number("pace_sq")?,
        cost_cents: cents("cost_cents")?,
        quoted_cents: cents("quoted_cents")?,
    };
    Ok(LaneStats { carrier: carrier.to_owned(), service: service.to_owned(), week, sums })
}

/// A slot's version and booking stand in attributes of their own.
fn slot(fields: Fields<'_>) -> Result<Slot, Unreadable> {
    let booking =
        fields.item.contains_key("booking").then(|| fields.json("booking")).transpose()?;
    let task = || {
        TaskId::new(fields.text("task")?).map_err(|error| fields.wrong("task", &error.to_string()))
    };
    let status = match (fields.text("state")?, booking) {
        ("free", _) => SlotStatus::Free,
        ("booking", replaces) => SlotStatus::Booking { task: task()?, replaces },
        ("live", Some(booking)) => SlotStatus::Live { booking, task: task()? },
        ("live", None) => return Err(fields.wrong("booking", "missing")),
        (other, _) => return Err(fields.wrong("state", other)),
    };
    Ok(Slot { generation: Generation(fields.number("version")?), status })
}

#[derive(Clone, Copy)]
struct Fields<'a> {
    item: &'a Item,
}

impl<'a> Fields<'a> {
    fn text(&self, name: &str) -> Result<&'a str, Unreadable> {
        match self.item.get(name) {
            Some(AttributeValue::S(text)) => Ok(text),
            Some(_) => Err(self.wrong(name, "expected a text")),
            None => Err(self.wrong(name, "missing")),
        }
    }

    fn number(&self, name: &str) -> Result<u64, Unreadable> {
        match self.item.get(name) {
            Some(AttributeValue::N(digits)) => {
                digits.parse().map_err(|_| self.wrong(name, "expected a whole number"))
            }
            Some(_) => Err(self.wrong(name, "expected a number")),
            None => Err(self.wrong(name, "missing")),
        }
    }

    fn json<T: DeserializeOwned>(&self, name: &str) -> Result<T, Unreadable> {
        serde_json::from_str(self.text(name)?).map_err(|cause| self.wrong(name, &cause.to_string()))
    }

    fn why(&self, name: &str) -> Result<Why, Unreadable> {
        let reason: flotilla_task::Reason = self.json(name)?;
        Ok(Why { code: reason.code.as_str().to_owned(), text: reason.text })
    }

    fn wrong(&self, field: &str, problem: &str) -> Unreadable {
        let part = |name| {
            let value = self.item.get(name).and_then(|value| value.as_s().ok());
            value.map_or("?", String::as_str)
        };
        Unreadable {
            key: format!("{} / {}", part("pk"), part("sk")),
            field: field.to_owned(),
            problem: problem.to_owned(),
        }
    }
}

/// Reads a message from the dead-letter queue of `stage`.
#[must_use]
pub fn dead_letter(stage: Stage, message: &Message) -> DeadLetter {
    let body = message.body().unwrap_or_default();
    let attribute = |name: &str| {
        let value = message.message_attributes()?.get(name)?;
        value.string_value().map(str::to_owned)
    };
    let message = serde_json::from_str(body).unwrap_or(Value::Null);
    // Messages between agents name their task themselves.
    let inner = || Some(message.get("task")?.as_str()?.to_owned());
    DeadLetter {
        stage,
        body_hash: crate::generate::body_hash(body),
        events: told::events(&message),
        bytes: body.len(),
        code: attribute("reason_code"),
        reason: attribute("reason"),
        task: attribute("task").or_else(inner),
    }
}

#[cfg(test)]
mod tests;

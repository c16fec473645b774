//! Pause: a person's pause of an agent is noted, or that it is over.
//!
//! Condition: the note is still the version that this one follows; none where none
//! was ever written. Losing means that another command was first; its note is
//! returned.

use super::DynamoTasks;
use crate::table::item::{Fields, Item, expiry, number, text, wrong};
use crate::table::{Written, key};
use flotilla_task::{AgentPause, Pauses, Stage, StoreError};
use std::time::Duration;

/// The partition of the notes; the sort key is the agent's name.
pub const PAUSE: &str = "PAUSE";
/// Before and after the name of every agent.
const ALL: (&str, &str) = ("a", "z");
/// What is over is kept for so long, which is more than `RecoverAfterSeconds` may be.
const KEPT: Duration = Duration::from_secs(14 * 86_400);

/// What came of a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noted {
    /// It stands.
    Mine,
    /// Another command was first; this is its note, if it was not deleted.
    Lost(Option<AgentPause>),
}

impl DynamoTasks {
    /// Every note that there is, up to date, for one read unit.
    ///
    /// # Errors
    /// [`StoreError`] when the store gave no certain answer.
    pub async fn noted_pauses(&self) -> Result<Pauses, StoreError> {
        let items = self.table.between(PAUSE.to_owned(), ALL.0, ALL.1).await?;
        items.iter().map(from_item).collect()
    }

    /// Notes a pause in place of the version before it. Without an answer the same
    /// is written once more.
    ///
    /// # Errors
    /// As [`noted_pauses`](Self::noted_pauses).
    pub async fn note_pause(&self, of: Stage, note: &AgentPause) -> Result<Noted, StoreError> {
        let by = format!("{:016x}", fastrand::u64(..));
        match self.write_pause(of, note, &by).await {
            Err(StoreError::Unavailable(_)) => self.write_pause(of, note, &by).await,
            answer => answer,
        }
    }

    async fn write_pause(
        &self,
        of: Stage,
        note: &AgentPause,
        by: &str,
    ) -> Result<Noted, StoreError> {
        let (condition, values) = if note.version <= 1 {
            ("attribute_not_exists(pk)", Item::new())
        } else {
            let before = Item::from([(":before".to_owned(), number(note.version - 1))]);
            ("#version = :before", before)
        };
        match self.table.put(to_item(of, note, by), condition, values).await? {
            Written::Applied(_) => Ok(Noted::Mine),
            Written::Refused(None) => Ok(Noted::Lost(None)),
            Written::Refused(Some(old)) => {
                let (_, found) = from_item(&old)?;
                let is_mine = found == *note && Fields(&old).text("by")? == by;
                Ok(if is_mine { Noted::Mine } else { Noted::Lost(Some(found)) })
            }
        }
    }
}

fn to_item(of: Stage, note: &AgentPause, by: &str) -> Item {
    let mut item = key(PAUSE, of.as_str());
    let state = if note.is_over { "resumed" } else { "paused" };
    item.extend([
        ("version".to_owned(), number(note.version)),
        ("state".to_owned(), text(state)),
        ("at".to_owned(), number(note.at.as_millis())),
        ("by".to_owned(), text(by)),
    ]);
    match note.maximum {
        Some(maximum) => _ = item.insert("maximum".to_owned(), number(maximum)),
        None if note.is_over => {
            item.insert("expires_at".to_owned(), expiry(note.at, KEPT));
        }
        None => {}
    }
    item
}

fn from_item(item: &Item) -> Result<(Stage, AgentPause), StoreError> {
    let fields = Fields(item);
    let name = fields.text("sk")?;
    let stage = Stage::from_name(name).ok_or_else(|| wrong("sk", name))?;
    let is_over = match fields.text("state")? {
        "paused" => false,
        "resumed" => true,
        other => return Err(wrong("state", other)),
    };
    let maximum = fields.maybe("maximum", |fields| fields.number("maximum"))?;
    let (version, at) = (fields.number("version")?, fields.time("at")?);
    Ok((stage, AgentPause { version, is_over, at, maximum }))
}

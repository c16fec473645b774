//! Pause: a person's pause of an agent is noted, or that it is over.
//!
//! Condition: the note is still the version that this one follows; none where none
//! was ever written. Losing means that another command was first; its note is
//! returned.

use super::DynamoTasks;
use crate::table::item::{Fields, Item, expiry, number, text, wrong};
use crate::table::{Written, key, surely};
use flotilla_task::{AgentPause, Pauses, Stage, StoreError, Timestamp};
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

    /// The same for recovery, which one note that cannot be read must not end: what
    /// stands there of an agent means that it is paused, for a task that is left alone
    /// loses time, and one that is sent again in vain may fail.
    pub(super) async fn pauses_for_recovery(&self) -> Result<Pauses, StoreError> {
        let items = self.table.between(PAUSE.to_owned(), ALL.0, ALL.1).await?;
        Ok(items.iter().filter_map(for_recovery).collect())
    }

    /// Notes a pause in place of the version before it. Without an answer the same
    /// is written once more.
    ///
    /// # Errors
    /// As [`noted_pauses`](Self::noted_pauses).
    pub async fn note_pause(&self, of: Stage, note: &AgentPause) -> Result<Noted, StoreError> {
        surely(|by| self.write_pause(of, note, by)).await
    }

    async fn write_pause(
        &self,
        of: Stage,
        note: &AgentPause,
        by: String,
    ) -> Result<Noted, StoreError> {
        let (condition, values) = if note.version <= 1 {
            ("attribute_not_exists(pk)", Item::new())
        } else {
            let before = Item::from([(":before".to_owned(), number(note.version - 1))]);
            ("#version = :before", before)
        };
        match self.table.put(to_item(of, note, &by), condition, values).await? {
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

/// An agent that no release up to this one knows is skipped: no task stands at it that
/// recovery could read.
fn for_recovery(item: &Item) -> Option<(Stage, AgentPause)> {
    let error = match from_item(item) {
        Ok(note) => return Some(note),
        Err(error) => error,
    };
    let agent = Fields(item).text("sk").unwrap_or_default();
    let stage = Stage::from_name(agent);
    tracing::error!(agent, is_paused = stage.is_some(), %error, "a pause cannot be read");
    let note = AgentPause { version: 0, is_over: false, at: Timestamp::default(), maximum: None };
    stage.map(|stage| (stage, note))
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

#[cfg(test)]
mod tests {
    use super::*;

    /// One of them would end recovery for everybody.
    #[test]
    fn a_note_that_cannot_be_read_is_a_pause_of_its_agent_and_one_of_no_agent_is_skipped() {
        let note =
            AgentPause { version: 3, is_over: true, at: Timestamp::from_millis(5), maximum: None };
        let sound = to_item(Stage::State, &note, "by");
        assert_eq!(for_recovery(&sound), Some((Stage::State, note)));
        for (field, value) in [("state", text("asleep")), ("version", text("x")), ("at", text("y"))]
        {
            let mut broken = sound.clone();
            broken.insert(field.to_owned(), value);
            let (stage, taken) = for_recovery(&broken).unwrap();
            assert_eq!(
                (stage, taken.is_over, taken.maximum),
                (Stage::State, false, None),
                "{field}"
            );
        }
        let mut of_nobody = sound;
        of_nobody.insert("sk".to_owned(), text("billing"));
        assert_eq!(for_recovery(&of_nobody), None);
    }
}

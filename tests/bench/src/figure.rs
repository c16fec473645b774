//! One measured number beside its goal.

use serde::Serialize;

/// What a number should be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    /// Not more than this.
    AtMost(f64),
    /// Not less than this.
    AtLeast(f64),
    /// Told, and not judged.
    Told,
}

/// A number that was measured in this run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// What it is, in the words of the table.
    pub what: String,
    /// How much.
    pub value: f64,
    /// Of what: `x`, `ms`, `MiB`, `write units`.
    pub unit: &'static str,
    /// What it should be.
    pub goal: Goal,
    /// What the reader has to know: the baseline's own number, or why a goal is missed.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
}

impl Figure {
    /// A number that is told.
    #[must_use]
    pub fn told(what: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self { what: what.into(), value, unit, goal: Goal::Told, note: String::new() }
    }

    /// With what it should be.
    #[must_use]
    pub fn goal(self, goal: Goal) -> Self {
        Self { goal, ..self }
    }

    /// With a word for the reader.
    #[must_use]
    pub fn note(self, note: impl Into<String>) -> Self {
        Self { note: note.into(), ..self }
    }

    /// Whether the goal is met; nothing to say where there is none.
    #[must_use]
    pub fn met(&self) -> Option<bool> {
        match self.goal {
            Goal::AtMost(most) => Some(self.value <= most),
            Goal::AtLeast(least) => Some(self.value >= least),
            Goal::Told => None,
        }
    }
}

//! What is shown, and what a key or a look changes. Pure: it asks nobody.

use super::detail::{Detail, TaskLine};
use crate::see::fleet::Snapshot;
use flotilla_task::{Stage, TaskId, Timestamp};
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::collections::BTreeMap;
use std::time::Duration;

/// The live view.
#[derive(Debug, Clone)]
pub(super) struct View {
    /// The stack's name.
    pub(super) stack: String,
    /// How often it is looked at.
    pub(super) every: Duration,
    /// The last look that succeeded.
    pub(super) fleet: Option<Snapshot>,
    /// The backlogs of the look before, and when that was.
    pub(super) before: Option<(Timestamp, BTreeMap<Stage, u64>)>,
    /// Why the last look failed, if it did.
    pub(super) problem: Option<String>,
    /// Which agent is selected.
    pub(super) agent: usize,
    /// What is shown of it.
    pub(super) page: Page,
    /// Whether the help lies over it.
    pub(super) help: bool,
    /// Whether the fleet is not looked at meanwhile.
    pub(super) paused: bool,
}

/// How deep the view has gone.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Page {
    /// All agents.
    Fleet,
    /// One of them.
    Agent {
        /// Which.
        stage: Stage,
        /// What was asked about it, once it is there.
        detail: Answer<Detail>,
        /// Which of its tasks is selected.
        task: usize,
    },
    /// One of its tasks.
    Task {
        /// The page to go back to.
        under: Box<Page>,
        /// Which.
        id: TaskId,
        /// Its story, once it is there.
        lines: Answer<Vec<String>>,
        /// How many lines have gone over the edge.
        scroll: usize,
    },
}

/// Something that was asked for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Answer<T> {
    /// It is on its way.
    Awaited,
    /// It is there.
    There(T),
    /// It could not be had.
    Failed(String),
}

/// What the view learns.
#[derive(Debug)]
pub(super) enum Happened {
    /// A key was pressed.
    Key(KeyEvent),
    /// The fleet was looked at.
    Looked(Box<Snapshot>),
    /// It could not be.
    Failed(String),
    /// What was asked about an agent.
    Detail(Stage, Result<Detail, String>),
    /// What was asked about a task.
    Story(TaskId, Result<Vec<String>, String>),
}

/// What is to be done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Effect {
    /// Only to draw.
    Draw,
    /// To end.
    Quit,
    /// To ask about an agent.
    Ask(Stage),
    /// To ask about a task.
    Read(TaskId),
}

impl View {
    /// Before the first look.
    pub(super) fn new(stack: &str, every: Duration) -> Self {
        Self {
            stack: stack.to_owned(),
            every,
            fleet: None,
            before: None,
            problem: None,
            agent: 0,
            page: Page::Fleet,
            help: false,
            paused: false,
        }
    }

    /// Takes in what happened.
    pub(super) fn update(&mut self, happened: Happened) -> Effect {
        match happened {
            Happened::Key(key) => return self.key(key),
            Happened::Looked(fleet) => {
                self.before = self.fleet.take().map(|old| {
                    let backlogs = old.agents.iter().map(|a| (a.stage, a.depth.visible));
                    (old.at, backlogs.collect())
                });
                self.fleet = Some(*fleet);
                self.problem = None;
            }
            Happened::Failed(problem) => self.problem = Some(problem),
            Happened::Detail(about, found) => {
                if let Page::Agent { stage, detail, .. } = &mut self.page
                    && *stage == about
                {
                    *detail = found.into();
                }
            }
            Happened::Story(about, found) => {
                if let Page::Task { id, lines, .. } = &mut self.page
                    && *id == about
                {
                    *lines = found.into();
                }
            }
        }
        Effect::Draw
    }

    /// How fast an agent's backlog grows, in messages a second; none before the second look.
    pub(super) fn growth(&self, stage: Stage) -> Option<f64> {
        let fleet = self.fleet.as_ref()?;
        let (at, backlogs) = self.before.as_ref()?;
        let now = fleet.agents.iter().find(|agent| agent.stage == stage)?.depth.visible;
        let time = at.until(fleet.at).as_secs_f64();
        let float = crate::counts::float;
        (time > 0.0).then(|| (float(now) - float(*backlogs.get(&stage).unwrap_or(&0))) / time)
    }

    #[allow(clippy::wildcard_enum_match_arm, reason = "every other key means nothing here")]
    fn key(&mut self, key: KeyEvent) -> Effect {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('q') => return Effect::Quit,
            KeyCode::Char('c') if control => return Effect::Quit,
            KeyCode::Char('?') => self.help = !self.help,
            KeyCode::Esc if self.help => self.help = false,
            KeyCode::Esc | KeyCode::Backspace | KeyCode::Left => self.back(),
            KeyCode::Char('p') => self.paused = !self.paused,
            KeyCode::Up | KeyCode::Char('k') => self.move_by(false),
            KeyCode::Down | KeyCode::Char('j') => self.move_by(true),
            KeyCode::Char('r') => return self.again(),
            KeyCode::Enter | KeyCode::Right => return self.enter(),
            _ => {}
        }
        Effect::Draw
    }

    fn back(&mut self) {
        self.page = match std::mem::replace(&mut self.page, Page::Fleet) {
            Page::Task { under, .. } => *under,
            Page::Agent { .. } | Page::Fleet => Page::Fleet,
        };
    }

    fn move_by(&mut self, down: bool) {
        let (place, length) = match &mut self.page {
            Page::Fleet => (&mut self.agent, Stage::ALL.len()),
            Page::Agent { task, detail, .. } => (task, detail.tasks().len()),
            Page::Task { scroll, lines, .. } => {
                let length = if let Answer::There(lines) = lines { lines.len() } else { 0 };
                (scroll, length)
            }
        };
        *place = if down { *place + 1 } else { place.saturating_sub(1) };
        *place = (*place).min(length.saturating_sub(1));
    }

    fn enter(&mut self) -> Effect {
        match &self.page {
            Page::Fleet => {
                let Some(stage) = Stage::ALL.get(self.agent).copied() else { return Effect::Draw };
                self.page = Page::Agent { stage, detail: Answer::Awaited, task: 0 };
                Effect::Ask(stage)
            }
            Page::Agent { detail, task, .. } => {
                let Some(chosen) = detail.tasks().get(*task) else { return Effect::Draw };
                let id = chosen.id.clone();
                let under = Box::new(self.page.clone());
                let lines = Answer::Awaited;
                self.page = Page::Task { under, id: id.clone(), lines, scroll: 0 };
                Effect::Read(id)
            }
            Page::Task { .. } => Effect::Draw,
        }
    }

    /// Asks once more for what the page shows; the fleet itself is looked at anyway.
    fn again(&mut self) -> Effect {
        match &mut self.page {
            Page::Fleet => Effect::Draw,
            Page::Agent { stage, detail, .. } => {
                *detail = Answer::Awaited;
                Effect::Ask(*stage)
            }
            Page::Task { id, lines, .. } => {
                *lines = Answer::Awaited;
                Effect::Read(id.clone())
            }
        }
    }
}

impl Answer<Detail> {
    fn tasks(&self) -> &[TaskLine] {
        if let Self::There(detail) = self { &detail.tasks } else { &[] }
    }
}

impl<T> From<Result<T, String>> for Answer<T> {
    fn from(found: Result<T, String>) -> Self {
        found.map_or_else(Self::Failed, Self::There)
    }
}

#[cfg(test)]
mod tests;

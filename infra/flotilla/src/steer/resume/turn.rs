//! This command's turn at an agent: it lasts until somebody else writes the note.
//!
//! Whoever pauses writes the note first and switches the queue off then. So a climb reads
//! the note before and after each switch of its own, and where it finds a pause that
//! came in between, it switches off again what it has switched on.

use crate::cloud::Cloud;
use crate::cloud::pollers::Polling;
use crate::error::Error;
use crate::steer::pause::target::said;
use flotilla_task::{AgentPause, Stage, Timestamp};

/// The agent: its note in the table, and what polls its queue.
pub(super) trait Agent {
    /// The note that stands.
    async fn note(&self) -> Result<Option<AgentPause>, Error>;
    /// Writes the note that follows, unless another stands by then; whether it did.
    async fn follow(&self, note: &AgentPause) -> Result<bool, Error>;
    /// Switches what polls its queue, and waits until it is so.
    async fn switch(&self, to: Polling) -> Result<(), Error>;
}

/// A deployed one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deployed<'a> {
    pub(super) cloud: &'a Cloud,
    pub(super) stage: Stage,
}

impl Agent for Deployed<'_> {
    async fn note(&self) -> Result<Option<AgentPause>, Error> {
        Ok(self.cloud.agent_pauses().await?.get(&self.stage).copied())
    }

    async fn follow(&self, note: &AgentPause) -> Result<bool, Error> {
        self.cloud.follow_pause(self.stage, note).await
    }

    async fn switch(&self, to: Polling) -> Result<(), Error> {
        self.cloud.switch(self.stage, to, &mut said(self.stage)).await
    }
}

/// Somebody else has changed the note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lost;

/// A turn that was begun.
#[derive(Debug)]
pub(super) struct Turn<A> {
    agent: A,
    note: AgentPause,
}

impl<A: Agent> Turn<A> {
    /// Notes that the agent is resumed, `goal` where that goes step by step, unless the
    /// note is another than the one that was read.
    ///
    /// # Errors
    /// [`Error`] when the cloud does not answer; so for the others here.
    pub(super) async fn begin(
        agent: A,
        read: Option<&AgentPause>,
        goal: Option<u32>,
        now: Timestamp,
    ) -> Result<Result<Self, Lost>, Error> {
        let note = AgentPause::ended(read, goal, now);
        let is_mine = agent.follow(&note).await?;
        Ok(if is_mine { Ok(Self { agent, note }) } else { Err(Lost) })
    }

    /// Has so many environments work, unless somebody else has taken over.
    pub(super) async fn switch(&self, to: Polling) -> Result<Result<(), Lost>, Error> {
        if self.agent.note().await? != Some(self.note) {
            return Ok(Err(Lost));
        }
        self.agent.switch(to).await?;
        let found = self.agent.note().await?;
        if found == Some(self.note) {
            return Ok(Ok(()));
        }
        self.give_way(found).await
    }

    /// Notes that it is over.
    pub(super) async fn end(self, now: Timestamp) -> Result<Result<(), Lost>, Error> {
        if self.agent.follow(&AgentPause::ended(Some(&self.note), None, now)).await? {
            return Ok(Ok(()));
        }
        let found = self.agent.note().await?;
        self.give_way(found).await
    }

    /// A pause that came while this one switched the queue on holds.
    async fn give_way(&self, found: Option<AgentPause>) -> Result<Result<(), Lost>, Error> {
        if found.is_some_and(|note| !note.is_over) {
            self.agent.switch(Polling::OFF).await?;
        }
        Ok(Err(Lost))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::{Cell, RefCell};

    const NOW: Timestamp = Timestamp::from_millis(9_000);
    const ON: Polling = Polling { enabled: true, maximum: Some(2) };

    /// One that somebody else pauses at the n-th thing that is asked of it.
    #[derive(Debug, Default)]
    struct Fake {
        note: Cell<Option<AgentPause>>,
        asked: Cell<usize>,
        paused_at: Option<usize>,
        switched: RefCell<Vec<bool>>,
    }

    impl Fake {
        fn ask(&self) {
            self.asked.set(self.asked.get() + 1);
            if Some(self.asked.get()) == self.paused_at {
                self.note.set(Some(AgentPause::begun(self.note.get().as_ref(), NOW)));
                self.switched.borrow_mut().push(false);
            }
        }
    }

    impl Agent for &Fake {
        async fn note(&self) -> Result<Option<AgentPause>, Error> {
            self.ask();
            Ok(self.note.get())
        }

        async fn follow(&self, note: &AgentPause) -> Result<bool, Error> {
            self.ask();
            let stands = self.note.get().map_or(0, |note| note.version);
            let is_next = note.version == stands + 1;
            if is_next {
                self.note.set(Some(*note));
            }
            Ok(is_next)
        }

        async fn switch(&self, to: Polling) -> Result<(), Error> {
            self.switched.borrow_mut().push(to.enabled);
            self.ask();
            Ok(())
        }
    }

    /// Two steps and the end, on a paused agent.
    async fn climb(fake: &Fake) -> Result<(), Lost> {
        let paused = AgentPause::begun(None, Timestamp::from_millis(1_000));
        fake.note.set(Some(paused));
        let turn = Turn::begin(fake, Some(&paused), Some(20), NOW).await.unwrap()?;
        for _ in 0..2 {
            turn.switch(ON).await.unwrap()?;
        }
        turn.end(NOW).await.unwrap()
    }

    #[tokio::test]
    async fn a_turn_that_nobody_disturbs_ends_with_the_note_that_it_is_over() {
        let fake = Fake::default();
        assert_eq!(climb(&fake).await, Ok(()));
        let note = fake.note.get().unwrap();
        assert!(note.is_over && !note.climbs(), "{note:?}");
        assert_eq!(*fake.switched.borrow(), [true, true]);
        assert_eq!(fake.asked.get(), 8);
    }

    #[tokio::test]
    async fn whenever_another_pauses_the_agent_it_stays_paused() {
        for paused_at in 1..=8 {
            let fake = Fake { paused_at: Some(paused_at), ..Fake::default() };
            assert_eq!(climb(&fake).await, Err(Lost), "at {paused_at}");
            let note = fake.note.get().unwrap();
            assert!(!note.is_over, "at {paused_at}: {note:?}");
            assert_eq!(fake.switched.borrow().last(), Some(&false), "at {paused_at}");
        }
    }
}

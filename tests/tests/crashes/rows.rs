//! The table: which agent, at which point, in which story.

use crate::seen::Expected;
use crate::story::Story::{
    self, Awaited, Early, Heavy, Keyless, Late, Many, Orders, Pulled, Retried, Stuck, Wrong,
};
use crate::table::Cells;
use flotilla_crashpoint::Point;
use flotilla_task::Stage::{self, Communication, Decision, Ingestion, Processing, State};

/// Something happens to an agent at a point.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    pub(crate) agent: Stage,
    pub(crate) at: Point,
    pub(crate) story: Story,
}

impl Cells for Row {
    fn cells(&self) -> [String; 3] {
        [self.agent.to_string(), self.at.name().to_owned(), format!("{:?}", self.story)]
    }
}

impl Row {
    pub(crate) fn expected(self) -> Expected {
        Expected {
            held: self.story == Keyless && matches!(self.at, Point::Intended | Point::Answered),
            refused: self.story == Wrong,
        }
    }

    /// Whether the agent stands there under a lease: on its task, or on a cursor.
    pub(crate) fn has_lease(self) -> bool {
        self.agent.claims() || self.story == Pulled
    }

    /// Whether the agent has yet to write what another has written meanwhile.
    pub(crate) const fn has_yet_to_write(self) -> bool {
        match self.at {
            Point::Taken
            | Point::Claimed
            | Point::Worked
            | Point::Failing
            | Point::Reserved
            | Point::Cancelled
            | Point::Refused
            | Point::Intended
            | Point::Answered
            | Point::Noted
            | Point::Settled
            | Point::Registered
            | Point::Parked
            | Point::Released
            | Point::Pulled
            | Point::Turned
            | Point::Remembered
            | Point::Logged => true,
            Point::Committed
            | Point::Created
            | Point::Failed
            // It looks at the table after that, and finds what was done.
            | Point::TurnTaken
            | Point::Mended
            | Point::Flushing
            | Point::BetweenSends
            | Point::GivingBack
            | Point::Flushed => false,
        }
    }
}

const fn row(agent: Stage, at: Point, story: Story) -> Row {
    Row { agent, at, story }
}

/// Every point at every agent that has it.
pub(crate) const ROWS: &[Row] = &[
    row(Ingestion, Point::Taken, Orders),
    row(Ingestion, Point::Registered, Orders),
    row(Ingestion, Point::Parked, Early),
    row(Ingestion, Point::Released, Awaited),
    row(Ingestion, Point::Created, Orders),
    row(Ingestion, Point::Flushing, Orders),
    row(Ingestion, Point::BetweenSends, Many),
    row(Ingestion, Point::GivingBack, Orders),
    row(Ingestion, Point::Pulled, Pulled),
    row(Ingestion, Point::Turned, Pulled),
    row(Ingestion, Point::Flushed, Orders),
    row(Processing, Point::Taken, Orders),
    row(Processing, Point::Worked, Orders),
    row(Processing, Point::Committed, Orders),
    row(Processing, Point::Failing, Wrong),
    row(Processing, Point::Failed, Wrong),
    row(Processing, Point::Flushing, Orders),
    row(Processing, Point::Flushing, Retried),
    row(Processing, Point::Flushed, Retried),
    row(Processing, Point::BetweenSends, Many),
    row(Processing, Point::GivingBack, Orders),
    row(Processing, Point::Flushed, Orders),
    row(Decision, Point::Taken, Orders),
    row(Decision, Point::Worked, Orders),
    row(Decision, Point::Committed, Orders),
    row(Decision, Point::Flushing, Orders),
    row(Decision, Point::Flushing, Retried),
    row(Decision, Point::BetweenSends, Many),
    row(Decision, Point::GivingBack, Orders),
    row(Decision, Point::Flushed, Orders),
    row(Communication, Point::Taken, Orders),
    row(Communication, Point::Claimed, Orders),
    row(Communication, Point::Reserved, Orders),
    row(Communication, Point::Cancelled, Late),
    row(Communication, Point::Refused, Heavy),
    row(Communication, Point::Intended, Keyless),
    row(Communication, Point::Answered, Orders),
    row(Communication, Point::Answered, Keyless),
    row(Communication, Point::Noted, Keyless),
    row(Communication, Point::Settled, Orders),
    row(Communication, Point::Worked, Orders),
    row(Communication, Point::Worked, Late),
    row(Communication, Point::Committed, Orders),
    row(Communication, Point::Flushing, Orders),
    row(Communication, Point::BetweenSends, Many),
    row(Communication, Point::GivingBack, Orders),
    row(Communication, Point::GivingBack, Retried),
    row(Communication, Point::Flushed, Orders),
    row(State, Point::Taken, Orders),
    row(State, Point::Registered, Orders),
    row(State, Point::Remembered, Late),
    row(State, Point::Logged, Orders),
    row(State, Point::Worked, Orders),
    row(State, Point::Committed, Orders),
    row(State, Point::TurnTaken, Stuck),
    row(State, Point::Mended, Stuck),
    row(State, Point::Flushing, Stuck),
    row(State, Point::Flushed, Orders),
];

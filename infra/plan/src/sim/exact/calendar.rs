//! What is to happen when.

use std::cmp::Ordering;

#[derive(Debug, Clone, Copy)]
pub(super) struct Message {
    pub(super) born: f64,
    pub(super) entered: f64,
    pub(super) receives: u32,
}

#[derive(Debug)]
pub(super) enum Happening {
    Arrival,
    Back(usize, Message),
    Done(usize),
    /// Something that a stage waited for may be there.
    Start(usize),
    Idle(usize, usize),
    Look,
}

#[derive(Debug)]
pub(super) struct Timed {
    pub(super) at: f64,
    pub(super) order: u64,
    pub(super) what: Happening,
}

impl PartialEq for Timed {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Timed {}
impl PartialOrd for Timed {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Timed {
    /// The earliest is the greatest; of two at one moment the one that was planned first.
    fn cmp(&self, other: &Self) -> Ordering {
        other.at.total_cmp(&self.at).then(other.order.cmp(&self.order))
    }
}

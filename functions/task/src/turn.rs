//! Whose turn a page of the recovery scan is.
//!
//! A page ends with a message that calls for the next one. SQS may deliver that
//! message twice, and a page that is looked at again sends it again, so without
//! turns one scan becomes two, and two become four, until the state queue holds
//! nothing else. A turn is taken before its page is looked at, once.

use crate::{AttemptId, Timestamp};

/// A message's claim to look at a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// The scan: the id of the message that began it.
    pub run: AttemptId,
    /// Which page of it, from 0.
    pub page: u32,
    /// The message.
    pub by: AttemptId,
    /// Now.
    pub now: Timestamp,
    /// A scan whose last turn was before this moment is over, however it ended.
    pub stale: Timestamp,
}

/// The turn that was taken last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The scan.
    pub run: AttemptId,
    /// The page.
    pub page: u32,
    /// The message that took it.
    pub by: AttemptId,
    /// When.
    pub at: Timestamp,
    /// Whether it was the scan's last.
    pub is_over: bool,
}

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// This message's.
    Mine,
    /// Another's: the page was looked at, or is being looked at.
    Gone,
    /// Another scan's, which is under way. This one may begin when it is over.
    Later,
}

impl Turn {
    /// Whether it may be taken. A first page begins a scan unless one is under
    /// way; a later one follows the page before it. Its own message may take it
    /// again: it died, or was not told.
    #[must_use]
    pub fn after(&self, last: Option<&Taken>) -> Whose {
        let Some(last) = last else {
            return if self.page == 0 { Whose::Mine } else { Whose::Gone };
        };
        let is_own_run = last.run == self.run;
        let again = is_own_run && last.page == self.page && last.by == self.by;
        let next = match self.page.checked_sub(1) {
            None => !is_own_run && (last.is_over || last.at <= self.stale),
            Some(before) => is_own_run && last.page == before,
        };
        match (again || next, self.page == 0 && !is_own_run) {
            (true, _) => Whose::Mine,
            (false, true) => Whose::Later,
            (false, false) => Whose::Gone,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(name: &str) -> AttemptId {
        AttemptId::new(name).unwrap()
    }

    fn turn(run: &str, page: u32, by: &str) -> Turn {
        let at = Timestamp::from_millis;
        Turn { run: id(run), page, by: id(by), now: at(9_000), stale: at(5_000) }
    }

    fn taken(run: &str, page: u32, by: &str, at: u64) -> Taken {
        let at = Timestamp::from_millis(at);
        Taken { run: id(run), page, by: id(by), at, is_over: false }
    }

    #[test]
    fn one_scan_is_under_way_and_each_page_is_one_messages() {
        let last = taken("r", 3, "m3", 8_000);
        for (turn, whose) in [
            (turn("r", 4, "m4"), Whose::Mine),
            (turn("r", 3, "m3"), Whose::Mine),
            (turn("r", 3, "copy"), Whose::Gone),
            (turn("r", 5, "m5"), Whose::Gone),
            (turn("r", 2, "m2"), Whose::Gone),
            (turn("other", 4, "m4"), Whose::Gone),
            (turn("other", 0, "other"), Whose::Later),
            (turn("r", 0, "r"), Whose::Gone),
        ] {
            assert_eq!(turn.after(Some(&last)), whose, "{turn:?}");
        }
        assert_eq!(turn("r", 0, "r").after(None), Whose::Mine);
        assert_eq!(turn("r", 1, "m").after(None), Whose::Gone);
    }

    #[test]
    fn a_scan_begins_when_the_last_is_over_or_was_left() {
        let begin = turn("new", 0, "new");
        let over = Taken { is_over: true, ..taken("r", 3, "m", 8_000) };
        assert_eq!(begin.after(Some(&over)), Whose::Mine);
        assert_eq!(begin.after(Some(&taken("r", 3, "m", 5_000))), Whose::Mine);
        assert_eq!(begin.after(Some(&taken("r", 3, "m", 5_001))), Whose::Later);
        assert_eq!(begin.after(Some(&taken("new", 0, "new", 8_000))), Whose::Mine, "again");
        let done = Taken { is_over: true, ..taken("new", 4, "m", 8_000) };
        assert_eq!(begin.after(Some(&done)), Whose::Gone, "a late copy of what is done");
    }
}

//! Weeks of the calendar, in which what was learned is kept.

use jiff::Timestamp;
use jiff::civil::{ISOWeekDate, Weekday};
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

const DAY: i64 = 24 * 60 * 60;
const WEEK: i64 = 7 * DAY;
/// 1970-01-05, the first Monday after the epoch.
const FIRST_MONDAY: i64 = 4 * DAY;

/// A week of ISO 8601 in UTC: `2026W48`. The text of a later week is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Week(i64);

impl Week {
    /// The week of a moment.
    #[must_use]
    pub fn of(at: Timestamp) -> Self {
        Self((at.as_second() - FIRST_MONDAY).div_euclid(WEEK))
    }

    /// So many weeks before.
    #[must_use]
    pub const fn before(self, weeks: i64) -> Self {
        Self(self.0.saturating_sub(weeks))
    }

    /// Weeks from an earlier one to this one; below zero if it is a later one.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// When it begins, on Monday at midnight.
    #[must_use]
    pub fn start(self) -> Timestamp {
        let second = self.0.saturating_mul(WEEK).saturating_add(FIRST_MONDAY);
        Timestamp::from_second(second).unwrap_or(Timestamp::MAX)
    }
}

impl fmt::Display for Week {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let week = Offset::UTC.to_datetime(self.start()).date().iso_week_date();
        write!(f, "{:04}W{:02}", week.year(), week.week())
    }
}

impl From<Week> for String {
    fn from(week: Week) -> Self {
        week.to_string()
    }
}

impl TryFrom<String> for Week {
    type Error = NotWeek;

    fn try_from(text: String) -> Result<Self, NotWeek> {
        text.parse()
    }
}

/// Text that is not a week.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a week such as 2026W48")]
pub struct NotWeek;

impl FromStr for Week {
    type Err = NotWeek;
    fn from_str(text: &str) -> Result<Self, NotWeek> {
        let (year, week) = text.split_once('W').ok_or(NotWeek)?;
        let (year, week) = (year.parse(), week.parse());
        let (Ok(year), Ok(week)) = (year, week) else { return Err(NotWeek) };
        let monday = ISOWeekDate::new(year, week, Weekday::Monday).map_err(|_| NotWeek)?;
        let midnight = monday.date().at(0, 0, 0, 0);
        Offset::UTC.to_timestamp(midnight).map(Self::of).map_err(|_| NotWeek)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn week(at: &str) -> String {
        Week::of(at.parse().unwrap()).to_string()
    }

    #[test]
    fn weeks_are_those_of_iso_8601() {
        // From the examples of ISO 8601: the year of a week is its Thursday's.
        assert_eq!(week("2027-01-03T23:59:59Z"), "2026W53");
        assert_eq!(week("2027-01-04T00:00:00Z"), "2027W01");
        assert_eq!(week("2025-12-29T00:00:00Z"), "2026W01");
        assert_eq!(week("1969-12-31T00:00:00Z"), "1970W01");
        for bad in ["", "2026", "2026W00", "2026W54", "2025W53", "W5", "2026-48"] {
            assert_eq!(bad.parse::<Week>(), Err(NotWeek), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn text_reads_back_and_sorts_as_time_does(a in 0_i64..4_000_000_000, b in 0_i64..4_000_000_000) {
            let week = |second| Week::of(Timestamp::from_second(second).unwrap());
            let (a, b) = (week(a), week(b));
            prop_assert_eq!(a.to_string().parse::<Week>().unwrap(), a);
            prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
            prop_assert_eq!(b.before(b.since(a)), a);
            prop_assert_eq!(Week::of(a.start()), a);
        }
    }
}

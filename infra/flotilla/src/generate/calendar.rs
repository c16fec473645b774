//! The 24 hours the events lie in.

use crate::error::Error;
use jiff::{SignedDuration, Timestamp};

const DAY_MINUTES: f64 = 24.0 * 60.0;

/// A day, addressed by shares: 0 is its begin, 1 its end, 3 two days after.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Day {
    begin: Timestamp,
}

impl Day {
    pub(crate) fn ending(until: Timestamp) -> Result<Self, Error> {
        let begin = until
            .checked_sub(SignedDuration::from_hours(24))
            .map_err(|_| Error::usage(format!("--until {until}: too early for a calendar")))?;
        Ok(Self { begin })
    }

    /// The moment at `share`, to the minute, as RFC 3339 in UTC.
    pub(crate) fn utc(&self, share: f64) -> Result<String, Error> {
        Ok(self.moment(share)?.to_string())
    }

    /// The same moment as a clock `hours` ahead of UTC shows it.
    pub(crate) fn local(&self, share: f64, hours: i8) -> Result<String, Error> {
        let zone = jiff::tz::Offset::constant(hours);
        Ok(self.moment(share)?.display_with_offset(zone).to_string())
    }

    fn moment(&self, share: f64) -> Result<Timestamp, Error> {
        #[allow(clippy::cast_possible_truncation, reason = "a cast saturates; shares are small")]
        let minutes = (share * DAY_MINUTES) as i64;
        self.begin
            .checked_add(SignedDuration::from_mins(minutes))
            .map_err(|_| Error::usage("the day lies beyond the calendar".to_owned()))
    }
}

//! What is expected to come, and when.

use crate::rates::Rates;
use crate::rates::file::{File, Form};
use jiff::civil::DateTime;

/// A Black Friday of a middle-sized shop in Europe: made up, with the shape of public
/// reports of such days. As CSV beside it for who has it from a monitoring system.
pub const BLACK_FRIDAY: &str = include_str!("../data/black-friday.toml");

/// Arrivals over time.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// What it is called.
    pub name: String,
    /// Events a second.
    pub rates: Rates,
    /// When it begins, in its time zone's own time; none if it is any day.
    pub start: Option<DateTime>,
    /// The name of the time zone.
    pub timezone: String,
}

impl Forecast {
    /// Reads one.
    ///
    /// # Errors
    /// In words, with line, column and field of what is wrong.
    pub fn read(name: &str, text: &str, form: Form) -> Result<Self, String> {
        let file = File::read(text, form)?;
        let rates = Rates::new(&file.points()).map_err(|problem| file.locate(text, &problem))?;
        Ok(Self {
            name: name.to_owned(),
            rates,
            start: file.start,
            timezone: file.timezone.unwrap_or_else(|| "UTC".to_owned()),
        })
    }

    /// The one that is included.
    ///
    /// # Errors
    /// Never, as a test shows.
    pub fn black_friday() -> Result<Self, String> {
        Self::read("black-friday", BLACK_FRIDAY, Form::Toml)
    }

    /// A moment of it by the clock of its time zone; none if it is any day.
    #[must_use]
    pub fn clock(&self, seconds: f64) -> Option<DateTime> {
        let span = jiff::Span::new().try_seconds(seconds.round() as i64).ok()?;
        self.start?.checked_add(span).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_included_day_is_the_same_in_both_forms() {
        let toml = Forecast::black_friday().unwrap();
        let csv = include_str!("../data/black-friday.csv");
        let csv = Forecast::read("black-friday", csv, Form::Csv).unwrap();
        assert_eq!(csv.rates, toml.rates);
        assert_eq!(toml.timezone, "Europe/Berlin");
        assert_eq!(toml.clock(3600.0).unwrap().to_string(), "2026-11-27T01:00:00");
        assert_eq!((toml.rates.seconds(), toml.rates.peak()), (86_400.0, 2500.0));
    }

    #[test]
    fn what_is_wrong_is_named_with_line_column_and_field() {
        for (form, text, said) in [
            (Form::Csv, "", "line 1, column 1: time: the file is empty"),
            (Form::Csv, "time,load\n", "line 1, column 1: rate: no such column"),
            (Form::Csv, "time,rate\n0,5\n60\n", "line 3, column 3: rate: missing"),
            (Form::Csv, "time,rate\n0,\n60,1", "line 2, column 3: rate: missing"),
            (Form::Csv, "time,rate\n0,5\n60, -3\n", "line 3, column 5: rate: -3 is negative"),
            (
                Form::Csv,
                "time,rate\n0,5\n60,many\n",
                "line 3, column 4: rate: \"many\" is no number",
            ),
            (
                Form::Csv,
                "time,rate\n0,5\n60,NaN\n",
                "line 3, column 4: rate: NaN is no finite number",
            ),
            (
                Form::Csv,
                "time,rate\n0,5\n60,5\n30,5\n",
                "line 4, column 1: time: 30 comes after 60: out of order",
            ),
            (
                Form::Csv,
                "time,rate\n0:00,5\n0:61,5\n",
                "line 3, column 1: time: \"0:61\" is no time",
            ),
            (
                Form::Csv,
                "time,rate\n5,5\n60,5\n",
                "line 2, column 1: time: the first is 5, and has to be 0",
            ),
            (
                Form::Csv,
                "time,rate\n0,5\n",
                "line 2, column 1: time: 1 points, and a line needs two",
            ),
            (
                Form::Csv,
                "time,rate\n0,0\n9,0\n",
                "line 3, column 3: rate: that is not a single event",
            ),
            (
                Form::Toml,
                "points = [{time = 0, rate = 1}, {time = 9, rate = -1}]",
                "line 1, column 51: rate: -1 is negative",
            ),
            (Form::Toml, "points = [{time = 0, rate = 1}, {time = 9}]", "line 1, column 33"),
            (
                Form::Toml,
                "start = \"Friday\"\npoints = []",
                "line 1, column 9: start: \"Friday\" is no local date",
            ),
            (
                Form::Toml,
                "timezone = \"Mars\"\npoints = []",
                "line 1, column 12: timezone: \"Mars\" is no time zone",
            ),
            (Form::Toml, "speed = 1\npoints = []", "line 1, column 1"),
        ] {
            let error = Forecast::read("day", text, form).unwrap_err();
            assert!(error.contains(said), "{text:?}: {error}");
        }
    }
}

//! What can be asked for, and the files that are read.

use super::measured;
use crate::error::Error;
use clap::Args;
use flotilla_plan::fleet::{Setup, Work, file};
use flotilla_plan::plan::Request;
use flotilla_plan::rates::file::Form;
use flotilla_plan::sim::Options;
use flotilla_plan::size::Goal;
use flotilla_plan::{Book, Forecast, Limits};
use std::path::{Path, PathBuf};

/// The forecast, what is known of the work, and where the plan goes.
#[derive(Debug, Args)]
pub struct PlanArguments {
    /// Arrivals over time: CSV with the columns time and rate, or TOML; the included Black
    /// Friday unless given.
    #[arg(long, value_name = "FILE")]
    forecast: Option<PathBuf>,
    /// The work and how the fleet is deployed today, as TOML; see infra/plan/README.md.
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// The measured.json of a surge, in place of what is assumed.
    #[arg(long, value_name = "FILE")]
    measured: Option<PathBuf>,
    /// The measured.json of another surge on the same machine: predict it from --measured
    /// and compare.
    #[arg(long, value_name = "FILE", requires = "measured")]
    predict: Option<PathBuf>,
    /// Another price file than the included infra/prices/prices.toml.
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,
    /// Seconds that 99 of 100 events may take from end to end.
    #[arg(long, default_value_t = 10.0, value_name = "SECONDS", allow_negative_numbers = true)]
    goal: f64,
    /// How many times the forecast the plan still carries.
    #[arg(long, default_value_t = 1.3, value_name = "FACTOR", allow_negative_numbers = true)]
    headroom: f64,
    /// Where the dice start: the same seed makes the same plan.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Where report.html, picture.svg, plan.json, parameters.txt and schedule.yaml go.
    #[arg(long, default_value = "target/plan", value_name = "DIRECTORY")]
    out: PathBuf,
}

/// What was asked for, read and checked.
pub(super) struct Asked {
    pub(super) request: Request,
    pub(super) book: Book,
    pub(super) limits: Limits,
    pub(super) out: PathBuf,
    /// The surge that calibrates, and the one that is to be predicted.
    pub(super) predict: Option<[PathBuf; 2]>,
}

impl PlanArguments {
    pub(super) fn read(self) -> Result<Asked, Error> {
        for (option, value, least) in
            [("--goal", self.goal, 0.0), ("--headroom", self.headroom, 1.0)]
        {
            if !value.is_finite() || value < least || value == 0.0 {
                let text = format!(
                    "{option} {value}: expected a number above 0, and a headroom of at least 1"
                );
                return Err(Error::usage(text));
            }
        }
        let book = match &self.prices {
            Some(path) => Book::read(&text(path)?).map_err(|error| Error::file(path, &error))?,
            None => Book::included().map_err(|error| Error::usage(error.to_string()))?,
        };
        let limits = Limits::of(&book).map_err(|error| Error::usage(error.to_string()))?;
        let forecast = match &self.forecast {
            Some(path) => {
                let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                Forecast::read(&name, &text(path)?, Form::of(path))
                    .map_err(|error| Error::file(path, &error))?
            }
            None => Forecast::black_friday().map_err(Error::usage)?,
        };
        let (mut work, mut now) = (Work::assumed(), Setup::of_the_template(&limits));
        if let Some(path) = &self.measured {
            measured::read(path)?.lay_over(&mut work);
        }
        if let Some(path) = &self.settings {
            file::lay_over(&text(path)?, &mut work, &mut now)
                .map_err(|error| Error::file(path, &error))?;
        }
        // As many bins as a plot shows.
        let bin = (forecast.rates.seconds() / 288.0).max(1.0);
        let options = Options { seed: self.seed, bin, ..Options::default() };
        let goal = Goal { p99: self.goal, headroom: self.headroom };
        Ok(Asked {
            request: Request { forecast, work, now, goal, options },
            book,
            limits,
            out: self.out,
            predict: self.measured.zip(self.predict).map(|(first, second)| [first, second]),
        })
    }
}

fn text(path: &Path) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(|error| Error::file(path, &error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        plan: PlanArguments,
    }

    fn read(words: &[&str]) -> Result<Asked, String> {
        let words = ["plan"].iter().chain(words);
        let line = Line::try_parse_from(words).map_err(|error| error.to_string())?;
        line.plan.read().map_err(|error| error.to_string())
    }

    #[test]
    fn what_cannot_be_is_refused_by_option_or_file() {
        assert_eq!(read(&[]).unwrap().request.forecast.name, "black-friday");
        for (words, said) in [
            (&["--goal", "0"] as &[_], "--goal 0: "),
            (&["--headroom", "0.5"], "--headroom 0.5: "),
            (&["--forecast", "there-is-none.csv"], "there-is-none.csv"),
            (&["--predict", "b.json"], "--measured"),
        ] {
            let error = read(words).err().unwrap();
            assert!(error.contains(said), "{words:?}: {error}");
        }
    }
}

//! What the command line says about a load.

use super::profile::{Profile, Shape, Sizes, read_trace};
use crate::error::Error;
use crate::generate::{Crowd, Noisy};
use clap::Args;
use std::path::PathBuf;
use std::time::Duration;

/// So many percent of what happens to single shipments happens to one of them, and so
/// many of the orders go over one lane.
const HOT_SHIPMENT: u32 = 3;
const HOT_LANE: u32 = 20;
const HOUR: Duration = Duration::from_secs(3600);

/// The load, where it goes, and what may be spent.
#[derive(Debug, Args)]
pub struct SurgeArguments {
    /// How the rate runs.
    #[arg(long, value_enum, default_value = "black-friday", conflicts_with = "trace")]
    profile: Shape,
    /// A file with the rates instead: CSV with the columns time and rate, or TOML.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["rate", "peak", "duration"])]
    trace: Option<PathBuf>,
    /// The usual rate, in messages a second.
    #[arg(long, default_value_t = 4.0, allow_negative_numbers = true)]
    rate: f64,
    /// The highest rate, in messages a second.
    #[arg(long, default_value_t = 60.0, allow_negative_numbers = true)]
    peak: f64,
    /// Over how many seconds messages are due.
    #[arg(long, default_value_t = 90.0, value_name = "SECONDS", allow_negative_numbers = true)]
    duration: f64,
    /// Where the dice start: the same seed makes the same messages.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Which tenant is louder than each other by how much; 1 for none.
    #[arg(long, default_value = "acme=10", value_name = "NAME=FACTOR")]
    noisy: String,
    /// The most that the load may cost, in US dollars; local runs cost nothing.
    #[arg(long, default_value_t = 1.0, value_name = "DOLLARS", allow_negative_numbers = true)]
    budget: f64,
    /// Send it to an endpoint that is not on this machine, and pay for it.
    #[arg(long)]
    yes_load_aws: bool,
    /// Show the rates, the messages and the cost, and send nothing.
    #[arg(long)]
    dry_run: bool,
    /// Do not measure first what the local cloud carries by itself.
    #[arg(long)]
    no_probe: bool,
    /// Give up when nothing has changed for so many seconds after the last message.
    #[arg(long, default_value_t = 120, value_name = "SECONDS")]
    settle: u64,
    /// Give up after so many seconds in any case; an hour after the last message unless given.
    #[arg(long, value_name = "SECONDS")]
    limit: Option<u64>,
    /// Where the report goes; measured.json, picture.svg and sent.json are written beside it.
    #[arg(long, default_value = "target/surge/report.html")]
    report: PathBuf,
    /// The stand-in world, whose ledger is the third book; without it, two are compared.
    #[arg(long, env = "FLOTILLA_PARTNERS_URL")]
    partners_url: Option<String>,
    /// Process id of the local cloud, whose processor time is measured.
    #[arg(long, env = "FLOTILLA_CLOUD_PID")]
    cloud_pid: Option<u32>,
}

/// What a surge is to do, checked.
#[derive(Debug, Clone)]
pub struct Options {
    /// The deployed stack.
    pub stack: String,
    /// The load over time.
    pub profile: Profile,
    /// Where the dice start.
    pub seed: u64,
    /// How unevenly the events are spread.
    pub crowd: Crowd,
    /// The most that it may cost, in US dollars.
    pub budget: f64,
    /// Whether it may go elsewhere.
    pub agreed: bool,
    /// Whether nothing is sent.
    pub dry_run: bool,
    /// Whether the local cloud is measured first.
    pub probe: bool,
    /// After how long without any change the fleet counts as stuck.
    pub settle: Duration,
    /// The longest it waits in all.
    pub limit: Duration,
    /// Where the report goes.
    pub report: PathBuf,
    /// The stand-in world, if there is one.
    pub partners_url: Option<String>,
    /// The local cloud's process, if there is one.
    pub cloud_pid: Option<u32>,
}

impl SurgeArguments {
    /// Checks them.
    ///
    /// # Errors
    /// [`Error::Usage`] names what cannot be.
    pub fn options(self, stack: String) -> Result<Options, Error> {
        let profile = match &self.trace {
            Some(file) => read_trace(file)?,
            None => {
                let Self { rate, peak, duration, .. } = self;
                self.profile.profile(Sizes { rate, peak, duration })?
            }
        };
        let lasts = Duration::from_secs_f64(profile.seconds());
        let limit = self.limit.map_or(lasts + HOUR, Duration::from_secs);
        if limit <= lasts {
            let text = format!("--limit {}: the profile alone lasts {lasts:?}", limit.as_secs());
            return Err(Error::usage(text));
        }
        let noisy = Noisy::read(&self.noisy)?;
        let crowd = Crowd {
            noisy: (noisy.factor > 1).then_some(noisy),
            hot_shipment: HOT_SHIPMENT,
            hot_lane: HOT_LANE,
            prompt: true,
        };
        Ok(Options {
            stack,
            profile,
            seed: self.seed,
            crowd,
            budget: self.budget,
            agreed: self.yes_load_aws,
            dry_run: self.dry_run,
            probe: !self.no_probe,
            settle: Duration::from_secs(self.settle),
            limit,
            report: self.report,
            partners_url: self.partners_url.filter(|url| !url.is_empty()),
            cloud_pid: self.cloud_pid,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        surge: SurgeArguments,
    }

    fn options(words: &[&str]) -> Result<Options, String> {
        let words = ["surge"].iter().chain(words);
        let line = Line::try_parse_from(words).map_err(|error| error.to_string())?;
        line.surge.options("flotilla".to_owned()).map_err(|error| error.to_string())
    }

    #[test]
    fn the_usual_surge_is_a_black_friday_with_a_noisy_tenant() {
        let usual = options(&[]).unwrap();
        assert_eq!((usual.profile.name(), usual.profile.seconds()), ("black-friday", 90.0));
        assert_eq!(usual.crowd.noisy.map(|noisy| (noisy.tenant, noisy.factor)), Some(("acme", 10)));
        assert_eq!(usual.limit, Duration::from_secs(3690));
        assert!(!usual.agreed && !usual.dry_run && usual.probe);
        assert_eq!(options(&["--noisy", "acme=1"]).unwrap().crowd.noisy, None);
    }

    #[test]
    fn what_cannot_be_is_refused_before_anything_is_asked() {
        for (words, said) in [
            (&["--rate", "-3"] as &[_], "--rate -3: "),
            (&["--peak", "NaN"], "--peak NaN: "),
            (&["--duration", "0"], "--duration 0: "),
            (&["--duration", "60", "--limit", "60"], "--limit 60: the profile alone lasts 60s"),
            (&["--noisy", "nobody=3"], "no such tenant"),
            (&["--profile", "sunday"], "black-friday"),
            (&["--trace", "there-is-none.csv"], "there-is-none.csv"),
            (&["--trace", "a.csv", "--peak", "3"], "cannot be used with"),
            (&["--trace", "a.csv", "--profile", "ramp"], "cannot be used with"),
        ] {
            let error = options(words).unwrap_err();
            assert!(error.contains(said), "{words:?}: {error}");
        }
    }
}

//! `bench`: measures, prints one table and writes `report.json`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command: its table is for people")]

use clap::{Parser, ValueEnum};
use flotilla_bench::report::{Report, Section};
use flotilla_bench::{Figure, Ground};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

/// Measures how fast and how cheap the fleet is, against what the platform allows and
/// against the peers. `make bench` builds what it needs and runs all of it.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// What to measure; everything when none is named.
    sections: Vec<What>,
    /// The folder with the built programs.
    #[arg(long)]
    programs: Option<PathBuf>,
    /// JSON with the bytes of each program's zip, by its name.
    #[arg(long)]
    zips: Option<PathBuf>,
    /// Where the report goes.
    #[arg(long, default_value = "target/bench/report.json")]
    report: PathBuf,
}

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// Requests and units of a task.
    Counts,
    /// What a million of them cost, here and elsewhere.
    Dollars,
    /// Processor time and allocations of the batch loop.
    Overhead,
    /// What a function costs before and at its first event.
    Start,
    /// The same job in Python with Powertools, on the same local cloud.
    Peer,
    /// Many tasks, and many environments.
    Growth,
}

impl What {
    const fn heading(self) -> &'static str {
        match self {
            Self::Counts => "counts",
            Self::Dollars => "dollars for a million tasks, us-east-1, list prices",
            Self::Overhead => "handler overhead",
            Self::Start => "start and first event",
            Self::Peer => "against the peer, Powertools for AWS Lambda (Python)",
            Self::Growth => "growth",
        }
    }

    async fn measure(self, ground: &Ground) -> Result<Vec<Figure>, Box<dyn std::error::Error>> {
        match self {
            Self::Counts => Ok(flotilla_bench::counts::figures(ground).await?),
            Self::Dollars => flotilla_bench::dollars::measure(ground).await,
            Self::Overhead => flotilla_bench::overhead::measure(ground).await,
            Self::Start => flotilla_bench::start::measure(ground).await,
            Self::Peer => flotilla_bench::peer::measure(ground).await,
            Self::Growth => Ok(flotilla_bench::growth::figures(ground).await?),
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::from(2)
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let mut ground = match arguments.programs {
        Some(folder) => Ground::new(folder),
        None => Ground::of_process()?,
    };
    if let Some(zips) = arguments.zips {
        ground.zips = serde_json::from_slice(&std::fs::read(zips)?)?;
    }
    let all = What::value_variants();
    let chosen = if arguments.sections.is_empty() { all } else { &arguments.sections };
    let mut report = Report::default();
    for what in chosen {
        eprintln!("measuring {} ...", what.heading());
        let began = Instant::now();
        let figures = what.measure(&ground).await?;
        let seconds = began.elapsed().as_secs_f64();
        report.sections.push(Section { name: what.heading(), figures, seconds });
    }
    if let Some(folder) = arguments.report.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(&arguments.report, serde_json::to_string_pretty(&report)?)?;
    println!("{report}\nThe same in figures: {}", arguments.report.display());
    Ok(())
}

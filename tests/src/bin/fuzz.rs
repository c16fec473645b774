//! Tries changed documents on every parser for as long as it is told to.
#![allow(clippy::print_stdout, reason = "a command: its progress goes to whoever started it")]

use clap::Parser;
use flotilla_tests::fuzz::{all, run};
use peak_alloc::PeakAlloc;
use std::process::ExitCode;
use std::time::{Duration, Instant};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Tries changed documents on every parser that faces bytes from outside. One that
/// fails is kept in `tests/fuzz`, and tried first from then on.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// How long, for all targets together.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// What the changes are drawn from; a new one each time when left out.
    #[arg(long)]
    seed: Option<u64>,
    /// Only this target.
    #[arg(long)]
    target: Option<String>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let seed = arguments.seed.unwrap_or_else(|| fastrand::u64(..));
    let wanted = |name: &str| arguments.target.as_deref().is_none_or(|target| target == name);
    let targets: Vec<_> = all().into_iter().filter(|target| wanted(target.name)).collect();
    let shares = u32::try_from(targets.len()).unwrap_or(1).max(1);
    let each = Duration::from_secs(arguments.seconds) / shares;
    println!("seed {seed}, {} s for each of {shares} targets", each.as_secs());
    // A failing document is told once, when it is as small as it gets.
    std::panic::set_hook(Box::new(|_| {}));
    let mut failed = 0;
    for target in &targets {
        let began = Instant::now();
        match run(target, seed, |_| began.elapsed() >= each) {
            Ok(tried) => {
                let rate =
                    tried * 1000 / u64::try_from(began.elapsed().as_millis()).unwrap_or(1).max(1);
                println!("{:12} {tried:9} documents, {rate:6} a second", target.name);
            }
            Err(found) => {
                failed += 1;
                println!("{:12} FAILED {found}", target.name);
            }
        }
    }
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

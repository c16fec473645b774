//! Starts the stand-in world on 127.0.0.1 and prints where it listens.
#![allow(clippy::print_stdout, reason = "a command: its address goes to whoever started it")]

use clap::Parser;
use partners::{Moods, World};
use std::process::ExitCode;

/// The stand-in outside world: three carriers, a dispatch desk, a shop, a
/// warehouse, a tracking system, and a ledger of what they were really asked to do.
///
/// Try:  curl -s http://127.0.0.1:PORT/ledger
///       curl -s -X POST http://127.0.0.1:PORT/moods/swift -d '{"throttle_rate":1}'
#[derive(Parser)]
#[command(version, verbatim_doc_comment)]
struct Arguments {
    /// Port on 127.0.0.1; 0 takes a free one, which is printed.
    #[arg(long, env = "PARTNERS_PORT", default_value_t = 0)]
    port: u16,
    /// Seed of every mood's dice: the same calls meet the same luck again.
    #[arg(long, env = "PARTNERS_SEED", default_value_t = 7)]
    seed: u64,
    /// Start with partners that never fail and answer at once.
    #[arg(long)]
    calm: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::from(2)
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), partners::Error> {
    let moods = if arguments.calm { Moods::calm() } else { Moods::usual() };
    let (listener, url) = partners::listen(arguments.port).await?;
    println!("{url}");
    partners::serve(listener, World::new(arguments.seed, moods), partners::stop_signal()?).await
}

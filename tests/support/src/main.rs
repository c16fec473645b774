//! Starts the wire proxy on 127.0.0.1 and prints where it listens.
#![allow(clippy::print_stdout, reason = "a command: its address goes to whoever started it")]

use clap::Parser;
use std::process::ExitCode;

/// Stands between the functions and a local cloud: records every AWS call and
/// makes some go wrong.
///
/// Try:  curl -s http://127.0.0.1:PORT/_wire/calls
///       curl -s http://127.0.0.1:PORT/_wire/faults -d '{"do":"throttle","action":"PutItem","times":3}'
#[derive(Parser)]
#[command(version, verbatim_doc_comment)]
struct Arguments {
    /// Base URL of the cloud behind it.
    #[arg(long, env = "WIRE_CLOUD")]
    cloud: String,
    /// Port on 127.0.0.1; 0 takes a free one, which is printed.
    #[arg(long, env = "WIRE_PORT", default_value_t = 0)]
    port: u16,
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

async fn run(arguments: Arguments) -> Result<(), flotilla_wire::Error> {
    use tokio::signal::unix::{SignalKind, signal};
    let (listener, url) = flotilla_wire::listen(arguments.port).await?;
    println!("{url}");
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let stop = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    flotilla_wire::serve(listener, &arguments.cloud, stop).await
}

//! Parses the command line, runs the command, and turns the result into an exit code.
#![allow(clippy::print_stderr, reason = "a command: its errors go to the person who started it")]

use clap::Parser;
use flotilla::cli::Cli;
use flotilla::error::Error;
use std::io::ErrorKind;
use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match Cli::parse().run(&mut std::io::stdout()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        // Whoever closed the pipe has seen enough.
        Err(Error::Output(error)) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("flotilla: {error}");
            ExitCode::from(2)
        }
    }
}

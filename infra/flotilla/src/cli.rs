//! The command line.

use crate::chaos::ChaosArguments;
use crate::cloud::Cloud;
use crate::demo::{self, Options};
use crate::error::Error;
use crate::operator::Wishes;
use crate::partners::Partners;
use crate::plan::{self, PlanArguments};
use crate::reconcile::reconcile;
use crate::report::{self, Report};
use crate::surge::{self, SurgeArguments};
use crate::{answer, parked, policy, see, send, sources, steer};
use clap::{Args, CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

/// As it is called.
const NAME: &str = "flotilla";

/// Works with a deployed Flotilla: shows how it is, steers it, sends events, tells
/// stories, and finds what was lost.
///
/// It finds the fleet by the usual AWS environment (AWS_REGION, credentials,
/// AWS_ENDPOINT_URL for a local cloud) and the outputs of its CloudFormation
/// stack.
///
/// Exit codes:
///   0  all is well, or it was done
///   1  it was done, and something needs a person or is not accounted for; or
///      somebody else was faster, and the change was not made
///   2  it could not be done: a wrong argument, no cloud, no permission
#[derive(Debug, Parser)]
#[command(version, verbatim_doc_comment)]
pub struct Cli {
    /// The deployed CloudFormation stack.
    #[arg(long, env = "FLOTILLA_STACK", default_value = "flotilla", global = true)]
    stack: String,
    /// Print JSON, for programs.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(flatten)]
    See(see::Command),
    #[command(flatten)]
    Steer(steer::Command),
    /// Sends a made-up day while function processes are killed, and compares three books.
    ///
    /// The books are the generator's list, the table with its dead-letter queues,
    /// and the partners' ledger. Whatever is missing in one of them is listed with
    /// its reason, and one shipment's story is told from order to booking.
    #[command(
        after_help = "Example:\n  flotilla demo --shipments 300 --events 2000 --seed 7 --kills 10"
    )]
    Demo(DemoArguments),
    /// The demo in a storm: processes die every second, calls to the cloud go wrong.
    ///
    /// Between the functions and the local cloud stands a proxy that throttles the
    /// store in bursts, doubles, delays and reorders messages and writes, and loses
    /// answers. Then the same three books are compared. It also fails when it saw no
    /// kill, no takeover, no fenced write or no resend, as it shows nothing then.
    #[command(after_help = "Example:\n  make chaos\n  make chaos SEED=2 SECONDS=60 TASKS=1000\n  \
                      python3 infra/local/local.py run --wire -- flotilla chaos --seed 3")]
    Chaos(ChaosArguments),
    /// Sends a load after a profile, and measures what the fleet makes of it.
    ///
    /// Messages are sent when they are due, however the fleet is doing, and latency
    /// counts from then. Afterwards the books are compared as in the demo. A load that
    /// would leave this machine is refused unless --yes-load-aws says so.
    #[command(
        after_help = "Examples:\n  make surge\n  make surge PROFILE=spike SEED=3 SURGE='--peak 40'\n  \
                      flotilla surge --profile ramp --rate 1 --peak 200 --duration 600 --dry-run\n  \
                      flotilla surge --trace friday.csv --yes-load-aws --budget 20"
    )]
    Surge(SurgeArguments),
    /// Plans a day before it comes: concurrency, pollers, warm table, quotas and dollars.
    ///
    /// The day is simulated with the plan and as the fleet is deployed, where everything
    /// follows the load by itself. It asks no cloud. Exit code 1 says that the plan does
    /// not keep the goal, or that a quota or a warning stands against it.
    #[command(
        after_help = "Examples:\n  flotilla plan\n  flotilla plan --forecast friday.csv --goal 5 --out target/plan\n  \
                      flotilla plan --measured target/surge/measured.json\n  \
                      flotilla plan --measured a/measured.json --predict b/measured.json"
    )]
    Plan(PlanArguments),
    /// Checks CloudEvents and sends them to the ingestion queue.
    #[command(after_help = "Example:\n  flotilla send events/order.json\n  \
                      echo '{\"specversion\":\"1.0\",...}' | flotilla send -")]
    Send {
        /// Files with one CloudEvent in JSON each, or - for standard input.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        #[command(flatten)]
        how: send::How,
    },
    /// Lists the events that wait until somebody says which shipment they belong to.
    ///
    /// They came before their order, or before anybody said what is in their
    /// container. What nobody claims within PARKED_DAYS goes to ingestion's
    /// dead-letter queue with that reason. The same as `tasks --parked`.
    #[command(after_help = "Example:\n  flotilla parked")]
    Parked,
    /// Compares policies over decisions that were really made.
    #[command(subcommand)]
    Policy(policy::Command),
    /// Lists the sources that are pulled: how far each was read, and what is wrong.
    ///
    /// Exit code 1 says that something is.
    #[command(after_help = "Example:\n  flotilla sources")]
    Sources {
        /// The fleet's file of sources, if it has one of its own.
        #[arg(long, env = "SOURCES_FILE", value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Compares the books of an earlier demo once more, with the table as it is now.
    Reconcile {
        /// The list of what was sent, which the demo wrote beside its report.
        #[arg(long, default_value = "target/demo/sent.json")]
        sent: PathBuf,
        /// The stand-in world, whose ledger is the third book.
        #[arg(long, env = "FLOTILLA_PARTNERS_URL")]
        partners_url: String,
    },
    /// Prints the completions of this command for a shell.
    #[command(after_help = "Examples:\n  flotilla completions bash > \
                            ~/.local/share/bash-completion/completions/flotilla\n  flotilla \
                            completions zsh > \"${fpath[1]}/_flotilla\"\n  flotilla completions \
                            fish > ~/.config/fish/completions/flotilla.fish")]
    Completions {
        /// The shell.
        shell: Shell,
    },
}

#[derive(Debug, Args)]
struct DemoArguments {
    /// How many shipments are ordered.
    #[arg(long, default_value_t = 300)]
    shipments: u32,
    /// How many different events happen, orders and malformed ones included; duplicates come on top.
    #[arg(long, default_value_t = 2000)]
    events: u32,
    /// Where the dice start: the same seed makes the same day.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// How many function processes are killed while it runs.
    #[arg(long, default_value_t = 10)]
    kills: u32,
    /// Over how many seconds the messages are sent.
    #[arg(long, default_value_t = 25, value_name = "SECONDS")]
    send_for: u64,
    /// Give up when nothing has changed for so many seconds.
    #[arg(long, default_value_t = 240, value_name = "SECONDS")]
    settle: u64,
    /// Give up after so many seconds in any case.
    #[arg(long, default_value_t = 900, value_name = "SECONDS")]
    limit: u64,
    /// Where the report goes; sent.json is written beside it.
    #[arg(long, default_value = "target/demo/report.json")]
    report: PathBuf,
    /// The stand-in world, whose ledger is the third book.
    #[arg(long, env = "FLOTILLA_PARTNERS_URL")]
    partners_url: String,
    /// Process id of the local cloud whose function processes are killed; none on AWS.
    #[arg(long, env = "FLOTILLA_CLOUD_PID")]
    cloud_pid: Option<u32>,
    /// The run's name, part of every id; made from the time unless given.
    #[arg(long)]
    run: Option<String>,
    /// When the day ends, such as 2026-11-27T08:00:00Z; now unless given.
    #[arg(long)]
    until: Option<jiff::Timestamp>,
}

impl Cli {
    /// Does what was asked and says whether all is well.
    ///
    /// # Errors
    /// [`Error`] when it could not be done.
    pub async fn run(self, out: &mut dyn Write) -> Result<bool, Error> {
        let wishes = Wishes { stack: self.stack, json: self.json };
        let stack = wishes.stack.clone();
        match self.command {
            Command::See(command) => command.run(&wishes, out).await,
            Command::Steer(command) => command.run(&wishes, out).await,
            Command::Demo(arguments) => demo::run(&arguments.options(stack), out).await,
            Command::Chaos(arguments) => demo::run(&arguments.options(stack)?, out).await,
            Command::Surge(arguments) => surge::run(&arguments.options(stack)?, out).await,
            Command::Send { files, how } => {
                send::run(&wishes, &files, how, out).await.map(|()| true)
            }
            Command::Plan(arguments) => plan::run(arguments, wishes.json, out),
            Command::Parked => parked::run(&wishes, out).await,
            Command::Policy(command) => command.run(&wishes, out).await,
            Command::Sources { file } => sources::run(&wishes, file.as_deref(), out).await,
            Command::Reconcile { sent, partners_url } => {
                let sent = report::read_sent(&sent)?;
                let table = Cloud::connect(&stack).await?.table_book().await?;
                let world = Partners::new(&partners_url)?.ledger().await?;
                let report = Report::new(&sent, &table, reconcile(&sent, &table, &world));
                if wishes.json {
                    answer::json(&report, out)?;
                } else {
                    report.tell(out)?;
                }
                Ok(report.good())
            }
            Command::Completions { shell } => {
                let mut script = Vec::new();
                clap_complete::generate(shell, &mut Self::command(), NAME, &mut script);
                out.write_all(&script)?;
                Ok(true)
            }
        }
    }
}

impl DemoArguments {
    fn options(self, stack: String) -> Options {
        Options {
            stack,
            partners_url: self.partners_url,
            cloud_pid: self.cloud_pid,
            shipments: self.shipments,
            events: self.events,
            seed: self.seed,
            kills: self.kills,
            send_for: Duration::from_secs(self.send_for),
            storm: None,
            settle: Duration::from_secs(self.settle),
            limit: Duration::from_secs(self.limit),
            report: self.report,
            run: self.run,
            until: self.until,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commands_and_their_options_do_not_clash() {
        Cli::command().debug_assert();
    }

    #[tokio::test]
    async fn completions_name_every_command() {
        for (shell, begin) in [
            ("bash", "_flotilla()"),
            ("zsh", "#compdef flotilla"),
            ("fish", "complete -c flotilla"),
        ] {
            let mut out = Vec::new();
            let cli = Cli::try_parse_from(["flotilla", "completions", shell]).unwrap();
            assert!(cli.run(&mut out).await.unwrap());
            let script = String::from_utf8(out).unwrap();
            assert!(script.contains(begin), "{shell}: {script}");
            for command in Cli::command().get_subcommands() {
                assert!(script.contains(command.get_name()), "{shell}: {}", command.get_name());
            }
        }
    }

    #[test]
    fn the_help_tells_the_exit_codes() {
        let help = Cli::command().render_long_help().to_string();
        for code in ["\n  0  all is well", "\n  1  it was done", "\n  2  it could not be done"] {
            assert!(help.contains(code), "{help}");
        }
    }
}

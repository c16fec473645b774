//! One execution environment: a process, invoked by one caller at a time.
//!
//! ```text
//! start --> idle --invoke--> working --answer--> idle
//!   |                          |
//!   | cannot begin             | dies, or is ended at its time limit
//!   v                          v
//! InitFailed                 Outcome; the environment is of no more use
//! ```

use super::api::{Api, Invocation, Told};
use super::launch::{Launch, Overrun};
use super::process::{keep, watch_over};
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::process::Command;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;

/// How long Lambda lets a process begin.
const INIT_LIMIT: Duration = Duration::from_secs(10);

/// A process did not get as far as its first event.
#[derive(Debug, thiserror::Error)]
pub enum InitFailed {
    /// There is no such program, or no server for it.
    #[error("{program} cannot be started: {cause}")]
    NotStarted {
        /// The program.
        program: String,
        /// What the system said.
        cause: std::io::Error,
    },
    /// It said why.
    #[error("it cannot begin: {0}")]
    Said(String),
    /// It ended.
    #[error("it ended before it asked for an event ({status}): {printed}")]
    Ended {
        /// How.
        status: ExitStatus,
        /// What it had printed.
        printed: String,
    },
    /// It did not ask for an event in time.
    #[error("it did not ask for an event within {INIT_LIMIT:?}")]
    TooSlow,
}

/// How an invocation ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Its answer.
    Answered(String),
    /// The function reported an error.
    Failed(String),
    /// The process died over it.
    Died(ExitStatus),
    /// It did not answer in time and was ended.
    TimedOut,
    /// It outlived its time limit, and answered that nobody any more.
    Late(String),
}

/// A running process.
#[derive(Debug)]
pub struct Environment {
    /// Its process id.
    pub pid: u32,
    launch: Launch,
    api: Api,
    told: tokio::sync::Mutex<UnboundedReceiver<Told>>,
    kill: UnboundedSender<()>,
    ended: watch::Receiver<Option<ExitStatus>>,
    printed: Arc<Mutex<String>>,
}

impl Environment {
    /// Starts a process and waits until it asks for an event.
    ///
    /// # Errors
    /// [`InitFailed`] says what it did instead.
    pub async fn start(launch: Launch) -> Result<Self, InitFailed> {
        Self::begin(launch, Stdio::piped).await
    }

    /// The same for one whose lines nobody reads: a long measurement would keep them all.
    ///
    /// # Errors
    /// [`InitFailed`], without what it had printed.
    pub async fn start_silent(launch: Launch) -> Result<Self, InitFailed> {
        Self::begin(launch, Stdio::null).await
    }

    async fn begin(launch: Launch, lines: fn() -> Stdio) -> Result<Self, InitFailed> {
        let program = launch.bootstrap.display().to_string();
        let failed = |cause| InitFailed::NotStarted { program: program.clone(), cause };
        let (api, told) = Api::listen().await.map_err(failed)?;
        let mut child = Command::new(&launch.bootstrap)
            .env_clear()
            .envs(launch.environment(&api.address))
            .stdin(Stdio::null())
            .stdout(lines())
            .stderr(lines())
            .kill_on_drop(true)
            .spawn()
            .map_err(failed)?;
        let printed = Arc::default();
        keep(child.stdout.take(), &printed);
        keep(child.stderr.take(), &printed);
        let pid = child.id().unwrap_or_default();
        let (kill, killed) = unbounded_channel();
        let (end, ended) = watch::channel(None);
        tokio::spawn(watch_over(child, killed, end));
        let told = tokio::sync::Mutex::new(told);
        let environment = Self { pid, launch, api, told, kill, ended, printed };
        environment.begun().await?;
        Ok(environment)
    }

    async fn begun(&self) -> Result<(), InitFailed> {
        let mut told = self.told.lock().await;
        let begun = async {
            tokio::select! {
                biased;
                said = told.recv() => match said {
                    Some(Told::Ready) => Ok(()),
                    Some(Told::CannotBegin(why)) => Err(InitFailed::Said(text(&why))),
                    // Refused by the API: nothing was invoked yet.
                    Some(Told::Answered(..) | Told::Failed(..)) | None => Err(InitFailed::TooSlow),
                },
                status = self.ended() => {
                    Err(InitFailed::Ended { status, printed: self.printed() })
                }
            }
        };
        let begun = tokio::time::timeout(INIT_LIMIT, begun).await;
        let begun = begun.unwrap_or(Err(InitFailed::TooSlow));
        if begun.is_err() {
            self.kill().await;
        }
        begun
    }

    /// Hands an event over, with a deadline from now, and waits for what becomes of it.
    pub async fn invoke(&self, payload: Vec<u8>) -> Outcome {
        let mut told = self.told.lock().await;
        let (id, trace) = names();
        let limit = self.launch.timeout;
        let deadline = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + limit;
        let deadline_ms = u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX);
        let began = Instant::now();
        let arn = self.launch.arn();
        self.api.give(Invocation { id: id.clone(), deadline_ms, arn, trace, payload });
        let work = async {
            loop {
                tokio::select! {
                    biased;
                    said = told.recv() => match said {
                        Some(Told::Answered(to, answer)) if to == id => {
                            return Outcome::Answered(text(&answer));
                        }
                        Some(Told::Failed(to, why)) if to == id => return Outcome::Failed(text(&why)),
                        Some(Told::Ready | Told::CannotBegin(_) | Told::Answered(..)
                            | Told::Failed(..)) | None => {}
                    },
                    status = self.ended() => return Outcome::Died(status),
                }
            }
        };
        match self.launch.overrun {
            Overrun::Ends => {
                if let Ok(outcome) = tokio::time::timeout(limit, work).await {
                    return outcome;
                }
                self.kill().await;
                Outcome::TimedOut
            }
            Overrun::GoesOn => match work.await {
                Outcome::Answered(answer) if began.elapsed() > limit => Outcome::Late(answer),
                other @ (Outcome::Answered(_)
                | Outcome::Failed(_)
                | Outcome::Died(_)
                | Outcome::TimedOut
                | Outcome::Late(_)) => other,
            },
        }
    }

    /// Ends the process at once (SIGKILL), and waits until it is gone.
    pub async fn kill(&self) -> ExitStatus {
        // It may have ended by itself.
        let _gone = self.kill.send(());
        self.ended().await
    }

    /// Stops the process where it is (SIGSTOP). Nothing in it runs until it goes on.
    pub async fn stop(&self) {
        self.signal("-STOP").await;
    }

    /// Lets a stopped process go on (SIGCONT).
    pub async fn go_on(&self) {
        self.signal("-CONT").await;
    }

    /// Waits until the process has ended.
    pub async fn ended(&self) -> ExitStatus {
        let mut ended = self.ended.clone();
        match ended.wait_for(Option::is_some).await.map(|status| *status) {
            Ok(Some(status)) => status,
            // Whoever watches over it stays until it has ended.
            Ok(None) | Err(_) => ExitStatus::default(),
        }
    }

    /// Everything that it has printed so far.
    #[must_use]
    pub fn printed(&self) -> String {
        self.printed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn signal(&self, which: &str) {
        // The pid stays this child's until it has been waited for.
        if self.ended.borrow().is_some() {
            return;
        }
        let sent = Command::new("kill").args([which, &self.pid.to_string()]).status().await;
        if !sent.as_ref().is_ok_and(ExitStatus::success) {
            tracing::error!(pid = self.pid, which, ?sent, "the signal was not sent");
        }
    }
}

/// An invocation's id and trace, in the forms that Lambda uses.
fn names() -> (String, String) {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let host = std::process::id();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    (
        format!("{host:08x}-0000-4000-8000-{count:012x}"),
        format!("Root=1-{now:08x}-{host:08x}{count:016x};Parent={count:016x};Sampled=0"),
    )
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

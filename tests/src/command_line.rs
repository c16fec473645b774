//! The real `flotilla`, as an operator starts it: with nobody at the terminal.

use serde_json::Value;
use std::path::PathBuf;
use std::process::Stdio;
use tokio::process::Command;

/// What came of a command.
#[derive(Debug, Clone)]
pub struct Ran {
    /// Its exit code; -1 when it was killed.
    pub code: i32,
    /// Its standard output.
    pub out: String,
    /// Its standard error.
    pub err: String,
}

/// The binary that is built with these tests.
#[must_use]
pub fn binary() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let path = target.unwrap_or_else(|| here.join("../target")).join("debug/flotilla");
    assert!(path.exists(), "{} is missing: cargo build --workspace", path.display());
    path
}

/// The command, not started yet.
#[must_use]
pub fn prepared(arguments: &[&str]) -> Command {
    let mut command = Command::new(binary());
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.kill_on_drop(true);
    command
}

/// Runs it.
pub async fn flotilla(arguments: &[&str]) -> Ran {
    flotilla_with(arguments, &[]).await
}

/// Runs it with other settings.
pub async fn flotilla_with(arguments: &[&str], settings: &[(&str, &str)]) -> Ran {
    let mut command = prepared(arguments);
    let done = command.envs(settings.iter().copied()).output().await.unwrap();
    Ran {
        code: done.status.code().unwrap_or(-1),
        out: String::from_utf8(done.stdout).unwrap(),
        err: String::from_utf8(done.stderr).unwrap(),
    }
}

impl Ran {
    /// Its text, after this exit code.
    #[track_caller]
    pub fn said(&self, code: i32) -> &str {
        assert_eq!(self.code, code, "{self:?}");
        &self.out
    }

    /// Its JSON, after this exit code.
    #[track_caller]
    #[must_use]
    pub fn json(&self, code: i32) -> Value {
        serde_json::from_str(self.said(code)).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The line that is meant.
    #[track_caller]
    #[must_use]
    pub fn line(&self, is_meant: impl Fn(&str) -> bool) -> &str {
        let found = self.out.lines().find(|line| is_meant(line));
        found.unwrap_or_else(|| panic!("there is no such line: {self:?}"))
    }
}

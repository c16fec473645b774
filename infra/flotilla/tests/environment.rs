//! The command in an environment that is wrong: what was tried, what came back, and
//! what to do are said, and the exit code is 2. Needs no fleet.
#![allow(clippy::unwrap_used, reason = "a test stops by panicking")]

use std::net::TcpListener;
use std::process::{Command, Stdio};

/// Runs `flotilla status` with nothing in the environment but that.
fn status(settings: &[(&str, &str)]) -> (i32, String, String) {
    command(&["status"], settings)
}

fn command(arguments: &[&str], settings: &[(&str, &str)]) -> (i32, String, String) {
    let nowhere = std::env::temp_dir().join("flotilla-no-such-home");
    let mut command = Command::new(env!("CARGO_BIN_EXE_flotilla"));
    command.args(arguments).stdin(Stdio::null()).env_clear();
    // No file of the person who runs this test, and no wait for a machine in EC2.
    command.env("HOME", &nowhere).env("USERPROFILE", &nowhere);
    command.env("AWS_EC2_METADATA_DISABLED", "true");
    let ran = command.envs(settings.iter().copied()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (ran.status.code().unwrap(), text(ran.stdout), text(ran.stderr))
}

const KEYS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")];

/// An endpoint that nobody answers at.
fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[track_caller]
fn said((code, out, err): (i32, String, String), words: &[&str]) {
    assert_eq!((code, out.as_str()), (2, ""), "{err}");
    for word in words {
        assert!(err.contains(word), "there is no {word:?} in {err}");
    }
}

#[test]
fn no_region() {
    said(status(&KEYS), &["reading the AWS environment", "no region is set", "Set AWS_REGION"]);
}

#[test]
fn nobody_answers_at_the_endpoint() {
    let endpoint = nobody();
    let place = [("AWS_REGION", "eu-west-1"), ("AWS_ENDPOINT_URL", &endpoint)];
    let tried = format!("describing the stack flotilla in eu-west-1 at {endpoint}");
    said(
        status(&[&KEYS[..], &place].concat()),
        &[&tried, "refused", "Is the cloud running?", "AWS_ENDPOINT_URL says where"],
    );
}

#[test]
fn no_credentials() {
    let endpoint = nobody();
    let place = [("AWS_REGION", "eu-west-1"), ("AWS_ENDPOINT_URL", endpoint.as_str())];
    said(status(&place), &["describing the stack", "aws sso login", "AWS_PROFILE"]);
}

#[test]
fn the_live_view_needs_a_terminal() {
    let ran = command(&["top"], &[]);
    said(ran, &["the output is no terminal", "flotilla status --json", "flotilla top --once"]);
    let ran = command(&["top", "--every", "soon"], &[]);
    said(ran, &["--every", "from 2 s to 1 h", "got \"soon\""]);
}

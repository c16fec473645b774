//! A process stops where it is told to, and a deploy build never does.
//!
//! The process is this test program, asked for one test of its own.
#![allow(clippy::unwrap_used, reason = "a test stops by panicking")]

use flotilla_crashpoint::{Point, VARIABLE, reach};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

#[test]
fn without_the_variable_a_point_is_passed() {
    for point in Point::ALL {
        reach(*point);
        reach(*point);
    }
}

/// A process that passes every point twice.
fn process(at: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "without_the_variable_a_point_is_passed", "--test-threads=1"])
        .env(VARIABLE, at)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    (listener, address)
}

#[test]
fn names_are_one_of_a_kind() {
    let names: std::collections::BTreeSet<_> = Point::ALL.iter().map(|p| p.name()).collect();
    assert_eq!(names.len(), Point::ALL.len());
}

#[cfg(debug_assertions)]
mod in_a_test_build {
    use super::*;
    use std::io::{BufRead, BufReader, Write};

    #[test]
    fn a_process_stands_at_its_point_until_it_is_told_to_go_on() {
        for at in ["claimed", "claimed:2"] {
            let (listener, address) = listener();
            let mut child = process(&format!("{at}@{address}"));
            let (mut line, _) = listener.accept().unwrap();
            let mut said = String::new();
            BufReader::new(line.try_clone().unwrap()).read_line(&mut said).unwrap();
            assert_eq!(said.trim(), format!("claimed {}", child.id()));
            assert!(child.try_wait().unwrap().is_none(), "it stands");
            line.write_all(b"g").unwrap();
            assert!(child.wait().unwrap().success());
        }
    }

    #[test]
    fn a_process_that_dies_there_does_not_go_on() {
        let (listener, address) = listener();
        let mut child = process(&format!("taken@{address}"));
        let (_line, _) = listener.accept().unwrap();
        child.kill().unwrap();
        assert!(!child.wait().unwrap().success());
    }

    #[test]
    fn an_order_that_cannot_be_followed_ends_the_process() {
        let (listener, address) = listener();
        for wrong in ["nowhere", "taken:0", "taken:x", ""] {
            assert!(!process(&format!("{wrong}@{address}")).wait().unwrap().success(), "{wrong}");
        }
        assert!(!process("taken").wait().unwrap().success());
        drop(listener);
        assert!(!process(&format!("taken@{address}")).wait().unwrap().success());
    }
}

/// Run by `cargo test --release`: whatever the variable says, nobody stops.
#[cfg(not(debug_assertions))]
#[test]
fn a_deploy_build_has_no_crash_points() {
    let (listener, address) = listener();
    for at in [format!("taken@{address}"), "nonsense".to_owned()] {
        assert!(process(&at).wait().unwrap().success(), "{at}");
    }
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err(), "somebody announced itself");
}

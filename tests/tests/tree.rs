//! The tree keeps its word: the pure crates stay pure, and every test that a
//! README names exists.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test says what is wrong by panicking"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn dependencies(package: &str) -> Vec<String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let tree = Command::new(cargo)
        .args(["tree", "--package", package, "--edges", "normal", "--prefix", "none", "--offline"])
        .output()
        .unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let text = String::from_utf8(tree.stdout).unwrap();
    text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

fn is_aws(name: &str) -> bool {
    name.starts_with("aws") || name.starts_with("lambda") || name == "tokio" || name == "reqwest"
}

#[test]
fn task_and_shipment_depend_on_no_aws_crate_and_on_no_io() {
    for package in ["flotilla-task", "flotilla-shipment"] {
        let found: Vec<_> = dependencies(package).into_iter().filter(|d| is_aws(d)).collect();
        assert!(found.is_empty(), "{package} depends on {found:?}");
    }
    // The check itself can fail: the runtime does depend on them.
    assert!(dependencies("flotilla-runtime").iter().any(|d| is_aws(d)));
}

/// The files of the repository with that ending, as git knows them.
fn files(ending: &str) -> Vec<PathBuf> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", ending])
        .current_dir(root())
        .output()
        .unwrap();
    let text = String::from_utf8(listed.stdout).unwrap();
    text.lines().map(|file| root().join(file)).filter(|file| file.exists()).collect()
}

/// What stands between backticks and reads like the name of a test: words
/// joined by at least four underscores.
fn named_tests(text: &str) -> Vec<&str> {
    let is_name = |word: &&str| {
        let letters =
            word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        letters && word.matches('_').count() >= 4
    };
    text.split('`')
        .skip(1)
        .step_by(2)
        .filter_map(|code| code.rsplit("::").next())
        .filter(is_name)
        .collect()
}

#[test]
fn every_test_that_a_readme_names_exists() {
    let sources: String =
        files("*.rs").iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
    let mut named = 0;
    for file in files("*.md") {
        let text = std::fs::read_to_string(&file).expect("a listed file is there");
        for name in named_tests(&text) {
            let found = sources.contains(&format!("fn {name}("));
            assert!(found, "{} names {name}, which no source has", file.display());
            named += 1;
        }
    }
    assert!(named > 20, "only {named} tests are named");
}

//! The pure crates stay pure: no AWS crate in their dependency tree.
#![allow(clippy::unwrap_used, reason = "a test says what is wrong by panicking")]

use std::process::Command;

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

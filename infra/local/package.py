"""Builds the functions for AWS with `sam build`: release profile, cross-compiled by zig.

The result is `.aws-sam/build`, which `sam deploy` takes as it is.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import checks
import say
import tools
from say import Exit, Problem
from settings import ROOT, clean_environment

TEST_ONLY = b"FLOTILLA_CRASH_AT"
"""The variable that stops a process at a crash point; only test builds know it."""

TARGETS = {"arm64": "aarch64-unknown-linux-gnu", "x86_64": "x86_64-unknown-linux-gnu"}


def package() -> int:
    """Build all five; ARCHITECTURE says for which processor (arm64 as in the template)."""
    architecture = os.environ.get("ARCHITECTURE", "arm64")
    if architecture not in TARGETS:
        raise Problem(
            f"ARCHITECTURE is {architecture!r}",
            f"Give it one of: {', '.join(TARGETS)}.",
            Exit.USAGE,
        )
    checks.machine()
    _has_standard_library(TARGETS[architecture])
    tools.install("deploy", "package")
    environment = clean_environment()
    programs = [str(tools.TOOLS / each / "bin") for each in ("package", "deploy")]
    environment["PATH"] = os.pathsep.join([*programs, environment["PATH"]])
    environment["CARGO_LAMBDA_GLOBAL"] = str(Path(__file__).with_name("cargo-lambda.toml"))
    with say.step(f"sam build for {architecture} (release, with link-time optimisation)"):
        done = subprocess.run(
            [tools.program("deploy", "sam"), "build", "--parameter-overrides",
             f"Architecture={architecture}"],
            cwd=ROOT, env=environment,
        )  # fmt: skip
    if done.returncode != 0:
        raise Problem("sam build failed", "Its last lines are above.", Exit.BUILD)
    built = sorted((ROOT / ".aws-sam" / "build").glob("*/bootstrap"))
    has_no_crash_points(built)
    for bootstrap in built:
        say.line(f"   {bootstrap.parent.name:24} {bootstrap.stat().st_size / 1e6:.1f} MB")
    say.line(f"Deploy it with: sam deploy (parameter Architecture={architecture})")
    return 0


def has_no_crash_points(bootstraps: list[Path]) -> None:
    """A function that can be told to stand still must not be deployed."""
    for bootstrap in bootstraps:
        if TEST_ONLY in bootstrap.read_bytes():
            raise Problem(
                f"{bootstrap.parent.name} is a test build: it has crash points",
                "The release profile in Cargo.toml must not switch debug assertions on.",
                Exit.BUILD,
            )


def _has_standard_library(target: str) -> None:
    """cargo-lambda would have rustup download it; that is for the user to decide."""
    found = subprocess.run(
        ["rustc", "--print", "target-libdir", "--target", target],
        env=clean_environment(), capture_output=True, text=True,
    )  # fmt: skip
    if found.returncode != 0 or not Path(found.stdout.strip()).is_dir():
        raise Problem(
            f"Rust's standard library for {target} is not installed",
            f"Install it (rustup target add {target}), or build for another processor "
            "(ARCHITECTURE=x86_64 make package).",
            Exit.MISSING,
        )

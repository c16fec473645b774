"""Builds the functions for AWS with `sam build`: release profile, cross-compiled by zig.

The result is `.aws-sam/build`, which `sam deploy` takes as it is.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import bootstraps
import checks
import say
import tools
from say import Exit, Problem
from settings import ROOT, clean_environment

BUILD = ROOT / ".aws-sam" / "build"
TARGETS = {"arm64": "aarch64-unknown-linux-gnu", "x86_64": "x86_64-unknown-linux-gnu"}


def package(architecture: str) -> None:
    """Build all five; print the time it took and each zip's size, and refuse one too large."""
    can_build(architecture)
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
    built = bootstraps.found(BUILD)
    sizes = {each.function: each.zipped() for each in built}
    for name, size in sizes.items():
        say.line(f"   {name:24} {size / 1e6:5.2f} MB zipped")
    bootstraps.check_architecture(built, architecture)
    bootstraps.check_sizes(sizes)
    bootstraps.check_no_crash_points(built)


def can_build(architecture: str) -> None:
    """Say what is missing before a build that takes minutes."""
    if architecture not in TARGETS:
        raise Problem(
            f"ARCHITECTURE is {architecture!r}",
            f"Give it one of: {', '.join(TARGETS)}.",
            Exit.USAGE,
        )
    checks.machine()
    _has_standard_library(TARGETS[architecture])


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

"""Builds everything for this machine and lays it out as `sam deploy` wants it.

Why not `sam build`: SAM's Rust workflow calls `cargo lambda build --bin NAME`
once for each function, and cargo-lambda always adds `--target`. Cargo then
keeps those artefacts apart (`target/<triple>/`) from those of `cargo test` and
of the other programs (`target/debug/`), so every dependency would be compiled
twice. A local function is a plain process of this machine: one plain `cargo
build` makes the functions, the `flotilla` command and the stand-in world with
the profile and the target folder that `cargo test` uses. What SAM would have
left in `.aws-sam/build` is small: a folder with `bootstrap` for each function,
one with the template of each nested stack, and the template pointing there. `sam build` remains the way to
AWS, where each binary is built for another machine anyway (`make package`).
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import checks
import next_release
import say
import tools
from parameters import Limits
from say import Exit, Problem
from settings import HOME, ROOT, TEMPLATE, clean_environment

BUILD = HOME / "build"
BUILT_TEMPLATE = BUILD / "template.yaml"
BINARIES = BUILD / "binaries.json"
BESIDE = ("flotilla", "partners", "wire")
"""The programs that run beside the functions; others are built with the tests only."""

Template = dict[str, Any]
"""What `built_template.py` prints."""
LIMITS = BUILD / "limits.json"


def build(with_tests: bool = False) -> None:
    """Compile, then lay out; what has not changed is not compiled again.

    Tests switch on features of some dependencies. Where both are wanted, both
    are built at once, or cargo would compile those dependencies in two ways.
    With the tests comes the release that one of them updates to.
    """
    checks.machine(target_folder())
    tools.install("deploy")
    template = _read()
    if with_tests:
        _build_next(template)
    with say.step("building (the first time takes minutes, later ones seconds)"):
        locked = ["--locked"] if os.environ.get("CI") else []
        needed = _bins([*template["programs"].values(), *BESIDE])
        binaries = _compile(ROOT, [*(["--bins", "--tests"] if with_tests else needed), *locked])
    with _alone():
        BUILD.mkdir(parents=True, exist_ok=True)
        BINARIES.write_text(json.dumps(binaries, indent=1))
        _lay_out(BUILD, template, binaries)


def release(names: Iterable[str]) -> dict[str, Path]:
    """Compile programs as for AWS, for this machine; where each of them is."""
    locked = ["--locked"] if os.environ.get("CI") else []
    built = _compile(ROOT, ["--release", *_bins(names), *locked])
    return {name: Path(path) for name, path in built.items()}


def _build_next(template: Template) -> None:
    """Before this release, whose programs of the same names are the ones to stay."""
    next_release.write()
    functions = _bins(template["programs"].values())
    with say.step("building the functions of the next release, for the test of two versions"):
        # One small test makes cargo choose the features that it chooses for all tests.
        binaries = _compile(next_release.SOURCE, [*functions, "--test", "protocol"])
    with _alone():
        _lay_out(next_release.LAYOUT, template, binaries)


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Two builds in one checkout write the same folder, one after the other."""
    HOME.mkdir(parents=True, exist_ok=True)
    with (HOME / "build.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def binary(name: str) -> Path:
    """Path of a program that `build` made."""
    try:
        return Path(json.loads(BINARIES.read_text())[name])
    except (OSError, KeyError) as error:
        raise Problem(f"{name} is not built", "Run: make build", Exit.BUILD) from error


def limits() -> Limits:
    """What the built template allows its parameters to be."""
    try:
        return dict(json.loads(LIMITS.read_text()))
    except OSError as error:
        raise Problem("the template is not built", "Run: make build", Exit.BUILD) from error


def _bins(names: Iterable[str]) -> list[str]:
    return [word for name in names for word in ("--bin", name)]


def target_folder() -> Path:
    """Where cargo builds."""
    return Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))


def _compile(source: Path, targets: list[str]) -> dict[str, str]:
    """Run cargo and collect where it put each program, whatever folder it was told to use."""
    environment = clean_environment() | {"CARGO_TARGET_DIR": str(target_folder())}
    command = ["cargo", "build", "--workspace", *targets]
    command.append("--message-format=json-render-diagnostics")
    found: dict[str, str] = {}
    with subprocess.Popen(
        command, cwd=source, env=environment, stdout=subprocess.PIPE, text=True
    ) as cargo:
        assert cargo.stdout is not None
        for each in cargo.stdout:
            message = json.loads(each) if each.startswith("{") else {}
            # A program's own unit tests are an executable of the same name.
            is_test = message.get("profile", {}).get("test", False)
            if message.get("executable") and not is_test and "bin" in message["target"]["kind"]:
                found[message["target"]["name"]] = message["executable"]
    if cargo.returncode != 0:
        raise Problem("the build failed", "The compiler's message is above.", Exit.BUILD)
    return found


def _read() -> Template:
    """The template that is deployed, its programs, nested stacks and limits."""
    # The template is YAML, which Python's own library cannot read; SAM's can.
    reader = Path(__file__).with_name("built_template.py")
    done = subprocess.run(
        [tools.program("deploy", "python"), str(reader), str(TEMPLATE)],
        env=clean_environment(), capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode != 0:
        raise Problem("template.yaml cannot be read", done.stderr[-2000:], Exit.BUILD)
    said: Template = json.loads(done.stdout)
    return said


def _lay_out(folder: Path, template: Template, binaries: dict[str, str]) -> None:
    """Folder, bootstrap, templates and limits, like SAM's own build folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / BUILT_TEMPLATE.name).write_text(template["template"])
    (folder / LIMITS.name).write_text(json.dumps(template["limits"], indent=1))
    for stack, file in template["nested"].items():
        (folder / stack).mkdir(exist_ok=True)
        shutil.copyfile(ROOT / file, folder / stack / BUILT_TEMPLATE.name)
    for function, name in template["programs"].items():
        if name not in binaries:
            raise Problem(
                f"template.yaml wants a program {name} for {function}, and cargo built none",
                "The program's name stands under Metadata, BuildProperties, Binary.",
                Exit.BUILD,
            )
        shutil.rmtree(folder / function, ignore_errors=True)
        (folder / function).mkdir()
        shutil.copy2(binaries[name], folder / function / "bootstrap")

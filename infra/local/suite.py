"""The parts of `make test`, one after the other, each timed and each counted.

A part that fails does not keep the others from running: one look at the end
tells all that is wrong. The last line is `N passed, N failed`, summed over
what the test runners themselves said.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import checks
import say
import tools
from localstack import needs
from say import Exit, Problem
from settings import ROOT, clean_environment

LIMIT = 40 * 60
"""Seconds after which a part is ended: a hanging test must not hold up a run for ever."""


@dataclass
class Part:
    """One part: what it is called, what it runs, and whether it runs tests."""

    name: str
    command: list[str]
    tests: bool = True
    needs: Callable[[], list[str]] = list
    """What this machine lacks for it, in words."""
    seconds: float = 0.0
    passed: int = 0
    failed: int = 0
    complaint: str = ""
    skipped: str = ""


def _parts() -> list[Part]:
    here = str(ROOT / "infra" / "local")
    locked = ["--locked"] if os.environ.get("CI") else []
    python = tools.program("deploy", "python")
    # Always the whole workspace: a selection of packages has other features switched
    # on, and with other features the dependencies would be compiled once more.
    workspace = ["--workspace", *locked]
    return [
        Part("format", ["cargo", "fmt", "--all", "--check"], tests=False),
        Part("template", [python, "-m", "unittest", "discover", "-s", "tests/template"]),
        Part("local", [sys.executable, "-m", "unittest", "discover", "-s", f"{here}/tests"]),
        Part(
            "executor",
            [sys.executable, "-m", "unittest", "discover"]
            + ["-s", f"{here}/localstack/executor/tests"],
        ),
        Part(
            "clippy",
            ["cargo", "clippy", *workspace, "--all-targets", "--", "-D", "warnings"],
            tests=False,
        ),
        Part("build", [sys.executable, f"{here}/local.py", "build", "--with-tests"], tests=False),
        Part("unit", ["cargo", "test", "--no-fail-fast", *workspace]),
        # As it is deployed: this crate needs no other, so its release build takes seconds.
        Part("deploy-build", ["cargo", "test", "--release", *locked, "-p", "flotilla-crashpoint"]),
        Part(
            "end-to-end",
            [sys.executable, f"{here}/local.py", "run", "--built", "--name", "test", "--wire"]
            # Whatever is logged is looked through for what must not be there.
            + ["--set", "LogDebugSample=100", "--"]
            + ["cargo", "test", "--no-fail-fast", *workspace, "--test", "*", "--", "--ignored"]
            + [word for name in NEEDS_MORE for word in ("--skip", name)],
        ),
        Part(
            "fifo",
            [sys.executable, f"{here}/local.py", "run", "--built", "--name", "fifo"]
            + ["--set", "QueueType=fifo", "--", "cargo", "test", "--no-fail-fast", *workspace]
            + [word for name in ON_FIFO for word in ("--test", name)]
            + ["--", "--ignored"],
        ),
        # A fleet of its own, as each scenario asks what the whole fleet needs.
        Part(
            "operations",
            [sys.executable, f"{here}/local.py", "run", "--built", "--name", "operations"]
            + ["--set", "PolicyBucket=flotilla-policies"]
            + ["--", "cargo", "test", *workspace, "--test", "operations"]
            + ["--", "--ignored", "--test-threads", "1"],
        ),
        # Too short to see every kind of survival each time; losses are what counts.
        Part(
            "chaos",
            [sys.executable, f"{here}/local.py", "run", "--built", "--name", "chaos", "--wire"]
            + ["--", "flotilla", "chaos", "--tasks", "600", "--duration", "40"]
            + ["--kill-every", "0.8", "--short"],
            tests=False,
        ),
        # Short: the books and the coming to rest are what counts, not the numbers.
        Part(
            "surge",
            [sys.executable, f"{here}/local.py", "run", "--built", "--name", "surge", "--"]
            + ["flotilla", "surge", "--duration", "40", "--peak", "40", "--limit", "400"]
            + ["--report", "target/surge/test/report.html"],
            tests=False,
        ),
        Part("privileges", [python, "-m", "unittest", "-v", "tests/template/check_privileges.py"]),
        Part(
            "account",
            [sys.executable, f"{here}/local.py", "run", "--built", "--name", "account", "--"]
            + [python, "-B", f"{here}/account/tests/test_account.py"],
        ),
        Part(
            "localstack",
            [sys.executable, f"{here}/local.py", "run", "--built", "--name", "localstack"]
            + ["--engine", "localstack", *_endpoint(), "--"]
            + [sys.executable, "-B", f"{here}/localstack/trial.py", *locked],
            needs=list if _endpoint() else needs.missing,
        ),
    ]


def _endpoint() -> list[str]:
    """A LocalStack that the user has started, such as that of the compose file."""
    given = os.environ.get("AWS_ENDPOINT_URL", "")
    return ["--endpoint", given] if given else []


PARTS = ("format", "template", "local", "executor", "clippy", "build", "unit", "deploy-build")
PARTS += ("end-to-end", "fifo", "operations", "chaos", "surge", "privileges", "account")
PARTS += ("localstack",)

NEEDS_MORE = ("every_published_example", "larger_bounds_hold_as_well", "on_fifo_queues")
NEEDS_MORE += ("operations_",)
"""Ignored tests that need more, or other, than a deployed fleet: what, says the test itself."""

ON_FIFO = ("fifo", "pipeline", "loads", "questions", "bad_input")
"""Test programs that a fleet with FIFO queues passes as well."""


def run(chosen: list[str]) -> int:
    """Run the chosen parts (all of them if none is) and print the table."""
    unknown = set(chosen) - set(PARTS)
    if unknown:
        raise Problem(
            f"there is no part {', '.join(sorted(unknown))}",
            f"Choose from: {', '.join(PARTS)}.",
            Exit.USAGE,
        )
    checks.machine()
    began = time.monotonic()
    tools.install("cloud", "deploy")
    installed = time.monotonic() - began
    parts = [part for part in _parts() if not chosen or part.name in chosen]
    for part in parts:
        _carry_out(part)
    return _report(parts, installed)


def _carry_out(part: Part) -> None:
    say.line(f"\n{say.bold('==')} {part.name}: {' '.join(part.command)}")
    if lacking := part.needs():
        _leave_out(part, f"this machine has no {', no '.join(lacking)}")
        return
    began = time.monotonic()
    environment = clean_environment()
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    with (
        subprocess.Popen(
            part.command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        ) as child,
        _ended_after(child, part),
    ):
        assert child.stdout is not None
        for each in child.stdout:
            print(each, end="", flush=True)
            passed, failed = counted(each)
            part.passed += passed
            part.failed += failed
    part.seconds = time.monotonic() - began
    if child.returncode != 0 and part.failed == 0:
        part.failed = 1
        part.complaint = part.complaint or f"ended with code {child.returncode}"
    elif part.tests and part.passed + part.failed == 0:
        part.failed = 1
        part.complaint = "ran no test"


def _leave_out(part: Part, why: str) -> None:
    """Whoever tries the project may lack something; what CI lacks would never be noticed."""
    if os.environ.get("CI"):
        part.failed, part.complaint = 1, why
    else:
        part.skipped = why
    say.line(f"{say.bad('not run')}: {why}")


class _ended_after(contextlib.AbstractContextManager["_ended_after"]):
    """Ends a part that takes too long, or whose caller is interrupted, with all its children."""

    def __init__(self, child: subprocess.Popen[str], part: Part) -> None:
        self.child = child
        self.part = part

    def __enter__(self) -> _ended_after:
        signal.signal(signal.SIGALRM, self._too_long)
        signal.alarm(LIMIT)
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        signal.alarm(0)
        if kind is not None:
            self._end()
            # A run inside it stops its own servers; give it the time for that.
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.child.wait(timeout=30)

    def _too_long(self, *_: object) -> None:
        self.part.complaint = f"was ended after {LIMIT // 60} minutes"
        self._end()

    def _end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.child.pid, signal.SIGTERM)


CARGO = re.compile(r"test result: \w+\. (\d+) passed; (\d+) failed;")
UNITTEST_RAN = re.compile(r"^Ran (\d+) tests? in ")
UNITTEST_BAD = re.compile(r"^FAILED \((.*)\)")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def counted(text: str) -> tuple[int, int]:
    """What one line of a test runner adds to (passed, failed)."""
    text = COLOURS.sub("", text)
    if found := CARGO.search(text):
        return int(found[1]), int(found[2])
    if found := UNITTEST_RAN.search(text):
        return int(found[1]), 0
    if found := UNITTEST_BAD.search(text):
        counts = re.findall(r"(?:failures|errors)=(\d+)", found[1])
        bad = sum(int(each) for each in counts)
        # The line before counted them as run.
        return -bad, bad
    return 0, 0


def _report(parts: list[Part], installed: float) -> int:
    say.line(f"\n{'part':12} {'seconds':>8} {'passed':>7} {'failed':>7}")
    say.line(f"{'tools':12} {installed:8.1f}")
    for part in parts:
        state = say.bad(part.complaint or "failed") if part.failed else say.good("ok")
        state = say.bad("SKIPPED") if part.skipped else state
        tests = f"{part.passed:7} {part.failed:7}" if part.tests or part.failed else " " * 15
        say.line(f"{part.name:12} {part.seconds:8.1f} {tests}  {state}")
    say.line(f"{'all':12} {installed + sum(part.seconds for part in parts):8.1f}\n")
    for part in parts:
        if part.skipped:
            print(say.bad(f"SKIPPED: {part.name} was not run: {part.skipped}"), flush=True)
    passed, failed = sum(p.passed for p in parts), sum(p.failed for p in parts)
    print(f"{passed} passed, {failed} failed", flush=True)
    return int(Exit.FAILED) if failed else 0

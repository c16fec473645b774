"""What a person sees: steps with their time, warnings, and one-line problems.

Colours only on a terminal, and never where NO_COLOR is set. All of it goes to
standard error: standard output is for what a script may want to read.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path


class Exit(IntEnum):
    """Exit codes, so that scripts can tell causes apart."""

    FAILED = 1
    USAGE = 2
    MISSING = 3
    PORT_IN_USE = 4
    NOT_RUNNING = 5
    DEPLOY = 6
    BUILD = 7
    INTERRUPTED = 130


class Problem(Exception):
    """Something the user can act on: what is wrong, and what to do about it."""

    def __init__(self, what: str, todo: str, code: Exit = Exit.FAILED, detail: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.todo = todo
        self.code = code
        self.detail = detail


def _painted(text: str, colour: str) -> str:
    if not sys.stderr.isatty() or "NO_COLOR" in os.environ:
        return text
    return f"\033[{colour}m{text}\033[0m"


def line(text: str = "") -> None:
    """Print one line at once, also into a pipe."""
    print(text, file=sys.stderr, flush=True)


def bold(text: str) -> str:
    """Emphasis on a terminal."""
    return _painted(text, "1")


def good(text: str) -> str:
    """Green on a terminal."""
    return _painted(text, "32")


def bad(text: str) -> str:
    """Red on a terminal."""
    return _painted(text, "31")


def problem(found: Problem) -> None:
    """Print a problem: its detail first, so that the cause is the last thing read."""
    if found.detail:
        line(found.detail.rstrip())
    line(f"{bad('error')}: {found.what}")
    line(f"  {found.todo}")


@contextlib.contextmanager
def step(name: str) -> Iterator[None]:
    """Print a step's name, then how long it took."""
    began = time.monotonic()
    line(f"{bold('==')} {name}")
    yield
    line(f"   {good('done')} in {time.monotonic() - began:.1f} s")


def tail(path: Path, lines: int = 20) -> str:
    """The end of a log, indented."""
    try:
        text = path.read_text(errors="replace")
    except OSError:
        return ""
    return "\n".join("   | " + each for each in text.splitlines()[-lines:])

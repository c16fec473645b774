"""The project's own tools, installed once into `.flotilla/tools` from lock files.

Each lock file becomes one virtual environment. A stamp with the lock's hash is
written last: as long as it fits, nothing is installed again, and an install
that was interrupted is begun afresh.

`cloud` and `deploy` are apart because ministack and the SAM CLI are renewed on
their own schedules and both pin boto3. `package` is apart because only a build
for AWS needs it and the zig compiler in it is large.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import say
from say import Exit, Problem
from settings import HOME, clean_environment

TOOLS = HOME / "tools"
LOCKS = Path(__file__).resolve().parent


def program(environment: str, name: str) -> str:
    """Path of an installed program."""
    return str(TOOLS / environment / "bin" / name)


def install(*environments: str) -> None:
    """Install what is missing or out of date; two callers at once wait for each other."""
    TOOLS.mkdir(parents=True, exist_ok=True)
    with _one_at_a_time():
        for environment in environments:
            _install(environment)


def _install(environment: str) -> None:
    lock = LOCKS / f"requirements-{environment}.txt"
    place = TOOLS / environment
    stamp = place / "installed"
    wanted = _stamp_for(lock)
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    pins = [each for each in lock.read_text().splitlines() if "==" in each]
    with say.step(f"installing tools: {environment} ({len(pins)} packages)"):
        shutil.rmtree(place, ignore_errors=True)
        _call(sys.executable, "-m", "venv", str(place))
        # The lock is complete, so pip need not work out what goes together.
        _call(
            program(environment, "python"), "-m", "pip", "install", "--no-deps", "--no-input",
            "--disable-pip-version-check", "--progress-bar", "off", "--requirement", str(lock),
        )  # fmt: skip
        _call(program(environment, "python"), "-m", "pip", "check")
        stamp.write_text(wanted)


def _stamp_for(lock: Path) -> str:
    """The lock's contents and the Python they were installed for."""
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    return f"{digest} {sys.version_info.major}.{sys.version_info.minor}"


def _call(*command: str) -> None:
    """Run quietly; show what was printed only if it failed."""
    done = subprocess.run(
        command,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode != 0:
        raise Problem(
            f"`{' '.join(command[:4])} ...` failed",
            "Look at the lines above; a registry that cannot be reached is the usual cause.",
            Exit.MISSING,
            detail=done.stdout[-4000:],
        )


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    with (TOOLS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

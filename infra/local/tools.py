"""The project's own tools, installed once into `.flotilla/tools` from lock files.

Each lock file becomes one virtual environment. A stamp with the lock's hash is
written last: as long as it fits, nothing is installed again, and an install
that was interrupted is begun afresh.

`cloud` and `deploy` are apart because ministack and the SAM CLI are renewed on
their own schedules and both pin boto3. `package` is apart because only a build
for AWS needs it and the zig compiler in it is large. `bench` is apart because it is
what is measured, and nothing else may decide its versions.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import re
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
PIN = re.compile(r"[A-Za-z0-9._-]+==")


def program(environment: str, name: str) -> str:
    """Path of an installed program."""
    return str(TOOLS / environment / "bin" / name)


def install(*environments: str) -> None:
    """Install what is missing or out of date; two callers at once wait for each other."""
    with one_at_a_time():
        for environment in environments:
            install_lock(environment, LOCKS / f"requirements-{environment}.txt", sys.executable)


def install_lock(environment: str, lock: Path, python: str) -> None:
    """Install one lock file with one Python, while `one_at_a_time` keeps others waiting."""
    place = TOOLS / environment
    stamp = place / "installed"
    wanted = _stamp_for(lock, python)
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    pins = [each for each in lock.read_text().splitlines() if PIN.match(each)]
    with say.step(f"installing tools: {environment} ({len(pins)} packages)"):
        shutil.rmtree(place, ignore_errors=True)
        call(python, "-m", "venv", str(place))
        # The lock is complete, so pip need not work out what goes together.
        call(
            program(environment, "python"), "-m", "pip", "install", "--no-deps", "--no-input",
            "--disable-pip-version-check", "--progress-bar", "off", "--requirement", str(lock),
        )  # fmt: skip
        call(program(environment, "python"), "-m", "pip", "check")
        stamp.write_text(wanted)


def _stamp_for(lock: Path, python: str) -> str:
    """The lock's contents and the Python they were installed for."""
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return f"{digest} {version if python == sys.executable else python}"


def call(*command: str, cwd: Path | None = None) -> None:
    """Run quietly; show what was printed only if it failed."""
    done = subprocess.run(
        command,
        cwd=cwd,
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
def one_at_a_time() -> Iterator[None]:
    """Keeps other installs of this checkout waiting."""
    TOOLS.mkdir(parents=True, exist_ok=True)
    with (TOOLS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

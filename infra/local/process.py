"""Background processes: started in a group of their own, known by pid, stopped by pid.

A pid alone proves nothing, because the system gives it out again. The record
therefore holds the moment the process began as well, and a process that began
at another moment is not ours and is left alone. Stopping goes to the whole
session: function environments are children of the cloud, some in groups of
their own, and a cloud that was killed leaves them behind, still in its session.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import say
from say import Exit, Problem

PATIENCE = 60.0
"""Seconds that a service may take until it answers."""

GRACE = 5.0
"""Seconds between asking a session to end and ending it."""


@dataclass(frozen=True)
class Service:
    """A server that runs in the background; its command is only asked for to start it."""

    name: str
    command: Callable[[], list[str]]
    environment: dict[str, str]
    state: Path
    healthy: Callable[[], bool]
    patience: float | None = None
    """Seconds until it has to answer, for one that takes longer than others."""

    @property
    def log(self) -> Path:
        """Everything it prints."""
        return self.state / f"{self.name}.log"

    @property
    def record(self) -> Path:
        """Its pid file."""
        return self.state / f"{self.name}.pid"

    def pid(self) -> int | None:
        """Its pid while it runs and is still ours."""
        recorded = _read(self.record)
        if recorded is None or _began(recorded[0]) != recorded[1]:
            return None
        return recorded[0]

    def start(self) -> int:
        """Start it and wait until it answers."""
        self.state.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as log:
            child = subprocess.Popen(
                self.command(),
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        put_on_record(self.record, child.pid)
        patience = self.patience or PATIENCE
        deadline = time.monotonic() + patience
        while not self.healthy():
            if child.poll() is not None:
                self.stop()
                raise self._died(f"ended with code {child.returncode} before it answered")
            if time.monotonic() > deadline:
                self.stop()
                raise self._died(f"did not answer within {patience:.0f} s")
            time.sleep(0.05)
        return child.pid

    def stop(self) -> bool:
        """Stop it and all it started; true if anything was still there."""
        recorded = _read(self.record)
        self.record.unlink(missing_ok=True)
        if recorded is None:
            return False
        leader, began = recorded
        now = _began(leader)
        if now is not None and now != began:
            return False
        if not _members(leader):
            return False
        # The leader's group first: a cloud that ends in order ends its environments itself.
        _signal([leader], signal.SIGTERM)
        if not _ended(leader, GRACE):
            _signal(_members(leader), signal.SIGKILL)
            _ended(leader, GRACE)
        return True

    def _died(self, how: str) -> Problem:
        return Problem(
            f"{self.name} {how}",
            f"Its last lines are above; all of them are in {self.log}.",
            Exit.NOT_RUNNING,
            detail=say.tail(self.log),
        )


def put_on_record(record: Path, pid: int) -> None:
    """Write down that this process is ours; from now on `stop` finds it."""
    record.write_text(json.dumps({"pid": pid, "began": _began(pid)}))


def _read(record: Path) -> tuple[int, str | None] | None:
    try:
        content = json.loads(record.read_text())
        return int(content["pid"]), content["began"]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _stat(pid: int) -> list[str] | None:
    """Fields of /proc/PID/stat after the name, which may itself hold blanks."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def _began(pid: int) -> str | None:
    """When the process began, in words that only serve to be compared; None if it has ended."""
    if Path("/proc/self/stat").exists():
        fields = _stat(pid)
        return fields[19] if fields and fields[0] not in "ZX" else None
    shown = _ps("-o", "stat=,lstart=", "-p", str(pid)).strip()
    return shown.partition(" ")[2].strip() if shown and not shown.startswith("Z") else None


def _members(leader: int) -> set[int]:
    """Groups of a session in which something lives."""
    if Path("/proc/self/stat").exists():
        pids = (int(each.name) for each in Path("/proc").iterdir() if each.name.isdecimal())
        found = (fields for fields in map(_stat, pids) if fields and fields[0] not in "ZX")
        return {int(fields[2]) for fields in found if fields[3] == str(leader)}
    # Not every ps tells the session: there, only the leader's own group is found.
    rows = (row.split() for row in _ps("-A", "-o", "pgid=,stat=").splitlines())
    return {int(r[0]) for r in rows if len(r) == 2 and r[0] == str(leader) and r[1][0] != "Z"}


def _ps(*arguments: str) -> str:
    """For systems without /proc."""
    return subprocess.run(["ps", *arguments], capture_output=True, text=True, check=False).stdout


def _ended(leader: int, seconds: float) -> bool:
    """Wait until nothing of the session lives."""
    deadline = time.monotonic() + seconds
    while _members(leader):
        _reap(leader)
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    _reap(leader)
    return True


def _signal(groups: Iterable[int], which: signal.Signals) -> None:
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, which)


def _reap(pid: int) -> None:
    """Collect our own child, so that nothing of it is left; another's is init's to collect."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)

"""Environments with the fake bootstrap, for the tests."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import tempfile
import time
import unittest
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from flotilla_executor.answers import Answer, Invocation
from flotilla_executor.environment import Environment

LIMIT = 20.0
"""Seconds that anything may take here; nothing does."""


class WithEnvironments(unittest.TestCase):
    """Makes environments, and sees to it that none is left."""

    def setUp(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        script = (HERE / "fake_bootstrap.py").read_text()
        bootstrap = self.folder / "bootstrap"
        bootstrap.write_text(script.replace("/usr/bin/env python3", sys.executable))
        bootstrap.chmod(0o755)

    def environment(
        self, timeout: float = LIMIT, init_timeout: float = LIMIT, **variables: str
    ) -> Environment:
        """A new one, not yet started."""
        made = Environment(
            self.folder, {"PATH": os.environ["PATH"]} | variables, timeout, init_timeout
        )
        self.addCleanup(made.stop)
        return made

    def started(self, timeout: float = LIMIT, **variables: str) -> Environment:
        """A new one, waiting for its first event."""
        made = self.environment(timeout, **variables)
        made.start()
        return made


def event(id: str = "request-1", **what: Any) -> Invocation:
    """An event for the fake bootstrap."""
    return Invocation(
        id, json.dumps(what).encode(), "arn:aws:lambda:us-east-1:000000000000:function:f", "Root=1"
    )


def read(answer: Answer) -> dict[str, Any]:
    """An answer's document."""
    found: dict[str, Any] = json.loads(answer.payload)
    return found


def until(condition: Callable[[], bool], what: str) -> None:
    """Look until it is so."""
    limit = time.monotonic() + LIMIT
    while not condition():
        if time.monotonic() > limit:
            raise AssertionError(f"waited in vain for {what}")
        time.sleep(0.01)


def lives(pid: int) -> bool:
    """Whether a process runs; one that only waits to be collected does not."""
    with contextlib.suppress(OSError):
        stat = Path(f"/proc/{pid}/stat").read_text()
        return stat.rpartition(")")[2].split()[0] not in "ZX"
    if Path("/proc/self/stat").exists():
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False

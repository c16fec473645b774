"""One execution environment: a process, and the invocations it works on one by one.

    start --> idle --invoke--> working --answer--> idle
      |                          |
      | cannot begin             | crash, timeout: the process is gone,
      v                          v  the next invoke starts another
    InitFailed                 Answer(is_error)

A process has a group of its own, in the session of whoever started it: a
timeout ends it with all it started, and ending the session ends it as well.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import threading
import time
from pathlib import Path

from flotilla_executor import answers
from flotilla_executor.answers import Answer, InitFailed, Invocation
from flotilla_executor.output import Output
from flotilla_executor.runtime_api import (
    Answered,
    CannotBegin,
    Exited,
    Ready,
    RuntimeApi,
    Told,
)

INIT_TIMEOUT = 10.0
"""Seconds that Lambda gives an environment to begin."""


class Environment:
    """Runs `bootstrap` in a folder. One caller at a time invokes; anyone may stop."""

    def __init__(
        self,
        folder: Path,
        variables: dict[str, str],
        timeout: float,
        init_timeout: float = INIT_TIMEOUT,
    ) -> None:
        self.folder = folder
        self.variables = variables
        self.timeout = timeout
        self.init_timeout = init_timeout
        self.init_seconds = 0.0
        self._process: _Process | None = None
        self._printed = ""
        self._lock = threading.Lock()
        self._stopped = False

    @property
    def pid(self) -> int | None:
        """Its process while there is one."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start a process and wait until it asks for an event."""
        began = time.monotonic()
        process = self._spawn()
        match process.told_before(began + self.init_timeout):
            case Ready():
                self.init_seconds = time.monotonic() - began
                return
            case CannotBegin(payload):
                failed = payload
            case Exited(code):
                failed = answers.crashed(code)
            case _:
                failed = answers.init_timed_out(self.init_timeout)
        self._end()
        raise InitFailed(failed)

    def invoke(self, invocation: Invocation) -> Answer:
        """Give it an event; its answer, or what became of it instead."""
        if self._process is not None and self._process.has_ended():
            # While it had nothing to do: nobody's invocation failed by that.
            self._end()
        if self._process is None:
            self.start()
        process = self._process
        assert process is not None
        deadline = time.monotonic() + self.timeout
        process.api.give(invocation)
        while True:
            match process.told_before(deadline):
                case Answered(id, answer) if id == invocation.id:
                    return answer
                case Exited(code):
                    self._end()
                    return Answer(answers.crashed(code, invocation.id), is_error=True)
                case None:
                    self._end()
                    return Answer(answers.timed_out(self.timeout, invocation.id), is_error=True)

    def printed(self) -> str:
        """What it printed since the last look."""
        process = self._process
        now = process.output.take() if process else ""
        with self._lock:
            taken, self._printed = self._printed + now, ""
        return taken

    def stop(self) -> None:
        """End it for good; an invocation under way ends as a crash."""
        with self._lock:
            self._stopped = True
        self._end()

    def _spawn(self) -> _Process:
        process = _Process(self.folder, self.variables, self.timeout)
        with self._lock:
            if not self._stopped:
                self._process = process
                return process
        process.end()
        raise InitFailed(answers.error("Sandbox.Stopped", "the environment was stopped"))

    def _end(self) -> None:
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            process.end()
            rest = process.output.take(everything=True)
            with self._lock:
                self._printed += rest


class _Process:
    """One life: the process, its server, its output. Never used again after its end."""

    def __init__(self, folder: Path, variables: dict[str, str], timeout: float) -> None:
        self.api = RuntimeApi(timeout)
        reading, writing = os.pipe()
        try:
            self._child = subprocess.Popen(
                [str(folder / "bootstrap")],
                cwd=folder,
                env=variables
                | {"LAMBDA_TASK_ROOT": str(folder), "AWS_LAMBDA_RUNTIME_API": self.api.address},
                stdin=subprocess.DEVNULL,
                stdout=writing,
                stderr=writing,
                process_group=0,
            )
        except OSError as cause:
            self.api.close()
            os.close(reading)
            said = f"Error: Couldn't start bootstrap: {cause.strerror}"
            raise InitFailed(answers.error("Runtime.InvalidEntrypoint", said)) from cause
        finally:
            os.close(writing)
        self.pid = self._child.pid
        self.output = Output(reading)
        self._gone = threading.Event()
        threading.Thread(target=self._watch, daemon=True, name="watch").start()

    def told_before(self, deadline: float) -> Told | None:
        """What it tells next; None once it is too late."""
        try:
            return self.api.told.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            return None

    def has_ended(self) -> bool:
        """Whether it has ended by itself."""
        return self._gone.is_set()

    def end(self) -> None:
        """End the whole group, and collect what it printed."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self._child.wait()
        self.api.close()
        self.output.join(1.0)

    def _watch(self) -> None:
        code = _exit_code(self._child)
        self._gone.set()
        self.api.told.put(Exited(code))


def _exit_code(child: subprocess.Popen[bytes]) -> int:
    """Wait for the end without collecting it, so that its pid stays its own until `end`."""
    if not hasattr(os, "waitid"):
        return child.wait()
    try:
        ended = os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    except ChildProcessError:
        return child.wait()
    assert ended is not None
    return ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status

"""What an invocation comes to, in the words that Lambda uses."""

from __future__ import annotations

import json
import signal
from dataclasses import dataclass


@dataclass(frozen=True)
class Invocation:
    """One event for a function."""

    id: str
    payload: bytes
    function_arn: str
    trace: str = ""


@dataclass(frozen=True)
class Answer:
    """What the caller gets: the function's own words, or Lambda's about it."""

    payload: bytes
    is_error: bool = False


class InitFailed(Exception):
    """The environment did not get as far as asking for an event."""

    def __init__(self, payload: bytes) -> None:
        super().__init__(payload.decode(errors="replace"))
        self.payload = payload


def error(kind: str, message: str) -> bytes:
    """The document that stands for an error."""
    return json.dumps({"errorType": kind, "errorMessage": message}).encode()


def crashed(code: int, request: str = "") -> bytes:
    """The process ended where it should have answered."""
    about = f"RequestId: {request} " if request else ""
    return error("Runtime.ExitError", f"{about}Error: Runtime exited {_how(code)}")


def timed_out(seconds: float, request: str) -> bytes:
    """It took longer than the function's timeout."""
    return error(
        "Sandbox.Timedout", f"RequestId: {request} Error: Task timed out after {seconds:.2f} seconds"
    )


def init_timed_out(seconds: float) -> bytes:
    """It took longer to begin than Lambda waits."""
    return error("Sandbox.Timedout", f"Error: Init timed out after {seconds:.2f} seconds")


def _how(code: int) -> str:
    if code < 0:
        return f"with error: signal: {signal.Signals(-code).name}"
    return f"with error: exit status {code}" if code else "without providing a reason"

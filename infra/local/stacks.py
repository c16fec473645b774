"""A stack's removal, and the repair of one that an earlier deploy left half done.

Only a local cloud's stack is repaired without a question: what is in it can be
deployed again.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol

import say
from say import Exit, Problem

DEAD_AFTER = 20.0
"""Seconds without any event after which nobody works on a stack any more."""

DELETIONS = 3
"""How often a deletion that fails is asked for."""

READY = {
    "CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE",
    "IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE",
}  # fmt: skip
"""States in which `sam deploy` makes an update."""

# A change set that nobody carried out. There is nothing in the stack yet.
REVIEWED = "REVIEW_IN_PROGRESS"


@dataclass(frozen=True)
class Stack:
    """What CloudFormation says of a stack."""

    status: str
    reason: str
    outputs: dict[str, str]


class Formation(Protocol):
    """A CloudFormation, of a local cloud or of an account."""

    @property
    def pause(self) -> float:
        """Seconds between two looks."""

    @property
    def patience(self) -> float:
        """Seconds that removing a stack may take."""

    @property
    def advice(self) -> str:
        """What to do where a stack cannot be removed."""

    def describe(self, name: str) -> Stack | None:
        """The stack, if there is one."""

    def delete(self, name: str) -> None:
        """Ask for its deletion."""

    def events(self, name: str) -> list[str]:
        """Ids of what has happened to it."""


def repair(cloud: Formation, name: str) -> None:
    """Leave a stack that `sam deploy` can work with, or none."""
    stack = cloud.describe(name)
    if stack is None or stack.status in READY:
        return
    if stack.status.endswith("_IN_PROGRESS") and stack.status != REVIEWED:
        stack = _watched(cloud, name, stack)
        if stack is None or stack.status in READY:
            return
    because = f" ({stack.reason})" if stack.reason else ""
    say.line(f"   an earlier deploy left {name} in {stack.status}{because}: removing it")
    remove(cloud, name)


def remove(cloud: Formation, name: str) -> None:
    """Delete a stack and wait until it is gone.

    A deletion may fail once and succeed when asked for again, because what a
    resource waited for has gone meanwhile.
    """
    cloud.delete(name)
    deadline, asked = time.monotonic() + cloud.patience, 1
    while (stack := cloud.describe(name)) is not None:
        if stack.status == "DELETE_FAILED" and asked < DELETIONS:
            cloud.delete(name)
            asked += 1
        elif stack.status == "DELETE_FAILED" or time.monotonic() > deadline:
            raise Problem(
                f"the stack {name} cannot be removed: it is {stack.status} {stack.reason}".rstrip(),
                cloud.advice,
                Exit.DEPLOY,
            )
        time.sleep(cloud.pause)


def _watched(cloud: Formation, name: str, stack: Stack) -> Stack | None:
    """Wait for whoever works on it; returns what they left, or what it is when nobody does."""
    say.line(f"   {name} is {stack.status}: waiting for whoever works on it")
    last, seen = cloud.events(name), time.monotonic()
    while stack.status.endswith("_IN_PROGRESS") and time.monotonic() < seen + DEAD_AFTER:
        time.sleep(cloud.pause)
        found, events = cloud.describe(name), cloud.events(name)
        if found is None:
            return None
        if events != last or found != stack:
            stack, last, seen = found, events, time.monotonic()
    return stack

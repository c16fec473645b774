"""Ctrl-C, a polite kill and a closed terminal all end a command in order.

The first of them becomes an exception, so that every `finally` runs. The rest
are ignored: make passes on a Ctrl-C that the terminal has sent already, and a
second one must not interrupt the cleaning up, which takes seconds at most.
"""

from __future__ import annotations

import signal
from types import FrameType

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def become_exceptions() -> None:
    """From now on the first ending signal raises KeyboardInterrupt."""
    for each in ENDING:
        signal.signal(each, _leave)


def _leave(number: int, _frame: FrameType | None) -> None:
    for each in ENDING:
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt(signal.Signals(number).name)

"""How a command ends: in order, in one sentence, with an exit code that scripts can trust.

Ctrl-C, a polite kill and a closed terminal all end it in order. The first of
them becomes an exception, so that every `finally` runs. The rest are ignored:
make passes on a Ctrl-C that the terminal has sent already, and a second one
must not interrupt the cleaning up, which takes seconds at most.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType

import say
from say import Exit, Problem

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def carried_out(act: Callable[[], int]) -> int:
    """Do it; its own exit code, or that of what kept it from ending."""
    become_exceptions()
    try:
        return act()
    except Problem as found:
        say.problem(found)
        return int(found.code)
    except KeyboardInterrupt:
        say.line("interrupted")
        return int(Exit.INTERRUPTED)


def become_exceptions() -> None:
    """From now on the first ending signal raises KeyboardInterrupt."""
    for each in ENDING:
        signal.signal(each, _leave)


def _leave(number: int, _frame: FrameType | None) -> None:
    for each in ENDING:
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt(signal.Signals(number).name)

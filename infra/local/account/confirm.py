"""Asks before anything is changed; never goes on without an answer."""

from __future__ import annotations

import sys
from typing import TextIO

import say
from say import Exit, Problem


def ask(question: str, wanted: str, yes: bool, answers: TextIO | None = None) -> None:
    """Return if the answer is the wanted one; a Problem says that nothing was changed."""
    if yes:
        return
    answers = answers or sys.stdin
    if not answers.isatty():
        raise Problem(
            "nobody is there to confirm it: this is no terminal",
            "With YES=1 (--yes) it goes on without asking. Nothing was changed.",
            Exit.USAGE,
        )
    sys.stderr.write(f"\n{question} ")
    sys.stderr.flush()
    if answers.readline().strip() != wanted:
        raise Problem("not confirmed", "Nothing was changed.", Exit.FAILED)
    say.line()

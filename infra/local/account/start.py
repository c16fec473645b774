"""The first half of `aws.py`, for any Python: look at what was asked, get the tools, hand over.

The second half needs boto3 and SAM's reader of templates, which are in the
tools' own Python.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NoReturn

import endpoint
import interrupt
import tools
from account import arguments
from say import Exit, Problem
from settings import clean_environment, is_local, local_aws


def main(words: list[str]) -> int:
    """Hand over, or say what keeps us from it."""
    arguments.parser().parse_args(words)
    return interrupt.carried_out(lambda: _hand_over(words))


def _hand_over(words: list[str]) -> NoReturn:
    environment = _environment(os.environ.get("AWS_ENDPOINT_URL", ""))
    tools.install("deploy")
    python = tools.program("deploy", "python")
    second = str(Path(__file__).with_name("commands.py"))
    os.execve(python, [python, "-B", second, *words], environment)


def _environment(given: str) -> dict[str, str]:
    """The user's own for AWS; for a local cloud one that reaches nothing else."""
    if not given:
        return dict(os.environ)
    if not is_local(given):
        raise Problem(
            f"AWS_ENDPOINT_URL is {given!r}, which is no local cloud",
            "Unset it to go to AWS, or give it as http://127.0.0.1:PORT.",
            Exit.USAGE,
        )
    endpoint.answers(given)
    return clean_environment() | local_aws(given.rstrip("/"))

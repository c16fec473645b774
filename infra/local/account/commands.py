"""The second half of `aws.py`, in the tools' Python: reach the account, tell, ask, do."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[1])

from botocore.exceptions import BotoCoreError, ClientError

import interrupt
from account import arguments, delete, deploy
from say import Exit, Problem

COMMANDS = {"deploy": deploy.run, "delete": delete.run}


def main(words: list[str]) -> int:
    """Carry out one command; every failure ends in one sentence and an exit code."""
    parsed: argparse.Namespace = arguments.parser().parse_args(words)
    return interrupt.carried_out(lambda: _act(parsed))


def _act(parsed: argparse.Namespace) -> int:
    try:
        COMMANDS[parsed.command](parsed)
    except (BotoCoreError, ClientError) as error:
        raise Problem(f"AWS refuses: {error}", "See what your role may do.", Exit.DEPLOY) from error
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

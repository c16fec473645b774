"""The second half of `aws.py`, in the tools' Python: reach the account, tell, ask, do."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[1])

from botocore.exceptions import BotoCoreError, ClientError

import interrupt
import say
from account import arguments, delete, deploy
from say import Exit, Problem

COMMANDS = {"deploy": deploy.run, "delete": delete.run}


def main(words: list[str]) -> int:
    """Carry out one command; every failure ends in one sentence and an exit code."""
    parsed: argparse.Namespace = arguments.parser().parse_args(words)
    interrupt.become_exceptions()
    try:
        COMMANDS[parsed.command](parsed)
        return 0
    except Problem as found:
        say.problem(found)
        return int(found.code)
    except (BotoCoreError, ClientError) as error:
        say.problem(Problem(f"AWS refuses: {error}", "See what your role may do.", Exit.DEPLOY))
        return int(Exit.DEPLOY)
    except KeyboardInterrupt:
        say.line("interrupted")
        return int(Exit.INTERRUPTED)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

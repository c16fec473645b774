"""The command line of `aws.py`, read with Python's own library: the tools may not be there yet."""

from __future__ import annotations

import argparse

HELP = """\
Deploys the fleet to an AWS account, and deletes it there. Before anything is
changed it tells which account and region it is, what it will create and what
that costs a month at rest, and asks.

  make deploy                         the stage dev
  make deploy STAGE=prod              the profile prod of samconfig.toml
  make deploy PLAN=1                  tell all that, and stop
  make deploy PARAMETERS="LogRetentionDays=7 MemorySize=256"
  make delete STAGE=dev

A stage has the profile of its name in samconfig.toml, or else `default`, and
the stack flotilla-STAGE. With AWS_ENDPOINT_URL it goes to that local cloud,
with what `make build` makes instead of `sam build`.
"""


def parser() -> argparse.ArgumentParser:
    """What both commands take."""
    found = argparse.ArgumentParser(
        prog="aws.py",
        description=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = found.add_subparsers(dest="command", metavar="COMMAND", required=True)
    deploy = commands.add_parser("deploy", help="create or update the stack of a stage")
    delete = commands.add_parser("delete", help="delete the stack of a stage")
    for command in (deploy, delete):
        command.add_argument("--stage", default="dev", help="dev, prod or a name of yours (dev)")
        command.add_argument("--yes", action="store_true", help="do not ask")
    deploy.add_argument("--plan", action="store_true", help="tell what would be done, and stop")
    deploy.add_argument("--built", action="store_true", help="deploy what was built last")
    deploy.add_argument("--architecture", default="", help="arm64 or x86_64")
    deploy.add_argument("parameters", nargs="*", metavar="NAME=VALUE", help="template parameters")
    return found

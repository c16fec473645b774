"""The command line: what each command does, and what it prints for people."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import time
from datetime import UTC, datetime, timedelta

import bench
import build
import checks
import deploy
import endpoint
import interrupt
import package
import say
import services
import session
import suite
import tools
from cloudformation import Direct
from localstack import needs
from say import Exit, Problem
from settings import ENGINES, LOCALSTACK, MINISTACK, Settings, passing, standing

HELP = """\
A cloud on this machine: no account, no Docker. The same template.yaml goes with
the same `sam deploy` to ministack here, to LocalStack and to AWS; the outside world
(carriers, dispatch) is a small server of this repository's own.

  make demo                 a day of orders through the fleet, with a report
  make up                   start, deploy, and leave it running for your own messages
  make down                 stop it
  make bench                how fast and how cheap it is, measured against the peers
  make test                 everything that has to be green

or, one by one:

  local.py tools            install the pinned tools into .flotilla/tools
  local.py build            compile everything for this machine
  local.py up               start cloud and world, deploy, print how to use them
  local.py status           what runs, and where
  local.py env              the variables of `up`, for:  eval "$(... env)"
  local.py down             stop cloud and world
  local.py run -- COMMAND   a fresh cloud for one command, stopped when it ends
                            (--engine localstack: on LocalStack instead of ministack)
  local.py test [PART ...]  the parts of `make test`, timed and counted
  local.py bench [-- ...]   how fast and how cheap, against the limit and against the peers
                            (sections after --, such as: -- peer; none: all)
  local.py package          build for AWS with `sam build`

To deploy to an account: aws.py beside this file, or make deploy and make delete.
"""

SETTINGS = """\
settings (environment):
  FLOTILLA_PORT             port of the cloud of `up` (4566)
  FLOTILLA_PARTNERS_PORT    port of its outside world (4580)
  FLOTILLA_LOG_LEVEL        level of the functions' logs (INFO)
  FLOTILLA_CLOUD_LOG        level of the cloud's own log (WARNING)
  FLOTILLA_PYTHON, JAVA_HOME  Python 3.12 or 3.13, and Java, for LocalStack
  AWS_ENDPOINT_URL          `test localstack`: a LocalStack that runs already
  CARGO_TARGET_DIR          where cargo builds (target)
  NO_COLOR                  no colours

exit codes:
  0 fine   1 the command or a test failed   2 wrong usage   3 something is missing on this machine
  4 a port is in use   5 a server did not run   6 the deploy failed   7 the build failed
  130 interrupted; `run` passes on the code of its command
"""


def main(arguments: list[str]) -> int:
    """Carry out one command; every failure ends in one sentence and an exit code."""
    parsed = _parser().parse_args(arguments)
    return interrupt.carried_out(lambda: int(parsed.act(parsed)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="local.py",
        description=HELP,
        epilog=SETTINGS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def add(name: str, act: object, text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(act=act)
        return command

    add("tools", _tools, "install the pinned tools")
    compile_ = add("build", _build, "compile everything for this machine")
    compile_.add_argument("--with-tests", action="store_true", help="and the tests")
    add("up", _up, "start, deploy and leave running")
    add("status", _status, "what runs, and where")
    add("env", _env, "variables for a shell")
    add("down", _down, "stop what `up` started")
    run = add("run", _run, "a fresh cloud around one command")
    run.add_argument("--name", default="run", help="names the run's folder under .flotilla/runs")
    run.add_argument("--built", action="store_true", help="use what was built last")
    run.add_argument("--engine", choices=ENGINES, default=MINISTACK, help="what runs the cloud")
    run.add_argument("--endpoint", default="", help="a cloud that runs already, to be used instead")
    run.add_argument(
        "--wire", action="store_true", help="record the functions' AWS calls in calls.json"
    )
    run.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE",
        help="a parameter of the template, such as QueueType=fifo",
    )  # fmt: skip
    run.add_argument("command", nargs="+", metavar="COMMAND", help="what to run, after --")
    test = add("test", _test, "format, lints, unit and end-to-end tests")
    test.add_argument("parts", nargs="*", metavar="PART", help=", ".join(suite.PARTS))
    measure = add("bench", _bench, "measure what a task costs, beside a cloud with nothing on it")
    measure.add_argument("arguments", nargs="*", metavar="ARGUMENT", help="for bench, after --")
    add("package", _package, "build for AWS with `sam build`")
    return parser


def _tools(_: argparse.Namespace) -> int:
    checks.machine()
    tools.install("cloud", "deploy")
    return 0


def _build(parsed: argparse.Namespace) -> int:
    build.build(parsed.with_tests)
    return 0


def _up(_: argparse.Namespace) -> int:
    settings = standing()
    build.build()
    fresh = services.cloud(settings).pid() is None
    try:
        outputs = session.up(settings)
    except BaseException:
        # Half a cloud is worth nothing; one that ran before goes on with what it had.
        if fresh:
            session.down(settings)
        raise
    _explain(settings, outputs)
    return 0


def _status(_: argparse.Namespace) -> int:
    settings = standing()
    cloud = services.cloud(settings)
    world = services.world(settings)
    for name, service, url in (
        ("cloud", cloud, settings.endpoint),
        ("partners", world, settings.partners_url),
    ):
        pid = service.pid()
        answers = pid is not None and service.healthy()
        shown = f"{say.good('runs')} as pid {pid} at {url}" if answers else say.bad("does not run")
        say.line(f"{name:10} {shown}")
    outputs = deploy.outputs(settings) if cloud.pid() else {}
    for key, value in sorted(outputs.items()):
        print(f"{key:32} {value}")
    return 0 if outputs else int(Exit.NOT_RUNNING)


def _env(_: argparse.Namespace) -> int:
    settings = standing()
    if services.cloud(settings).pid() is None:
        raise Problem("the local cloud does not run", "Start it with: make up", Exit.NOT_RUNNING)
    print("\n".join(_exports(settings)))
    return 0


def _down(_: argparse.Namespace) -> int:
    say.line("stopped" if session.down(standing()) else "nothing ran")
    return 0


def _run(parsed: argparse.Namespace) -> int:
    settings = passing(
        parsed.name, parsed.engine, parsed.endpoint, parsed.wire, tuple(parsed.set)
    )
    if settings.wire_port and (settings.engine, settings.given) != (MINISTACK, ""):
        raise Problem(
            "--wire goes with ministack only: another cloud tells its functions where it is itself",
            "Leave --wire out, or --engine and --endpoint.",
            Exit.USAGE,
        )
    if settings.given:
        # Before anything that takes longer: something answers, and it is a cloud.
        endpoint.answers(settings.endpoint)
        Direct(settings.endpoint).describe(settings.stack)
    if settings.engine == LOCALSTACK and not settings.given:
        needs.check()
    if not parsed.built:
        build.build()
    return session.run(settings, parsed.command)


def _test(parsed: argparse.Namespace) -> int:
    return suite.run(parsed.parts)


def _bench(parsed: argparse.Namespace) -> int:
    return bench.run(parsed.arguments)


def _package(_: argparse.Namespace) -> int:
    architecture = os.environ.get("ARCHITECTURE") or "arm64"
    package.package(architecture)
    say.line(f"Deploy it with: make deploy ARCHITECTURE={architecture} BUILT=1")
    return 0


def _exports(settings: Settings) -> list[str]:
    lines = [f"export {k}={shlex.quote(v)}" for k, v in session.variables(settings).items()]
    return [*lines, f'export PATH="{tools.TOOLS}/deploy/bin:$PATH"']


def _explain(settings: Settings, outputs: dict[str, str]) -> None:
    """How to go on, ready to paste."""
    order = shlex.quote(json.dumps(_order(), separators=(",", ":")))
    queue, logs = outputs.get("IngestionQueueUrl", ""), outputs.get("IngestionLogGroupName", "")
    print(
        f"""
The fleet runs at {settings.endpoint}, its outside world at {settings.partners_url}.

For this shell (the same lines as a file: {settings.variables_file}):

{chr(10).join(_exports(settings))}

Send it an order (for SQS this AWS CLI has to be told the endpoint):

aws sqs send-message --endpoint-url "$AWS_ENDPOINT_URL" --queue-url {queue} --message-body {order}

See it arrive, and stop everything:

aws logs filter-log-events --log-group-name {logs} --output text --query 'events[].[message]'
make down""",
        flush=True,
    )


def _order() -> dict[str, object]:
    """A valid order of this very minute: older than the horizon, it would be refused."""
    now = datetime.now(UTC).replace(microsecond=0)
    at = now.isoformat().replace("+00:00", "Z")
    serial = int(time.time()) % 1_000_000
    return {
        "specversion": "1.0",
        "id": f"hello-{serial}",
        "source": "urn:flotilla:hello",
        "type": "flotilla.order.v1",
        "time": at,
        "datacontenttype": "application/json",
        "data": {
            "shipment": f"SHP-{serial:06}",
            "identifiers": [{"scheme": "booking", "value": f"BKR-{serial}"}],
            "origin": "NLRTM",
            "destination": "DEBER",
            "ordered_at": at,
            "promised": (now + timedelta(days=3)).isoformat(),
            "service": "standard",
            "items": [
                {
                    "sku": "A-1",
                    "quantity": 2,
                    "weight": {"value": 1.2, "unit": "kg"},
                    "value": {"amount": "49.90", "currency": "EUR"},
                }
            ],
        },
    }

"""What `make test` runs against a deployed fleet on LocalStack, in order.

    trial.py [--locked]

First LocalStack itself: our executor in it, its deviations, half-finished
deploys. Then the fleet's own end-to-end tests, the same as on ministack. Last the stack
is deleted. A step that fails does not keep the next from running.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import say
import tools
from localstack.deviations import NOT_RUN
from suite import NEEDS_MORE
from settings import ROOT


def main(more: list[str]) -> int:
    """Run every step; 1 if one of them failed."""
    # Some tests look at files and processes of the functions, so these have to be of this machine.
    if os.environ.get("FLOTILLA_CLOUD_PID"):
        engine = [_unittest("test_executor"), _unittest("test_deviations")]
    else:
        say.line("not run: the executor's tests and the deviations', as the cloud is not ours")
        engine = []
    for name, instead in NOT_RUN.items():
        say.line(f"not run: {name}, a known deviation, asserted by {instead}")
    steps = [*engine, _unittest("test_repair"), _fleet(more), _unittest("test_delete")]
    return max([subprocess.run(step, cwd=ROOT).returncode != 0 for step in steps])


def _unittest(module: str) -> list[str]:
    """With the Python that the AWS CLI runs on: it has boto3."""
    file = HERE / "tests" / f"{module}.py"
    return [tools.program("deploy", "python"), "-B", str(file)]


def _fleet(more: list[str]) -> list[str]:
    # The wire proxy stands in front of ministack only.
    # The crash matrix brings a host of its own, so the engine makes no difference to it.
    # Deploying again and again under load takes minutes that this part does not have.
    slow = ("an_update_in_place", "two_versions_on_the_same_queues")
    # One batch after the other: nothing can be seen to climb there, and all of it takes minutes.
    slow += ("what_waits_for_a_paused_partner_or_agent",)
    names = (*NOT_RUN, *NEEDS_MORE, "on_the_wire", "matrix::", *slow)
    skipped = [word for name in names for word in ("--skip", name)]
    return [
        "cargo", "test", "--no-fail-fast", "--workspace", *more, "--test", "*",
        "--", "--ignored", *skipped,
    ]  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

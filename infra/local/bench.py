"""`make bench`: builds as for AWS, starts ministack alone, and runs `bench` beside it.

No stack is deployed: what is measured runs under the project's own Runtime API host, with queues
and tables that the bench makes itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import bootstraps
import build
import checks
import say
import session
import tools
from settings import ROOT, passing

FUNCTIONS = ("ingestion", "processing", "decision", "communication", "state")
EMPTY = "empty"
"""What functions are measured against: a program with lambda_runtime and nothing in it."""

PROGRAMS = (*FUNCTIONS, EMPTY, "noop", "counted", "bench")

PEER = ROOT / "tests" / "bench" / "peer"
PLACES = ROOT / "functions" / "shipment" / "data" / "places.csv"


def run(arguments: list[str]) -> int:
    """Build, measure, and pass on the bench's exit code."""
    checks.machine(build.target_folder())
    tools.install("cloud", "bench")
    with say.step("building as for AWS, in the release profile (the first time takes minutes)"):
        programs = build.release(PROGRAMS)
    results = build.target_folder() / "bench"
    results.mkdir(parents=True, exist_ok=True)
    zips = results / "zips.json"
    zips.write_text(json.dumps(zipped(programs), indent=1))
    command = [str(programs["bench"]), "--programs", str(programs["bench"].parent)]
    command += ["--zips", str(zips), "--report", str(results / "report.json"), *arguments]
    with say.step("measuring"):
        return session.beside_cloud(passing("bench"), command, variables())


def zipped(programs: Mapping[str, Path]) -> dict[str, int]:
    """Bytes of each function's zip, and of the empty one's."""
    names = (*FUNCTIONS, EMPTY)
    return {name: bootstraps.Bootstrap(programs[name]).zipped() for name in names}


def variables() -> dict[str, str]:
    """Where the peer is, the Python that has its packages, and the places that it knows."""
    return {
        "FLOTILLA_PEER": str(PEER),
        "FLOTILLA_PEER_PYTHON": tools.program("bench", "python"),
        "FLOTILLA_PEER_PLACES": str(PLACES),
    }

"""`sam deploy` of the project's own template to a local cloud, and what came of it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import build
import endpoint
import parameters
import stacks
import tools
from cloudformation import Direct
from say import Exit, Problem, tail
from settings import ROOT, Settings, architecture, clean_environment


def deploy(settings: Settings) -> dict[str, str]:
    """Deploy the built template; return the stack's outputs."""
    endpoint.answers(settings.endpoint)
    values = _values(settings)
    parameters.check(build.limits(), values)
    stacks.repair(Direct(settings.endpoint), settings.stack)
    log = settings.state / "deploy.log"
    with log.open("w") as written:
        done = subprocess.run(
            sam(settings.profile, build.BUILT_TEMPLATE, settings.stack, values),
            cwd=ROOT,
            env=clean_environment() | settings.aws,
            stdin=subprocess.DEVNULL, stdout=written, stderr=subprocess.STDOUT,
        )  # fmt: skip
    if done.returncode != 0:
        raise Problem(
            "sam deploy failed",
            f"Its last lines are above; all of them are in {log}.",
            Exit.DEPLOY,
            detail=tail(log, 12) + "\n" + tail(settings.state / "cloud.log", 8),
        )
    return outputs(settings)


def sam(profile: str, template: Path, stack: str, values: Mapping[str, str]) -> list[str]:
    """The command line of `sam deploy` for a built template."""
    return [
        tools.program("deploy", "sam"), "deploy",
        "--config-file", str(parameters.CONFIGURATION), "--config-env", profile,
        "--template-file", str(template),
        "--stack-name", stack,
        "--parameter-overrides", *parameters.overrides(values),
    ]  # fmt: skip


def _values(settings: Settings) -> dict[str, str]:
    """The profile's, and those that only this machine knows."""
    level = os.environ.get("FLOTILLA_LOG_LEVEL", "")
    return parameters.profiles()[settings.profile] | {
        **({"LogLevel": level.upper()} if level else {}),
        "Architecture": architecture(),
        "PartnersUrl": settings.partners_url,
        "SourcesUrl": settings.partners_url,
        **parameters.given(settings.parameters),
    }


def outputs(settings: Settings) -> dict[str, str]:
    """The stack's outputs; empty where there is no such stack."""
    try:
        found = Direct(settings.endpoint).describe(settings.stack)
    except Problem:
        return {}
    return found.outputs if found else {}

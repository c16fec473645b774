"""`sam deploy` of the project's own template to a local cloud, and what came of it."""

from __future__ import annotations

import subprocess
import tomllib

import build
import stacks
import tools
from say import Exit, Problem, tail
from settings import ROOT, Settings, architecture, clean_environment

CONFIGURATION = ROOT / "samconfig.toml"


def deploy(settings: Settings) -> dict[str, str]:
    """Deploy the built template; return the stack's outputs."""
    stacks.answers(settings.endpoint)
    stacks.repair(settings.endpoint, settings.stack)
    log = settings.state / "deploy.log"
    with log.open("w") as written:
        done = subprocess.run(
            [
                tools.program("deploy", "sam"), "deploy",
                "--config-file", str(CONFIGURATION), "--config-env", settings.profile,
                "--template-file", str(build.BUILT_TEMPLATE),
                "--stack-name", settings.stack,
                "--parameter-overrides", *_parameters(settings),
            ],
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


def _parameters(settings: Settings) -> list[str]:
    """The profile's, and those that only this machine knows."""
    with CONFIGURATION.open("rb") as opened:
        profile = tomllib.load(opened)[settings.profile]["deploy"]["parameters"]
    return [
        *profile["parameter_overrides"],
        f"Architecture={architecture()}",
        f"PartnersUrl={settings.partners_url}",
        *settings.parameters,
    ]


def outputs(settings: Settings) -> dict[str, str]:
    """The stack's outputs; empty where there is no such stack."""
    try:
        found = stacks.describe(settings.endpoint, settings.stack)
    except Problem:
        return {}
    return found.outputs if found else {}

"""A stage by its name: which profile of samconfig.toml, which stack, which parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import parameters
from say import Exit, Problem

LOCAL = ("local", "localstack")
"""Profiles for clouds on this machine, with short timeouts and few environments."""


@dataclass(frozen=True)
class Stage:
    """What a stage is deployed as."""

    name: str
    profile: str
    stack: str
    values: dict[str, str]
    """Every parameter's value, so that what is shown is what is deployed."""
    tags: list[str]


def stack(name: str) -> str:
    """The stack of a stage."""
    if name in LOCAL:
        raise Problem(
            f"the stage {name!r} is that of the cloud on your machine",
            "Use make up and make down for it, or give another STAGE.",
            Exit.USAGE,
        )
    return f"flotilla-{name}"


def named(limits: parameters.Limits, name: str, changes: Mapping[str, str]) -> Stage:
    """The profile that bears the stage's name, or else `default`; a wrong value is a Problem."""
    bears = stack(name)
    profiles = parameters.profiles()
    profile = name if name in profiles else "default"
    # The stage has one name: two for one stack would be two stages to whoever reads its tags.
    given = profiles[profile] | dict(changes) | {"StageName": name}
    parameters.check(limits, given)
    values = parameters.defaults(limits["Parameters"]) | given
    return Stage(name, profile, bears, values, ["project=flotilla", f"stage={name}"])


def differing(definitions: parameters.Definitions, stage: Stage) -> dict[str, str]:
    """The values that are not the template's defaults."""
    return {
        name: value
        for name, value in stage.values.items()
        if value != str(definitions[name].get("Default"))
    }

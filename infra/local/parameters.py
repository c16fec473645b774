"""A deployment's parameters: read from a profile, checked against the template's own limits.

CloudFormation checks these on AWS, but only after the code has been built and
uploaded, and a local cloud may not check them at all. Here a wrong value is
told, with the parameter's name and limits, before anything is built or created.
So are values that are each allowed and do not go together (`combinations`).
"""

from __future__ import annotations

import difflib
import re
import shlex
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

import combinations
from say import Exit, Problem
from settings import ROOT

CONFIGURATION = ROOT / "samconfig.toml"

Definitions = Mapping[str, Mapping[str, Any]]
"""The template's `Parameters`."""

Limits = Mapping[str, Any]
"""The template, of which its `Parameters`, `Rules` and `Mappings` are looked at."""


def profiles() -> dict[str, dict[str, str]]:
    """Each profile of samconfig.toml and the values it gives."""
    with CONFIGURATION.open("rb") as opened:
        found = tomllib.load(opened)
    return {
        name: given(_words(profile.get("deploy", {}).get("parameters", {})))
        for name, profile in found.items()
        if isinstance(profile, dict)
    }


def given(words: Iterable[str]) -> dict[str, str]:
    """NAME=VALUE words, a value in quotes or without; of two for one name the last counts."""
    values: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise Problem(f"{word!r} is no parameter", "Give parameters as NAME=VALUE.", Exit.USAGE)
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        values[name] = value
    return values


def overrides(values: Mapping[str, str]) -> list[str]:
    """The same as words for `sam deploy`, which splits what is not in quotes."""
    return [f'{name}="{value}"' for name, value in values.items()]


def check(limits: Limits, values: Mapping[str, str]) -> None:
    """All that is wrong with these values, at once; only sound ones are compared with another."""
    definitions = limits["Parameters"]
    found = problems(definitions, values)
    if not found:
        found = combinations.problems(limits, defaults(definitions) | dict(values))
    if found:
        raise Problem(
            "; ".join(found),
            "Nothing was built or created. Correct it in samconfig.toml, or where you gave it.",
            Exit.USAGE,
        )


def defaults(definitions: Definitions) -> dict[str, str]:
    """The value of each parameter that has one by default."""
    return {
        name: str(definition["Default"])
        for name, definition in definitions.items()
        if "Default" in definition
    }


def problems(definitions: Definitions, values: Mapping[str, str]) -> list[str]:
    """A sentence for each value that CloudFormation would refuse."""
    found = [_unknown(definitions, name) for name in values if name not in definitions]
    for name, definition in definitions.items():
        if name in values:
            if fault := _fault(definition, values[name]):
                found.append(f"{name} is {_shown(values[name])}: {fault}")
        elif "Default" not in definition:
            found.append(f"{name} has no value and no default: {definition['Description']}")
    return found


def limits(definition: Mapping[str, Any]) -> str:
    """What a parameter takes, in words."""
    if "AllowedValues" in definition:
        return "must be one of " + ", ".join(str(each) for each in definition["AllowedValues"])
    if "ConstraintDescription" in definition:
        return str(definition["ConstraintDescription"])
    parts = []
    for low, high, unit in (
        ("MinValue", "MaxValue", ""),
        ("MinLength", "MaxLength", " characters"),
    ):
        if low in definition:
            parts.append(f"at least {definition[low]}{unit}")
        if high in definition:
            parts.append(f"at most {definition[high]}{unit}")
    if "AllowedPattern" in definition:
        parts.append(f"as in {definition['AllowedPattern']}")
    kind = "a whole number, " if definition["Type"] == "Number" else ""
    return "must be " + kind + " and ".join(parts)


def _words(profile: Mapping[str, Any]) -> list[str]:
    """A profile's parameters, which SAM takes as a list or as one text."""
    found = profile.get("parameter_overrides", [])
    return shlex.split(found) if isinstance(found, str) else list(found)


def _fault(definition: Mapping[str, Any], value: str) -> str:
    """What is wrong with a value; nothing if it is allowed."""
    if definition["Type"] == "Number":
        sound = _number_fits(definition, value)
    else:
        # Patterns are Java's on AWS; those of this template mean the same here.
        pattern = definition.get("AllowedPattern", "(?s:.*)")
        length = definition.get("MinLength", 0) <= len(value)
        length = length and len(value) <= definition.get("MaxLength", len(value))
        sound = length and re.fullmatch(pattern, value) is not None
    allowed = [str(each) for each in definition.get("AllowedValues", [value])]
    if sound and value in allowed:
        return ""
    if len(value) > definition.get("MaxLength", len(value)):
        return f"must be at most {definition['MaxLength']} characters, and it has {len(value)}"
    return limits(definition)


def _number_fits(definition: Mapping[str, Any], value: str) -> bool:
    """CloudFormation takes fractions too; nothing in this template can be one."""
    if re.fullmatch(r"-?\d+", value) is None:
        return False
    number = int(value)
    low, high = definition.get("MinValue", number), definition.get("MaxValue", number)
    return int(low) <= number <= int(high)


def _shown(value: str) -> str:
    """A value as it was given, unless it would fill the screen."""
    return repr(value if len(value) <= 80 else value[:77] + "...")


def _unknown(definitions: Definitions, name: str) -> str:
    near = difflib.get_close_matches(name, definitions, n=1)
    return f"there is no parameter {name}" + (f"; did you mean {near[0]}?" if near else "")

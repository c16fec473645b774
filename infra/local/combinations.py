"""Values that are each allowed and do not go together, told with the parameters' names.

The template's `Rules` say what CloudFormation can say, for those who use `sam
deploy` by itself; they are read here, not written down again. CloudFormation
cannot compare two numbers or two moments, so those comparisons stand here only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

Values = Mapping[str, str]

_MOMENT = re.compile(r"at\((.+)\)")


def moment(schedule: str) -> datetime | None:
    """When `at(...)` is; nothing for what recurs. ValueError where the calendar has no such day."""
    found = _MOMENT.fullmatch(schedule)
    return datetime.fromisoformat(found[1]) if found else None


def problems(limits: Mapping[str, Any], values: Values) -> list[str]:
    """A sentence for each combination that AWS would refuse, or that could never be meant."""
    return [
        *_broken(limits.get("Rules", {}), values),
        *_out_of_order(values),
        *_told_too_late(values),
        *(fault for agent in _agents(values) for fault in _of_one(agent, limits, values)),
    ]


def _broken(rules: Mapping[str, Any], values: Values) -> Iterator[str]:
    """The template's own rules."""
    for rule in rules.values():
        if not _holds(rule.get("RuleCondition", {"Fn::Equals": ["", ""]}), values):
            continue
        for assertion in rule["Assertions"]:
            if not _holds(assertion["Assert"], values):
                named = [*_named(rule.get("RuleCondition", {})), *_named(assertion["Assert"])]
                yield f"{_said(named, values)}: {assertion['AssertDescription']}"


def _agents(values: Values) -> list[str]:
    """Those that have scaling of their own."""
    suffix = "PollersMaximum"
    return [name.removesuffix(suffix) for name in values if name.endswith(suffix)]


def _of_one(agent: str, limits: Mapping[str, Any], values: Values) -> Iterator[str]:
    """What is wrong with one agent's numbers; those that are switched off are not looked at."""
    low, high = f"{agent}PollersMinimum", f"{agent}PollersMaximum"
    own_pollers = values["Pollers"] == "provisioned"
    if own_pollers and int(values[low]) > int(values[high]):
        yield f"{_said([low, high], values)}: the minimum is above the maximum"
    if values["ProvisionedConcurrency"] != "on":
        return
    low, top, peak = (f"{agent}Provisioned{each}" for each in ("Minimum", "Maximum", "Peak"))
    if int(values[low]) > int(values[top]):
        yield f"{_said([low, top], values)}: the minimum is above the maximum"
    has_peaks = values["PeakStart"] != "off"
    if has_peaks and int(values[peak]) < int(values[top]):
        yield (
            f"{_said([peak, top], values)}: the peak is below the maximum, "
            "so it would take environments away"
        )
    limit = high if own_pollers else f"{agent}Concurrency"
    table, column = ("Pollers", "Environments") if own_pollers else ("Concurrency", "Maximum")
    usable = int(limits["Mappings"][table][values[limit]][column])
    reserved = values["ReservedConcurrency"] == "on"
    for name in (top, peak) if has_peaks else (top,):
        if int(values[name]) > usable:
            yield (
                f"{_said([name, limit], values)}: its pollers use at most {usable} environments, "
                + ("which are all that is reserved" if reserved else "more would never be called")
            )


def _out_of_order(values: Values) -> Iterator[str]:
    """Two moments; which of two cron expressions comes first has no answer."""
    names = ["PeakStart", "PeakEnd"]
    moments = {}
    for name in names:
        try:
            moments[name] = moment(values.get(name, ""))
        except ValueError:
            yield f"{_said([name], values)}: the calendar has no such moment"
    start, end = (moments.get(name) for name in names)
    if start and end and start >= end:
        yield f"{_said(names, values)}: the peak ends before it begins"


def _told_too_late(values: Values) -> Iterator[str]:
    """An alarm on what waits, after recovery has taken it for lost."""
    names = ["AlarmOldestSeconds", "RecoverAfterSeconds"]
    oldest, lost = (int(values[name]) for name in names)
    if values["Alarms"] != "off" and values["RecoverySchedule"] != "off" and oldest >= lost:
        yield (
            f"{_said(names, values)}: what waits that long is taken for lost and sent again, "
            "before there is an alarm"
        )


def _holds(expression: Mapping[str, Any], values: Values) -> bool:
    """Whether a rule's expression does."""
    ((function, argument),) = expression.items()
    match function:
        case "Fn::Equals":
            return _value(argument[0], values) == _value(argument[1], values)
        case "Fn::Contains":
            return _value(argument[1], values) in map(str, argument[0])
        case "Fn::Not":
            return not _holds(argument[0], values)
        case "Fn::And":
            return all(_holds(each, values) for each in argument)
        case "Fn::Or":
            return any(_holds(each, values) for each in argument)
        case _:
            raise ValueError(f"the template's rules use {function}, which is not followed here")


def _value(node: Any, values: Values) -> str:
    return values[node["Ref"]] if isinstance(node, dict) else str(node)


def _named(node: Any) -> Iterator[str]:
    """The parameters that an expression asks."""
    if isinstance(node, dict):
        if "Ref" in node:
            yield node["Ref"]
        for each in node.values():
            yield from _named(each)
    elif isinstance(node, list):
        for each in node:
            yield from _named(each)


def _said(names: list[str], values: Values) -> str:
    """Each of these once, with its value."""
    return " and ".join(f"{name} is {values[name]}" for name in dict.fromkeys(names))

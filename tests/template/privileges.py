"""What the functions may do, and what they did: both as (role, action, resource).

A resource goes by its name in a deployed stack, `flotilla-local-fleet`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from exceptions import BY_LAMBDA
from rules import AGENTS, Template, listed

Privilege = tuple[str, str, str]


def allowed(template: Template, stack: str) -> set[Privilege]:
    """Everything that the agents' roles allow the functions themselves."""
    return {
        (agent.lower(), action, _name(template, resource, stack))
        for agent in AGENTS
        for statement in _statements(template, agent)
        for action in listed(statement["Action"])
        if action not in BY_LAMBDA
        for resource in listed(statement["Resource"])
    }


def used(calls: Iterable[dict[str, Any]], stack: str) -> set[Privilege]:
    """Everything that the functions did, as the wire proxy has recorded it."""
    return {
        (call["function"].removeprefix(f"{stack}-"), part["action"], part["resource"])
        for call in calls
        if call["function"]
        for part in call["parts"]
    }


def missing(may: set[Privilege], did: set[Privilege]) -> list[str]:
    """What was done and is not allowed: on AWS these calls would be denied."""
    return [
        f"{agent} needs {action} on {resource}" for agent, action, resource in sorted(did - may)
    ]


def unused(may: set[Privilege], did: set[Privilege]) -> list[str]:
    """What is allowed and was never done."""
    return [
        f"{agent} may {action} on {resource} and never does"
        for agent, action, resource in sorted(may - did)
    ]


def _statements(template: Template, agent: str) -> Iterator[dict[str, Any]]:
    for policy in template["Resources"][f"{agent}Role"]["Properties"]["Policies"]:
        for statement in policy["PolicyDocument"]["Statement"]:
            if "Fn::If" not in statement:
                yield statement


def _name(template: Template, resource: Any, stack: str) -> str:
    """A resource's name: what its ARN ends in."""
    if isinstance(resource, dict) and "Fn::Sub" in resource:
        target, _, rest = resource["Fn::Sub"].removeprefix("${").partition(".Arn}")
        return _name(template, {"Fn::GetAtt": [target, "Arn"]}, stack) + rest
    properties = template["Resources"][resource["Fn::GetAtt"][0]]["Properties"]
    name = next(
        properties[key] for key in ("QueueName", "TableName", "LogGroupName") if key in properties
    )
    text = name["Fn::Sub"]
    # A queue's name also has the ending of its type, which is none by default.
    text = text[0] if isinstance(text, list) else text
    return re.sub(r"\$\{Suffix\}", "", text.replace("${AWS::StackName}", stack))

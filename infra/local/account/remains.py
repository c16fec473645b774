"""What of a stack is still there: asked of every service that it used, not of CloudFormation."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from account.target import Target

GONE_WITHIN = 90.0
"""Seconds for a deletion to be seen everywhere; SQS lists a deleted queue for up to a minute."""

LISTS: dict[str, tuple[str, str, str, Callable[[Any], str]]] = {
    "AWS::SQS::Queue": ("sqs", "list_queues", "QueueUrls", str),
    "AWS::DynamoDB::Table": ("dynamodb", "list_tables", "TableNames", str),
    "AWS::Lambda::Function": ("lambda", "list_functions", "Functions", lambda f: f["FunctionName"]),
    "AWS::Lambda::EventSourceMapping": (
        "lambda", "list_event_source_mappings", "EventSourceMappings", lambda m: m["UUID"],
    ),
    "AWS::Logs::LogGroup": (
        "logs", "describe_log_groups", "logGroups", lambda g: g["logGroupName"],
    ),
    "AWS::IAM::Role": ("iam", "list_roles", "Roles", lambda r: r["RoleName"]),
    "AWS::Scheduler::Schedule": ("scheduler", "list_schedules", "Schedules", lambda s: s["Name"]),
    "AWS::CloudWatch::Alarm": (
        "cloudwatch", "describe_alarms", "MetricAlarms", lambda a: a["AlarmName"],
    ),
    "AWS::CloudWatch::Dashboard": (
        "cloudwatch", "list_dashboards", "DashboardEntries", lambda d: d["DashboardName"],
    ),
}  # fmt: skip
"""Service, its call, where the answer has the list, and how an entry is called."""


@dataclass
class Remains:
    """What is left, by type, and what could not be looked at, with the reason."""

    left: dict[str, list[str]] = field(default_factory=dict)
    unseen: dict[str, str] = field(default_factory=dict)


def of(target: Target, resources: Iterable[tuple[str, str]]) -> Remains:
    """Those of these (type, physical id) that their service still lists."""
    by_type: dict[str, set[str]] = {}
    for kind, name in resources:
        if kind in LISTS:
            by_type.setdefault(kind, set()).add(name)
    remains = Remains()
    for kind, names in by_type.items():
        try:
            still = names & set(listed(target, kind))
        except ClientError as error:
            # Whoever may delete a stack may not be allowed to list everything there is.
            remains.unseen[kind] = str(error)
            continue
        if still:
            remains.left[kind] = sorted(still)
    return remains


def until_gone(target: Target, resources: list[tuple[str, str]]) -> Remains:
    """Wait until nothing is left; what is left after that time, if anything is."""
    deadline = time.monotonic() + GONE_WITHIN
    while (remains := of(target, resources)).left and time.monotonic() < deadline:
        time.sleep(1.0 if target.endpoint else 5.0)
    return remains


def listed(target: Target, kind: str) -> Iterator[str]:
    """Everything of one type that the account has in this region."""
    service, call, key, name = LISTS[kind]
    client = target.client(service)
    if client.can_paginate(call):
        for page in client.get_paginator(call).paginate():
            yield from map(name, page.get(key, []))
    else:
        yield from map(name, getattr(client, call)().get(key, []))

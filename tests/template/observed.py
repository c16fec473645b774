"""What the tests of alarms and dashboard read: metrics in both, the contract, the runbook.

A metric is what CloudWatch knows it by: namespace, name, and dimensions with values.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rules import AGENTS
from settings import ROOT

FOLDER = ROOT / "infra" / "observability"

NAMED_BY = {
    ("AWS/SQS", "QueueName"): "AWS::SQS::Queue",
    ("AWS/Lambda", "FunctionName"): "AWS::Lambda::Function",
    ("AWS/DynamoDB", "TableName"): "AWS::DynamoDB::Table",
    ("AWS/Logs", "LogGroupName"): "AWS::Logs::LogGroup",
}
"""What each service's metrics are told apart by, and which resource that names."""

PUBLISHED = {
    "AWS/SQS": {
        "ApproximateAgeOfOldestMessage",
        "ApproximateNumberOfMessagesVisible",
        "NumberOfEmptyReceives",
        "NumberOfMessagesSent",
    },
    "AWS/Lambda": {"ConcurrentExecutions", "Errors", "Invocations", "Throttles"},
    "AWS/DynamoDB": {
        "ConsumedReadCapacityUnits",
        "ConsumedWriteCapacityUnits",
        "ReadThrottleEvents",
        "WriteThrottleEvents",
    },
    "AWS/Logs": {"IncomingBytes"},
}
"""The metrics of AWS that are used here, as its documentation spells them."""

SEARCHED = re.compile(r"SEARCH\('\{Flotilla,Stack,Agent\} Stack=\"([^\"]+)\" MetricName=\((.+?)\)'")


@dataclass(frozen=True)
class Metric:
    """One metric that an alarm or a widget asks for."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]


def alarms(resources: dict[str, Any]) -> dict[str, Any]:
    """Each alarm's properties by its name without the stack's; a rollout's have no name."""
    found = (r["Properties"] for r in resources.values() if r["Type"] == "AWS::CloudWatch::Alarm")
    return {
        each["AlarmName"].removeprefix("flotilla-dev-"): each
        for each in found
        if "AlarmName" in each
    }


def of_alarm(alarm: dict[str, Any]) -> list[Metric]:
    """What an alarm asks for."""
    plain = [alarm] if "MetricName" in alarm else []
    computed = [e["MetricStat"]["Metric"] for e in alarm.get("Metrics", []) if "MetricStat" in e]
    return [
        Metric(
            each["Namespace"],
            each["MetricName"],
            tuple((dimension["Name"], dimension["Value"]) for dimension in each["Dimensions"]),
        )
        for each in plain + computed
    ]


def dashboard(resources: dict[str, Any]) -> dict[str, Any]:
    """The one dashboard's body."""
    kind = "AWS::CloudWatch::Dashboard"
    (found,) = (each["Properties"] for each in resources.values() if each["Type"] == kind)
    body: dict[str, Any] = json.loads(found["DashboardBody"])
    return body


def of_widget(widget: dict[str, Any]) -> Iterator[Metric]:
    """What a widget asks for, its abbreviations written out and its searches followed."""
    before: list[str] = []
    for row in widget["properties"].get("metrics", []):
        words = [each for each in row if isinstance(each, str)]
        for options in (each for each in row if isinstance(each, dict)):
            for stack, names in SEARCHED.findall(options.get("expression", "")):
                for name in re.findall(r'"(\w+)"', names):
                    yield Metric("Flotilla", name, (("Stack", stack), ("Agent", "ingestion")))
        if not words:
            continue
        if words[0] == "...":
            words = before[: len(before) - len(words) + 1] + words[1:]
        pairs = zip(words, before + words, strict=False)
        before = [old if new == "." else new for new, old in pairs]
        namespace, name, *rest = before
        yield Metric(namespace, name, tuple(zip(rest[::2], rest[1::2], strict=True)))


def contract() -> dict[str, set[str]]:
    """Which agents publish each of the fleet's own metrics, as METRICS.md says."""
    found: dict[str, set[str]] = {}
    inside = False
    for line in (FOLDER / "METRICS.md").read_text().splitlines():
        cells = [cell.strip().replace("`", "") for cell in line.strip().strip("|").split("|")]
        if cells[:3] == ["metric", "unit", "agents"]:
            inside = True
        elif not line.startswith("|"):
            inside = False
        elif inside and not set(cells[0]) <= set("-: "):
            every = {agent.lower() for agent in AGENTS}
            agents = every if cells[2] == "all" else set(re.split(r",\s*", cells[2]))
            found |= dict.fromkeys(re.split(r",\s*", cells[0]), agents)
    return found


def faults(metric: Metric, resources: dict[str, Any], published: dict[str, set[str]]) -> list[str]:
    """What is wrong with a metric: nobody publishes it, or not of what it is asked of."""
    dimensions = dict(metric.dimensions)
    told = f"{metric.namespace} {metric.name} {dimensions}"
    if metric.namespace == "Flotilla":
        if set(dimensions) != {"Stack", "Agent"} or dimensions["Stack"] != "flotilla-dev":
            return [f"{told}: the fleet's metrics have a stack and an agent"]
        if dimensions["Agent"] not in published.get(metric.name, set()):
            return [f"{told}: METRICS.md knows no such metric of that agent"]
        return []
    if metric.name not in PUBLISHED.get(metric.namespace, set()):
        return [f"{told}: AWS publishes no such metric"]
    index = dimensions.pop("GlobalSecondaryIndexName", "attention")
    kinds = {NAMED_BY.get((metric.namespace, name)) for name in dimensions}
    names = {
        value
        for each in resources.values()
        if each["Type"] in kinds
        for key, value in each["Properties"].items()
        if key in ("QueueName", "FunctionName", "TableName", "LogGroupName")
    }
    if len(dimensions) != 1 or not set(dimensions.values()) <= names or index != "attention":
        return [f"{told}: the stack has nothing of that name"]
    return []


def sections(runbook: str) -> dict[str, str]:
    """The text of each section of the runbook, by its heading."""
    parts = re.split(r"^## (.+)$", runbook, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def section(alarm: str) -> str:
    """The section of an alarm: its own, or that of each agent's alarm of this kind."""
    agent, _, kind = alarm.partition("-")
    shared = {"backlog", "oldest", "dead-letters", "errors", "throttles", "concurrency"}
    return f"AGENT-{kind}" if kind in shared else alarm

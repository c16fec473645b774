"""What a deployment will do, in lines for a person who pays for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from account.prices import Prices
from account.rest import Line, Resources

WORDS = {
    "AWS::ApplicationAutoScaling::ScalableTarget": "aliases whose ready environments are scaled",
    "AWS::ApplicationAutoScaling::ScalingPolicy": "scaling policies",
    "AWS::CloudFormation::Stack": "nested stacks",
    "AWS::CloudWatch::Alarm": "alarms",
    "AWS::CloudWatch::Dashboard": "dashboard",
    "AWS::CodeDeploy::Application": "CodeDeploy application",
    "AWS::CodeDeploy::DeploymentGroup": "deployment groups",
    "AWS::DynamoDB::Table": "table",
    "AWS::IAM::Role": "roles",
    "AWS::Lambda::Alias": "aliases",
    "AWS::Lambda::EventSourceMapping": "mappings from a queue to its function",
    "AWS::Lambda::Function": "functions",
    "AWS::Lambda::Version": "versions",
    "AWS::Logs::LogGroup": "log groups",
    "AWS::SQS::Queue": "queues",
    "AWS::SQS::QueuePolicy": "queue policies",
    "AWS::Scheduler::Schedule": "schedules",
}
"""What a type is called; one that is not here goes by its own name."""


def counted(types: Iterable[str]) -> list[str]:
    """One line for each type of resource, the most frequent first, and their sum."""
    counts = Counter(types)
    shown = [f"  {n:4}  {WORDS.get(kind, kind)}" for kind, n in counts.most_common()]
    return [*shown, f"  {sum(counts.values()):4}  in all"]


def kinds(resources: Resources) -> list[str]:
    """The type of each resource."""
    return [each["Type"] for each in resources.values()]


def parameters(values: Mapping[str, str]) -> list[str]:
    """Those that differ from the defaults."""
    return [f"  {name} = {value or '(empty)'}" for name, value in sorted(values.items())]


def costs(bill: list[Line], unknown: list[str], prices: Prices, region: str) -> list[str]:
    """The bill at rest with its arithmetic, what is free, and what is not in it."""
    width = max(len(line.what) for line in bill)
    shown = [
        f"  {line.what:{width}}  ${line.dollars:6.2f}   "
        f"{'~ ' if line.approximate else ''}{line.arithmetic}"
        for line in bill
    ]
    shown.append(f"  {'in all':{width}}  ${sum(line.dollars for line in bill):6.2f}")
    shown += [f"  {kind}: its price is not known here" for kind in unknown]
    if any(line.approximate for line in bill):
        shown.append("  ~ a price that is known from a report only")
    if region != prices.region:
        shown.append(f"  These are prices of {prices.region}; those of {region} may differ.")
    requests = prices.free("sqs_requests", "requests a month")
    alarms = prices.free("cloudwatch_alarms", "alarms")
    dashboards = prices.free("cloudwatch_dashboards", "dashboards of at most 50 metrics")
    invocations = prices.free("scheduler_invocations", "invocations a month")
    logs = prices.free("logs", "GB a month")
    return [
        *shown,
        "  Not subtracted: what AWS gives each account every month,",
        f"  {requests / 1e6:.0f} million requests to SQS, {alarms:.0f} alarms, {dashboards:.0f} small "
        f"dashboards, {logs:.0f} GB of logs and {invocations / 1e6:.0f} million scheduled calls.",
        "  Not in it: what events cost once they come. Roles, policies, functions that do not run",
        "  and traces that are not written cost nothing.",
    ]

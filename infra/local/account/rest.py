"""What a deployment costs a month when nothing happens in it, line by line with its arithmetic.

Computed from the resources of the resolved expansion and the price file. Every
resource type is either priced here or stands in `FREE` with the reason; one
that is neither is told as unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from account.prices import Prices

Resources = Mapping[str, Mapping[str, Any]]

FREE = {
    "AWS::ApplicationAutoScaling::ScalableTarget": "what it keeps ready is a line of its own",
    "AWS::CloudFormation::Stack": "CloudFormation costs nothing for AWS's own types",
    "AWS::CodeDeploy::Application": "CodeDeploy costs nothing for Lambda",
    "AWS::CodeDeploy::DeploymentGroup": "CodeDeploy costs nothing for Lambda",
    "AWS::IAM::Role": "IAM costs nothing",
    "AWS::Lambda::Alias": "only invocations cost",
    "AWS::Lambda::Function": "only invocations cost",
    "AWS::Lambda::Version": "only invocations cost",
    "AWS::SQS::Queue": "only requests cost; those of the pollers are a line of their own",
    "AWS::SQS::QueuePolicy": "only requests cost",
}
"""Types that cost nothing at rest, and why."""

SECONDS = {"minute": 60, "hour": 3600, "day": 86_400}


OWN_POLLERS = "ProvisionedPollerConfig"
"""What a mapping has whose pollers are its own."""


@dataclass(frozen=True)
class Ready:
    """Environments of one function that are ready before they are called."""

    minimum: int
    gigabytes: float
    architecture: str
    actions: list[Mapping[str, Any]]


@dataclass(frozen=True)
class Line:
    """One item of the bill."""

    what: str
    arithmetic: str
    dollars: float
    approximate: bool = False
    """Whether its price is known from a report only."""


def lines(resources: Resources, prices: Prices) -> list[Line]:
    """The bill of a month at rest."""
    return [
        *_polling(resources, prices),
        *_own_pollers(resources, prices),
        *_provisioned(resources, prices),
        *_schedules(resources, prices),
        *_alarms(resources, prices),
        *_dashboards(resources, prices),
        *_stored(resources, prices),
    ]


def unknown(resources: Resources) -> list[str]:
    """Types that nothing here knows the price of."""
    priced = {
        "AWS::ApplicationAutoScaling::ScalingPolicy",
        "AWS::CloudWatch::Alarm",
        "AWS::CloudWatch::Dashboard",
        "AWS::DynamoDB::Table",
        "AWS::Lambda::EventSourceMapping",
        "AWS::Logs::LogGroup",
        "AWS::Scheduler::Schedule",
    }
    return sorted({each["Type"] for each in resources.values()} - priced - set(FREE))


def of_type(resources: Resources, kind: str) -> dict[str, Mapping[str, Any]]:
    return {n: r.get("Properties", {}) for n, r in resources.items() if r["Type"] == kind}


def _polling(resources: Resources, prices: Prices) -> Iterator[Line]:
    """Lambda asks each queue all the time, and each long poll is a request."""
    sources = [
        mapping["EventSourceArn"]
        for mapping in of_type(resources, "AWS::Lambda::EventSourceMapping").values()
        if OWN_POLLERS not in mapping
    ]
    pollers = prices.limit("mapping_pollers_at_start", "concurrent batches")
    wait = prices.limit("sqs_long_poll", "seconds")
    seconds = prices.limit("month", "hours") * 3600
    for kind, name in (("standard", "sqs_standard_requests"), ("FIFO", "sqs_fifo_requests")):
        count = sum((kind == "FIFO") == source.endswith(".fifo") for source in sources)
        if count == 0:
            continue
        price = prices.price(name, "million requests")
        requests = count * pollers * seconds / wait
        yield Line(
            f"polling of {count} {kind} queues",
            f"{count} x {pollers:.0f} pollers x {seconds:,.0f} s / {wait:.0f} s = "
            f"{requests:,.0f} requests x ${price:.2f} per million",
            requests * price / 1e6,
        )


def _own_pollers(resources: Resources, prices: Prices) -> Iterator[Line]:
    """Provisioned pollers, whether there is anything to poll or not, and their long polls."""
    mappings = of_type(resources, "AWS::Lambda::EventSourceMapping").values()
    own = [each for each in mappings if OWN_POLLERS in each]
    if not own:
        return
    count = sum(int(each[OWN_POLLERS]["MinimumPollers"]) for each in own)
    hours = prices.limit("month", "hours")
    price = prices.price("lambda_provisioned_poller", "poller-hour")
    yield Line(
        f"{count} provisioned pollers",
        f"{count} x {hours:.0f} h x ${price:.5f}",
        count * hours * price,
        prices.second_hand("lambda_provisioned_poller"),
    )
    fifo = own[0]["EventSourceArn"].endswith(".fifo")
    per_million = prices.price(
        "sqs_fifo_requests" if fifo else "sqs_standard_requests", "million requests"
    )
    wait = prices.limit("sqs_long_poll", "seconds")
    requests = count * hours * 3600 / wait
    # How many long polls an idle poller has open is told nowhere; it is one at least.
    yield Line(
        f"polling of {len(own)} queues by them",
        f"at least {count} x {hours * 3600:,.0f} s / {wait:.0f} s = {requests:,.0f} requests x "
        f"${per_million:.2f} per million",
        requests * per_million / 1e6,
        True,
    )


def _provisioned(resources: Resources, prices: Prices) -> Iterator[Line]:
    """Environments that are ready all month, and the alarms that follow their use."""
    targets = ready(resources)
    if not targets:
        return
    count = sum(each.minimum for each in targets)
    seconds = prices.limit("month", "hours") * 3600
    price = prices.price(f"lambda_provisioned_{targets[0].architecture}_idle", "GB-second")
    yield Line(
        f"{count} environments that are ready",
        f"{count} x {targets[0].gigabytes:g} GB x {seconds:,.0f} s x ${price:.10f}",
        count * targets[0].gigabytes * seconds * price,
        prices.second_hand(f"lambda_provisioned_{targets[0].architecture}_idle"),
    )
    policies = len(of_type(resources, "AWS::ApplicationAutoScaling::ScalingPolicy"))
    if policies:
        price = prices.price("cloudwatch_alarm", "alarm-month")
        each = prices.limit("target_tracking_alarms", "alarms per policy")
        yield Line(
            f"alarms of {policies} scaling policies",
            f"{policies} x {each:.0f} x ${price:.2f}",
            policies * each * price,
            prices.second_hand("cloudwatch_alarm"),
        )


def ready(resources: Resources) -> list[Ready]:
    """What each scalable target keeps ready."""
    functions = {
        each["FunctionName"]: each for each in of_type(resources, "AWS::Lambda::Function").values()
    }
    found = []
    for target in of_type(resources, "AWS::ApplicationAutoScaling::ScalableTarget").values():
        function = functions[target["ResourceId"].split(":")[1]]
        found.append(
            Ready(
                int(target["MinCapacity"]),
                int(function["MemorySize"]) / 1024,
                function["Architectures"][0],
                target.get("ScheduledActions", []),
            )
        )
    return found


def _schedules(resources: Resources, prices: Prices) -> Iterator[Line]:
    schedules = of_type(resources, "AWS::Scheduler::Schedule").values()
    if not schedules:
        return
    hours = prices.limit("month", "hours")
    expressions = [schedule["ScheduleExpression"] for schedule in schedules]
    calls = sum(hours * 3600 / every(each) for each in expressions)
    price = prices.price("scheduler_invocations", "million invocations")
    yield Line(
        f"{len(expressions)} schedules",
        f"{' and '.join(sorted(set(expressions)))} = {calls:,.0f} invocations x "
        f"${price:.2f} per million",
        calls * price / 1e6,
        prices.second_hand("scheduler_invocations"),
    )


def every(expression: str) -> float:
    """Seconds between two calls; a cron expression is taken for its most, one a minute."""
    if found := re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", expression):
        return int(found[1]) * SECONDS[found[2]]
    return 60.0


def _alarms(resources: Resources, prices: Prices) -> Iterator[Line]:
    """One that is computed counts as many times as it has metrics."""
    alarms = of_type(resources, "AWS::CloudWatch::Alarm").values()
    if alarms:
        price = prices.price("cloudwatch_alarm", "alarm-month")
        metrics = sum(
            sum("MetricStat" in each for each in alarm.get("Metrics", [{"MetricStat": {}}]))
            for alarm in alarms
        )
        of = "" if metrics == len(alarms) else " metrics"
        yield Line(
            f"{len(alarms)} alarms",
            f"{metrics}{of} x ${price:.2f}",
            metrics * price,
            prices.second_hand("cloudwatch_alarm"),
        )


def _dashboards(resources: Resources, prices: Prices) -> Iterator[Line]:
    count = len(of_type(resources, "AWS::CloudWatch::Dashboard"))
    if count:
        price = prices.price("cloudwatch_dashboard", "dashboard-month")
        yield Line(
            "the dashboard" if count == 1 else f"{count} dashboards",
            f"{count} x ${price:.2f}",
            count * price,
            prices.second_hand("cloudwatch_dashboard"),
        )


def _stored(resources: Resources, prices: Prices) -> Iterator[Line]:
    """Nothing is stored yet; what a GB of it will cost is told."""
    for table in of_type(resources, "AWS::DynamoDB::Table").values():
        yield _by_the_gb("the table", "dynamodb_storage", prices)
        recovery = table.get("PointInTimeRecoverySpecification", {})
        if recovery.get("PointInTimeRecoveryEnabled"):
            yield _by_the_gb(
                "its point-in-time recovery", "dynamodb_point_in_time_recovery", prices
            )
    if groups := of_type(resources, "AWS::Logs::LogGroup"):
        yield _by_the_gb(f"logs in {len(groups)} groups", "logs_storage", prices)


def _by_the_gb(what: str, name: str, prices: Prices) -> Line:
    price = prices.price(name, "GB-month")
    return Line(what, f"0 GB at first x ${price:.2f} per GB", 0.0, prices.second_hand(name))


def code(size: int, most: bool, prices: Prices) -> Line:
    """The zips in the bucket that SAM keeps for all deployments of a region."""
    price = prices.price("s3_standard_storage", "GB-month")
    return Line(
        "the zips in SAM's bucket",
        f"{'at most ' if most else ''}{size / 1e9:.3f} GB x ${price:.3f} per GB, "
        "for each version that was ever deployed",
        size / 1e9 * price,
        prices.second_hand("s3_standard_storage"),
    )

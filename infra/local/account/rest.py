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
        *_schedules(resources, prices),
        *_alarms(resources, prices),
        *_stored(resources, prices),
    ]


def unknown(resources: Resources) -> list[str]:
    """Types that nothing here knows the price of."""
    priced = {
        "AWS::CloudWatch::Alarm",
        "AWS::DynamoDB::Table",
        "AWS::Lambda::EventSourceMapping",
        "AWS::Logs::LogGroup",
        "AWS::Scheduler::Schedule",
    }
    return sorted({each["Type"] for each in resources.values()} - priced - set(FREE))


def _of_type(resources: Resources, kind: str) -> dict[str, Mapping[str, Any]]:
    return {n: r.get("Properties", {}) for n, r in resources.items() if r["Type"] == kind}


def _polling(resources: Resources, prices: Prices) -> Iterator[Line]:
    """Lambda asks each queue all the time, and each long poll is a request."""
    sources = [
        mapping["EventSourceArn"]
        for mapping in _of_type(resources, "AWS::Lambda::EventSourceMapping").values()
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


def _schedules(resources: Resources, prices: Prices) -> Iterator[Line]:
    schedules = _of_type(resources, "AWS::Scheduler::Schedule").values()
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
    count = len(_of_type(resources, "AWS::CloudWatch::Alarm"))
    if count:
        price = prices.price("cloudwatch_alarm", "alarm-month")
        yield Line(
            f"{count} alarms",
            f"{count} x ${price:.2f}",
            count * price,
            prices.second_hand("cloudwatch_alarm"),
        )


def _stored(resources: Resources, prices: Prices) -> Iterator[Line]:
    """Nothing is stored yet; what a GB of it will cost is told."""
    for table in _of_type(resources, "AWS::DynamoDB::Table").values():
        yield _by_the_gb("the table", "dynamodb_storage", prices)
        recovery = table.get("PointInTimeRecoverySpecification", {})
        if recovery.get("PointInTimeRecoveryEnabled"):
            yield _by_the_gb(
                "its point-in-time recovery", "dynamodb_point_in_time_recovery", prices
            )
    if groups := _of_type(resources, "AWS::Logs::LogGroup"):
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

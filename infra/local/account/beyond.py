"""What a deployment takes that no month at rest shows: peaks, a warm table, reserved environments."""

from __future__ import annotations

from collections.abc import Iterator

from account.prices import Prices
from account.rest import Ready, Resources, of_type, ready
from combinations import moment


def lines(resources: Resources, prices: Prices) -> list[str]:
    """A sentence for each; none where nothing of it is switched on."""
    return [
        *_peaks(ready(resources), prices),
        *_warm(resources),
        *_reserved(resources, prices),
    ]


def _peaks(targets: list[Ready], prices: Prices) -> Iterator[str]:
    """What is ready in a peak beyond what is ready anyway."""
    peaks = [each for each in targets if each.actions]
    if not peaks:
        return
    start, end = peaks[0].actions
    more = sum(
        int(each.actions[0]["ScalableTargetAction"]["MinCapacity"]) - each.minimum
        for each in peaks
    )
    name = f"lambda_provisioned_{peaks[0].architecture}_idle"
    price = prices.price(name, "GB-second")
    dollars = more * peaks[0].gigabytes * 3600 * price
    yield (
        f"A peak has {more} more environments ready, from {start['Schedule']} to "
        f"{end['Schedule']} {start['Timezone']}: {more} x {peaks[0].gigabytes:g} GB x 3,600 s x "
        f"{'~ ' if prices.second_hand(name) else ''}${price:.10f} = ${dollars:.2f} an hour"
        + _in_all(start, end, dollars)
    )


def _in_all(start: dict[str, str], end: dict[str, str], dollars: float) -> str:
    """The sum, where both are moments and not recurring."""
    first, last = (moment(each["Schedule"]) for each in (start, end))
    if first is None or last is None:
        return "."
    hours = (last - first).total_seconds() / 3600
    return f", ${hours * dollars:.2f} in {hours:g} hours."


def _warm(resources: Resources) -> Iterator[str]:
    for table in of_type(resources, "AWS::DynamoDB::Table").values():
        if warm := table.get("WarmThroughput"):
            yield (
                f"The table is made ready for {int(warm['WriteUnitsPerSecond']):,} write and "
                f"{int(warm['ReadUnitsPerSecond']):,} read units a second. DynamoDB charges once "
                "what that is beyond what it has; the price is not known here, see "
                "https://aws.amazon.com/dynamodb/pricing/on-demand/."
            )


def _reserved(resources: Resources, prices: Prices) -> Iterator[str]:
    functions = of_type(resources, "AWS::Lambda::Function").values()
    count = sum(int(each.get("ReservedConcurrentExecutions", 0)) for each in functions)
    if not count:
        return
    most = prices.limit("account_concurrency", "environments")
    free = prices.limit("account_concurrency_kept_free", "environments")
    yield (
        f"{count} of the account's environments are reserved. An account has {most:,.0f} unless AWS "
        f"has raised them, and {free:.0f} have to stay free"
        + (": have them raised first, or Lambda refuses." if count > most - free else ".")
    )

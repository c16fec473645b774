"""A tracking event: its model, and what normalising it means."""

from __future__ import annotations

import csv
import functools
import math
import os
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from aws_lambda_powertools.utilities.parser.models import SqsRecordModel
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, Json

CLOCK_AHEAD = timedelta(minutes=5)
"""How far a sender's clock may run ahead."""

# Pydantic validates in Rust, so a strict model is the fastest check that Python has.
# Fields that nobody asks for are skipped.
FAST = ConfigDict(frozen=True, extra="ignore")


class Tracking(BaseModel):
    """What the sender says."""

    model_config = FAST

    milestone: Literal[
        "picked_up", "departed", "arrived", "seen", "estimated", "delayed", "damaged", "missing",
        "alarm", "stopped", "withdrawn", "delivered",
    ]
    occurred_at: AwareDatetime
    place: str = Field(min_length=2, max_length=32)
    estimated_arrival: AwareDatetime | None = None


class Data(BaseModel):
    """The event's payload."""

    model_config = FAST

    tracking: Tracking


class StageEvent(BaseModel):
    """A CloudEvent that calls for a task at a stage."""

    model_config = FAST

    specversion: Literal["1.0"]
    id: str = Field(min_length=1)
    source: str
    type: Literal["flotilla.task.v1"]
    subject: str = Field(min_length=1)
    task: str = Field(min_length=1)
    stage: Literal["processing"]
    epoch: int = Field(ge=0)
    hops: int = Field(ge=0, le=32)
    tenant: str | None = None
    traceparent: str | None = None
    data: Data


class TrackingRecord(SqsRecordModel):
    """An SQS record whose body is such an event, as the Batch utility's documentation types it."""

    body: Json[StageEvent]  # type: ignore[assignment]


class Invalid(ValueError):
    """A value that makes no sense; a retry does not help."""


@functools.cache
def places() -> dict[str, tuple[float, float]]:
    """Where the known places are, read once in an environment."""
    with open(os.environ["PLACES_FILE"], encoding="utf-8") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return {row["code"]: (float(row["lat"]), float(row["lon"])) for row in rows}


def distance_km(one: str, other: str) -> int | None:
    """Great-circle distance, when both places are known."""
    start, end = places().get(one), places().get(other)
    if start is None or end is None:
        return None
    lat1, lon1, lat2, lon2 = map(math.radians, (*start, *end))
    half = math.sin((lat2 - lat1) / 2) ** 2
    half += math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return round(2 * 6371.0088 * math.asin(math.sqrt(half)))


def whole_second(moment: datetime) -> str:
    """In UTC and without a fraction, as everything downstream writes times."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def normalise(event: StageEvent, order: dict[str, Any]) -> dict[str, Any]:
    """Validate, clean and enrich an event with what its shipment's order says."""
    said = event.data.tracking
    now = datetime.now(UTC)
    if said.occurred_at - now > CLOCK_AHEAD:
        raise Invalid(f"occurred_at: {said.occurred_at} lies in the future")
    if said.estimated_arrival is not None and said.estimated_arrival < said.occurred_at:
        raise Invalid("estimated_arrival: must not be before occurred_at")
    here = said.place.replace(" ", "").upper()
    if not here.isalnum():
        raise Invalid(f"place: {said.place!r} is no code")
    tells = {"milestone": said.milestone, "at": whole_second(said.occurred_at), "place": here}
    if said.estimated_arrival is not None:
        tells["eta"] = whole_second(said.estimated_arrival)
    known = {
        **order,
        "km": distance_km(order["from"], order["to"]),
        "here": here,
        "left_km": distance_km(here, order["to"]),
        "as_of": whole_second(max(now, said.occurred_at)),
    }
    return {"event": {"tracking": tells}, "known": known}

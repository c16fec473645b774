"""The table and the next queue.

One client for each service, made at import, so that Lambda's INIT pays for it and connections
are kept from one invocation to the next. Clients instead of resources: a resource wraps every
call once more.
"""

from __future__ import annotations

import json
import os
from typing import Any

import boto3
from botocore.config import Config

from tracking import StageEvent, normalise

TABLE = os.environ["TABLE_NAME"]
QUEUE = os.environ["DECISION_QUEUE_URL"]

config = Config(
    tcp_keepalive=True,
    connect_timeout=1,
    read_timeout=5,
    retries={"mode": "standard", "max_attempts": 3},
    # What was parsed is never printed, and parameters are ours: nothing is checked twice.
    parameter_validation=False,
)
dynamodb = boto3.client("dynamodb", config=config)
sqs = boto3.client("sqs", config=config)


class NotReady(Exception):
    """The shipment's order, or the task, is not there yet: a retry helps."""


def move_on(event: StageEvent) -> dict[str, Any]:
    """Move a task from processing to decision, and return the message that calls decision.

    The update is conditional on stage, status and epoch, so it happens once. Where it was done
    before, the stored message is returned: it may never have been sent.
    """
    normalised = json.dumps(normalise(event, _order(event.subject)), separators=(",", ":"))
    try:
        dynamodb.update_item(
            TableName=TABLE,
            Key={"pk": {"S": f"TASK#{event.task}"}},
            UpdateExpression="SET stage = :next, epoch = epoch + :one, payload = :payload",
            ConditionExpression="stage = :here AND #status = :pending AND epoch = :epoch",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={
                ":here": {"S": "processing"},
                ":next": {"S": "decision"},
                ":pending": {"S": "pending"},
                ":epoch": {"N": str(event.epoch)},
                ":one": {"N": "1"},
                ":payload": {"S": normalised},
            },
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    except dynamodb.exceptions.ConditionalCheckFailedException as refused:
        stored = refused.response.get("Item")
        if stored is None:
            raise NotReady(f"there is no task {event.task}") from refused
        if stored["stage"]["S"] != "decision":
            return {}
        return _message(event, int(stored["epoch"]["N"]), stored["payload"]["S"])
    return _message(event, event.epoch + 1, normalised)


def send(messages: dict[str, dict[str, Any]]) -> list[str]:
    """Send what follows from each record in one request, and return whose was not taken."""
    if not messages:
        return []
    ids = list(messages)
    entries = [
        {"Id": str(at), "MessageBody": json.dumps(messages[each], separators=(",", ":"))}
        for at, each in enumerate(ids)
    ]
    answer = sqs.send_message_batch(QueueUrl=QUEUE, Entries=entries)
    return [ids[int(failed["Id"])] for failed in answer.get("Failed", [])]


def _order(shipment: str) -> dict[str, Any]:
    """What the shipment's order says, up to date."""
    answer = dynamodb.get_item(
        TableName=TABLE, Key={"pk": {"S": f"SHIPMENT#{shipment}"}}, ConsistentRead=True
    )
    if "Item" not in answer:
        raise NotReady(f"the order of {shipment} is not known yet")
    return dict(json.loads(answer["Item"]["order"]["S"]))


def _message(event: StageEvent, epoch: int, normalised: str) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"{event.task}/decision/{epoch}",
        "source": "urn:flotilla:fleet",
        "type": "flotilla.task.v1",
        "subject": event.subject,
        "datacontenttype": "application/json",
        "tenant": event.tenant,
        "traceparent": event.traceparent,
        "task": event.task,
        "stage": "decision",
        "epoch": epoch,
        "hops": event.hops + 1,
        "data": json.loads(normalised),
    }

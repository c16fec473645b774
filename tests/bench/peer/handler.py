"""The peer: Powertools as its documentation recommends it for SQS.

Batch utility with a model for each record, Idempotency utility on each record (keyed by the
event's id and not by SQS's message id, because a sender that repeats itself gets a new one of
those), Logger.
"""

from __future__ import annotations

import os
from typing import Any

from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.typing import LambdaContext

import tasks
from batch import answer, logger
from tracking import StageEvent, TrackingRecord

# The same client as for the tasks: one pool of connections.
store = DynamoDBPersistenceLayer(
    table_name=os.environ["IDEMPOTENCY_TABLE_NAME"], boto3_client=tasks.dynamodb
)
# The local cache spares a duplicate that comes to the same environment its write.
config = IdempotencyConfig(event_key_jmespath="id", use_local_cache=True)


@idempotent_function(data_keyword_argument="event", config=config, persistence_store=store)
def move_on(event: StageEvent) -> dict[str, Any]:
    """Once for each event; a repetition gets the first result."""
    return tasks.move_on(event)


def record_handler(record: TrackingRecord) -> dict[str, Any]:
    """One record of the batch."""
    return dict(move_on(event=record.body))


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """The whole batch."""
    # The documentation's "Lambda timeouts": a record in progress expires with its invocation.
    config.register_lambda_context(context)
    return answer(event, context, record_handler)

"""The Batch utility around a record handler: partial failures, one send for the whole batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType
from aws_lambda_powertools.utilities.typing import LambdaContext

import tasks
from tracking import TrackingRecord

# The level is LOG_LEVEL's, as for our functions, and so is the form: one JSON object a line.
logger = Logger(service="processing")

# With a model each record is parsed by itself, and one that is malformed fails alone.
# A batch in which every record is malformed is answered like any other: an error in its place
# would make Lambda count a failed invocation and change nothing for the records.
processor = BatchProcessor(
    event_type=EventType.SQS, model=TrackingRecord, raise_on_entire_batch_failure=False
)


def answer(
    event: dict[str, Any],
    context: LambdaContext,
    handler: Callable[[TrackingRecord], dict[str, Any]],
) -> dict[str, Any]:
    """Handle every record, send what follows, and name the records that failed."""
    records = event["Records"]
    # "Accessing processed messages" in the documentation: the results are needed, because the
    # messages leave in one request of ten and not in ten requests.
    with processor(records=records, handler=handler, lambda_context=context):
        processed = processor.process()
    failures = list(processor.response()["batchItemFailures"])
    messages = {
        record["messageId"]: result
        for status, result, record in processed
        if status == "success" and result
    }
    failures += [{"itemIdentifier": each} for each in tasks.send(messages)]
    for status, why, _ in processed:
        if status != "success":
            logger.warning("a record failed", reason=str(why))
    logger.info("batch", records=len(records), sent=len(messages), failed=len(failures))
    return {"batchItemFailures": failures}

"""The peer without the Idempotency utility: the conditional write alone guards against duplicates.

Not what the documentation recommends, and the least that the job takes in Python: it shows how
much of the difference the Idempotency utility's two more writes make.
"""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

import tasks
from batch import answer, logger
from tracking import TrackingRecord


def record_handler(record: TrackingRecord) -> dict[str, Any]:
    """One record of the batch."""
    return tasks.move_on(record.body)


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """The whole batch."""
    return answer(event, context, record_handler)

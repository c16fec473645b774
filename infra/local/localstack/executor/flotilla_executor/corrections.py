"""Two habits of LocalStack that no setting changes, and that would change what functions do.

Each correction is as narrow as it can be. That both still fit the LocalStack
that is installed is asserted on the running engine, in `tests/test_deviations.py`.
"""

from __future__ import annotations

from typing import Any

from localstack.services.lambda_.event_source_mapping.pollers.sqs_poller import SqsPoller
from localstack.services.lambda_.invocation.execution_environment import ExecutionEnvironment


def apply() -> None:
    """Apply both, once in the life of a process."""
    _use_chosen_log_groups()
    _keep_bodies()


def _use_chosen_log_groups() -> None:
    """Log into the group that LoggingConfig names; LocalStack always takes /aws/lambda/NAME."""
    default = ExecutionEnvironment.get_log_group_name

    def chosen(self: ExecutionEnvironment) -> str:
        settings = self.function_version.config.logging_config or {}
        return str(settings.get("LogGroup") or default(self))

    ExecutionEnvironment.get_log_group_name = chosen


def _keep_bodies() -> None:
    """Pass on a message's body as it was sent; LocalStack parses JSON and writes it anew."""
    handle, enrich = SqsPoller.handle_messages, SqsPoller.add_source_metadata

    def remembering(self: SqsPoller, messages: list[dict[str, Any]]) -> Any:
        # A poller works on one batch at a time.
        self.bodies = {each["MessageId"]: each["Body"] for each in messages}
        return handle(self, messages)

    def restoring(self: SqsPoller, events: list[dict[str, Any]]) -> Any:
        for event in events:
            event["body"] = self.bodies[event["messageId"]]
        return enrich(self, events)

    SqsPoller.handle_messages = remembering
    SqsPoller.add_source_metadata = restoring

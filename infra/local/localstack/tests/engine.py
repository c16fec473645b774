"""Functions, queues and mappings on the LocalStack that AWS_ENDPOINT_URL names.

The functions are the executor's fake bootstrap, which does what an event says.
They are processes of this machine, so files tell what they did.
"""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import sys
import tempfile
import time
import unittest
import uuid
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

FAKE = Path(__file__).resolve().parents[1] / "executor" / "tests" / "fake_bootstrap.py"
ROLE = "arn:aws:iam::000000000000:role/of-a-test"
LIMIT = 60.0
"""Seconds that anything may take; most takes less than one."""


def client(service: str, **more: str) -> Any:
    """A client that never tries twice: a second try would hide what the first met."""
    return boto3.client(service, config=Config(retries={"total_max_attempts": 1}), **more)


def until(condition: Callable[[], Any], what: str) -> Any:
    """Look until there is something, and return it."""
    limit = time.monotonic() + LIMIT
    while not (found := condition()):
        if time.monotonic() > limit:
            raise AssertionError(f"waited in vain for {what}")
        time.sleep(0.05)
    return found


class WithEngine(unittest.TestCase):
    """Makes functions and queues that are gone after the test."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.functions, cls.sqs, cls.logs = client("lambda"), client("sqs"), client("logs")

    def setUp(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.seen_file = self.folder / "seen"

    def function(self, timeout: int = 20, **settings: Any) -> str:
        """A function of its own; returns its name."""
        name = f"fake-{uuid.uuid4().hex[:12]}"
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            entry = zipfile.ZipInfo("bootstrap")
            entry.external_attr = 0o755 << 16
            script = FAKE.read_text().replace("/usr/bin/env python3", sys.executable)
            archive.writestr(entry, script)
        variables = settings.pop("variables", {}) | {"SEEN": str(self.seen_file)}
        self.functions.create_function(
            FunctionName=name, Runtime="provided.al2023", Handler="bootstrap", Role=ROLE,
            Code={"ZipFile": packed.getvalue()}, Timeout=timeout,
            Environment={"Variables": variables}, **settings,
        )  # fmt: skip
        self.addCleanup(self.delete, name)
        self.functions.get_waiter("function_active_v2").wait(FunctionName=name)
        return name

    def delete(self, name: str) -> None:
        """Delete a function, unless the test has done so."""
        with contextlib.suppress(self.functions.exceptions.ResourceNotFoundException):
            self.functions.delete_function(FunctionName=name)

    def invoke(self, name: str, **event: Any) -> tuple[str, Any]:
        """The kind of its error, if it is one, and what it answered."""
        answer = self.functions.invoke(FunctionName=name, Payload=json.dumps(event))
        return answer.get("FunctionError", ""), json.loads(answer["Payload"].read())

    def queue(self, **attributes: str) -> str:
        """A queue of its own; returns its URL."""
        name = f"queue-{uuid.uuid4().hex[:12]}" + (".fifo" if "FifoQueue" in attributes else "")
        url = self.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        self.addCleanup(self.sqs.delete_queue, QueueUrl=url)
        return str(url)

    def arn(self, url: str) -> str:
        """A queue's ARN."""
        asked = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return str(asked["Attributes"]["QueueArn"])

    def mapped(self, url: str, name: str, **settings: Any) -> None:
        """From now on the function works on the queue."""
        made = self.functions.create_event_source_mapping(
            EventSourceArn=self.arn(url), FunctionName=name,
            FunctionResponseTypes=["ReportBatchItemFailures"], **settings,
        )  # fmt: skip
        self.addCleanup(self.functions.delete_event_source_mapping, UUID=made["UUID"])

    def send(self, url: str, body: object, **more: str) -> None:
        """Send a body: text as it is, anything else as JSON."""
        text = body if isinstance(body, str) else json.dumps(body)
        self.sqs.send_message(QueueUrl=url, MessageBody=text, **more)

    def batches(self, what: str = "begin") -> list[list[dict[str, Any]]]:
        """The batches of records that functions have begun, or ended."""
        return [records for said, records in self.lines() if said == what]

    def lines(self) -> list[tuple[str, list[dict[str, Any]]]]:
        """All that functions wrote down, in order."""
        text = self.seen_file.read_text() if self.seen_file.exists() else ""
        read = (json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n"))
        return [(each["what"], each["records"]) for each in read]

    def is_empty(self, url: str) -> bool:
        """Nothing waits in a queue and nothing is being worked on."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        asked = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)
        return all(asked["Attributes"][name] == "0" for name in names)

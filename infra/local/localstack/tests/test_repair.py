"""Half-finished deploys, made with LocalStack's own CloudFormation, and their repair."""

from __future__ import annotations

import json
import os
import sys
import unittest
import uuid
from pathlib import Path

from engine import client, until

# Not for good: this folder's parent has the name of a package that boto3's helpers may look for.
HERE = str(Path(__file__).resolve().parents[2])
sys.path.insert(0, HERE)
import stacks
from cloudformation import Direct

sys.path.remove(HERE)

QUEUE = {"Type": "AWS::SQS::Queue"}
# Its code is nowhere.
BROKEN = {
    "Type": "AWS::Lambda::Function",
    "DependsOn": "Queue",
    "Properties": {
        "Role": "arn:aws:iam::000000000000:role/r",
        "Code": {"S3Bucket": "there-is-no-such-bucket", "S3Key": "nothing"},
        "Handler": "bootstrap",
        "Runtime": "provided.al2023",
    },
}
SOUND = json.dumps({"Resources": {"Queue": QUEUE}})


class Repair(unittest.TestCase):
    def setUp(self) -> None:
        self.cloud = client("cloudformation")
        self.direct = Direct(os.environ["AWS_ENDPOINT_URL"])
        self.name = f"half-{uuid.uuid4().hex[:8]}"
        self.addCleanup(stacks.remove, self.direct, self.name)

    def status(self) -> str:
        stack = self.direct.describe(self.name)
        return stack.status if stack else ""

    def repaired(self) -> None:
        stacks.repair(self.direct, self.name)
        self.assertEqual(self.status(), "")
        self.cloud.create_stack(StackName=self.name, TemplateBody=SOUND)
        until(lambda: self.status() == "CREATE_COMPLETE", "a new stack of the same name")
        stacks.repair(self.direct, self.name)
        self.assertEqual(self.status(), "CREATE_COMPLETE", "a sound stack is left alone")

    def failed(self, expected: tuple[str, ...], **how: str) -> None:
        template = json.dumps({"Resources": {"Queue": QUEUE, "Function": BROKEN}})
        self.cloud.create_stack(StackName=self.name, TemplateBody=template, **how)
        until(lambda: not self.status().endswith("_IN_PROGRESS"), "the end of a failed deploy")
        self.assertIn(self.status(), expected)

    def test_a_creation_that_was_rolled_back(self) -> None:
        self.failed(("ROLLBACK_COMPLETE", "CREATE_FAILED"))
        self.repaired()

    def test_a_creation_that_failed_and_was_left_so(self) -> None:
        self.failed(("CREATE_FAILED",), OnFailure="DO_NOTHING")
        self.repaired()

    def test_a_change_set_that_nobody_carried_out(self) -> None:
        self.cloud.create_change_set(
            StackName=self.name, ChangeSetName="c", ChangeSetType="CREATE", TemplateBody=SOUND
        )
        until(lambda: self.status() == "REVIEW_IN_PROGRESS", "the change set")
        self.repaired()


if __name__ == "__main__":
    unittest.main()

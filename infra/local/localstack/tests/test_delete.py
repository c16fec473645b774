"""Run last: the fleet's stack is deleted, and nothing of it is left."""

from __future__ import annotations

import os
import unittest
from pathlib import Path

from engine import client, until


class Deleting(unittest.TestCase):
    def test_nothing_is_left(self) -> None:
        stack = os.environ["FLOTILLA_STACK"]
        cloud = client("cloudformation")
        self.assertIn(stack, str(self.left(stack)), "there was something before")
        cloud.delete_stack(StackName=stack)
        cloud.get_waiter("stack_delete_complete").wait(
            StackName=stack, WaiterConfig={"Delay": 1, "MaxAttempts": 120}
        )
        self.assertEqual(self.left(stack), {})
        pid = os.environ.get("FLOTILLA_CLOUD_PID")
        if pid:
            until(lambda: not functions_of(int(pid)), "the end of the functions' processes")

    def left(self, stack: str) -> dict[str, list[str]]:
        """What bears the stack's name, by kind."""
        found = {
            "queues": client("sqs").list_queues().get("QueueUrls", []),
            "tables": client("dynamodb").list_tables()["TableNames"],
            "functions": [f["FunctionName"] for f in client("lambda").list_functions()["Functions"]],
            "mappings": [
                m["EventSourceArn"]
                for m in client("lambda").list_event_source_mappings()["EventSourceMappings"]
            ],
            "log groups": [
                g["logGroupName"] for g in client("logs").describe_log_groups()["logGroups"]
            ],
            "roles": [r["RoleName"] for r in client("iam").list_roles()["Roles"]],
            "schedules": [s["Name"] for s in client("scheduler").list_schedules()["Schedules"]],
        }
        named = {kind: [n for n in names if stack in n] for kind, names in found.items()}
        return {kind: names for kind, names in named.items() if names}


def functions_of(cloud: int) -> list[int]:
    """Processes called bootstrap whose parent is the cloud."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            head, _, tail = stat.read_text().rpartition(") ")
        except OSError:
            continue
        fields = tail.split()
        if head.endswith("(bootstrap") and fields[1] == str(cloud) and fields[0] not in "ZX":
            found.append(int(stat.parent.name))
    return found


if __name__ == "__main__":
    unittest.main()

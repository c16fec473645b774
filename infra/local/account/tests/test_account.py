"""`make deploy` and `make delete` against a local cloud that runs.

`local.py test build account` starts one. The stack is one of its own beside the
fleet's, which has to survive all this.
"""

from __future__ import annotations

import os
import subprocess
import sys
import unittest
from pathlib import Path
from typing import ClassVar

HERE = Path(__file__).resolve().parents[2]
# In place of this folder: what is tested lies there.
sys.path[0] = str(HERE)

from account import formation, remains, target
from say import Exit
from settings import ROOT

STAGE = "trial"
STACK = f"flotilla-{STAGE}"


def aws(*words: str) -> subprocess.CompletedProcess[str]:
    """One command, as from a script: nobody is there to answer."""
    return subprocess.run(
        [sys.executable, "-B", str(HERE / "aws.py"), *words],
        cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True,
    )  # fmt: skip


def there(stack: str) -> dict[str, list[str]]:
    """What bears a stack's name in each service's own list."""
    account = target.find()
    found = {kind: list(remains.listed(account, kind)) for kind in remains.LISTS}
    mappings = account.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    found["AWS::Lambda::EventSourceMapping"] = [each["EventSourceArn"] for each in mappings]
    named = {
        k: [n for n in names if f"{stack}-" in n or f"/{stack}/" in n] for k, names in found.items()
    }
    return {kind: names for kind, names in named.items() if names}


class Account(unittest.TestCase):
    fleet: ClassVar[dict[str, list[str]]]

    @classmethod
    def setUpClass(cls) -> None:
        cls.fleet = there(os.environ["FLOTILLA_STACK"])

    def deploy(self, *words: str) -> subprocess.CompletedProcess[str]:
        return aws("deploy", "--stage", STAGE, "--built", *words)

    def test_1_a_plan_tells_the_account_and_creates_nothing(self) -> None:
        done = self.deploy("--plan")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("account   000000000000 in us-east-1", done.stdout)
        self.assertIn("5  functions", done.stdout)
        self.assertIn("3,285,000 requests x $0.40 per million", done.stdout)
        self.assertEqual(there(STACK), {})

    def test_2_nothing_is_created_without_an_answer_or_with_a_wrong_value(self) -> None:
        for words, said in (
            ([], "this is no terminal"),
            (["--yes", "MemorySize=64"], "MemorySize is '64': must be a whole number, at least 128"),
            (
                ["--yes", "MemorySise=256"],
                "there is no parameter MemorySise; did you mean MemorySize?",
            ),
            (
                ["--yes", "--stage", "Trial"],
                "StageName is 'Trial': must be 1 to 16 lower-case letters",
            ),
        ):
            done = self.deploy(*words)
            self.assertEqual(done.returncode, Exit.USAGE, done.stdout)
            self.assertIn(said, done.stdout)
        self.assertEqual(there(STACK), {})

    def test_3_a_deploy_creates_what_was_told_and_a_second_one_updates_it(self) -> None:
        done = self.deploy("--yes", "LogRetentionDays=7")
        self.assertEqual(done.returncode, 0, done.stdout)
        counts = {kind: len(names) for kind, names in there(STACK).items()}
        self.assertEqual(counts["AWS::SQS::Queue"], 11)
        self.assertEqual(counts["AWS::Lambda::Function"], 5)
        self.assertEqual(counts["AWS::DynamoDB::Table"], 1)
        # What a deletion asks for afterwards is seen as long as it is there.
        account = target.find()
        seen = remains.of(account, formation.of(account).resources(STACK))
        self.assertEqual(seen.unseen, {})
        self.assertEqual({kind: len(names) for kind, names in seen.left.items()}, counts)
        done = self.deploy("--yes", "LogRetentionDays=7")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("CREATE_COMPLETE", done.stdout)

    def test_4_a_deletion_without_an_answer_and_of_a_protected_table_is_refused(self) -> None:
        before = there(STACK)
        done = aws("delete", "--stage", STAGE)
        self.assertEqual(done.returncode, Exit.USAGE, done.stdout)
        dynamodb = target.find().client("dynamodb")
        table = before["AWS::DynamoDB::Table"][0]
        dynamodb.update_table(TableName=table, DeletionProtectionEnabled=True)
        done = aws("delete", "--stage", STAGE, "--yes")
        self.assertEqual(done.returncode, Exit.DEPLOY, done.stdout)
        self.assertIn(f"--table-name {table} --no-deletion-protection-enabled", done.stdout)
        self.assertEqual(there(STACK), before)
        dynamodb.update_table(TableName=table, DeletionProtectionEnabled=False)

    def test_5_a_deletion_leaves_nothing_of_it_and_all_of_the_fleet(self) -> None:
        done = aws("delete", "--stage", STAGE, "--yes")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual(there(STACK), {})
        self.assertEqual(there(os.environ["FLOTILLA_STACK"]), self.fleet)
        done = aws("delete", "--stage", STAGE, "--yes")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn(f"There is no stack {STACK}", done.stdout)


if __name__ == "__main__":
    unittest.main()

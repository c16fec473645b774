"""template.yaml against the linters and against our own rules, whole and broken on purpose.

Run by `make template`; by hand:
.flotilla/tools/deploy/bin/python -m unittest discover -s tests/template -v
"""

from __future__ import annotations

import json
import os
import tempfile
import unittest
import unittest.mock
from collections.abc import Callable
from pathlib import Path
from typing import Any

from support import COMBINATIONS, ROOT, expand, lint, statement

from expansion import source
from privileges import allowed, missing, unused, used
from rules import violations
from settings import TEMPLATE


class Linters(unittest.TestCase):
    """What AWS's own tools say."""

    def test_sam_validates_the_source(self) -> None:
        done = lint("sam", "validate", "--lint", "--template-file", str(TEMPLATE))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_cfn_lint_passes_the_source(self) -> None:
        done = lint("cfn-lint", str(TEMPLATE))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_cfn_lint_passes_every_expansion(self) -> None:
        # SAM leaves most parameters to CloudFormation, so several combinations expand to the same.
        expansions = {json.dumps(expand(None, **each), indent=1) for each in COMBINATIONS}
        self.assertGreater(len(expansions), 1)
        with tempfile.TemporaryDirectory() as folder:
            files = []
            for number, expansion in enumerate(expansions):
                file = Path(folder) / f"{number}.json"
                file.write_text(expansion)
                files.append(str(file))
            done = lint("cfn-lint", "--config-file", str(ROOT / ".cfnlintrc"), *files)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class Expansions(unittest.TestCase):
    """What reads the template must not decide where it goes."""

    def test_an_expansion_leaves_no_region_behind(self) -> None:
        with unittest.mock.patch.dict(os.environ):
            os.environ.pop("AWS_DEFAULT_REGION", None)
            expand()
            self.assertNotIn("AWS_DEFAULT_REGION", os.environ)


class Rules(unittest.TestCase):
    """What no linter knows."""

    def test_the_template_breaks_none(self) -> None:
        for parameters in COMBINATIONS:
            with self.subTest(**parameters):
                self.assertEqual(violations(expand(None, **parameters)), [])

    def test_recovery_can_be_switched_off(self) -> None:
        resources = expand()["Resources"]
        for name in ("RecoveryScheduler", "RecoverySchedulerRole"):
            self.assertEqual(resources[name]["Condition"], "LooksForLostTasks")

    def test_the_schedule_sends_a_recover_message(self) -> None:
        target = expand()["Resources"]["RecoveryScheduler"]["Properties"]["Target"]
        message = json.loads(target["Input"])
        self.assertEqual(message["type"], "flotilla.recover.v1")
        self.assertEqual(message["specversion"], "1.0")
        self.assertEqual(target["Arn"], {"Fn::GetAtt": ["StateQueue", "Arn"]})


class Broken(unittest.TestCase):
    """Each fault, put in on purpose, is found: a rule that finds nothing protects nothing."""

    def found_after(self, change: Callable[[dict[str, Any]], None]) -> str:
        template = source()
        change(template)
        return "\n".join(violations(expand(template)))

    def test_a_wildcard_action(self) -> None:
        def change(template: dict[str, Any]) -> None:
            statement(template, "Decision", "UseTable")["Action"] = ["dynamodb:*"]

        self.assertIn("DecisionRole may dynamodb:*", self.found_after(change))

    def test_a_wildcard_resource(self) -> None:
        def change(template: dict[str, Any]) -> None:
            statement(template, "Decision", "UseTable")["Resource"] = "*"

        self.assertIn("on *", self.found_after(change))

    def test_another_stacks_secrets(self) -> None:
        def change(template: dict[str, Any]) -> None:
            theirs = "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/*"
            statement(template, "Decision", "UseTable")["Resource"] = {"Fn::Sub": theirs}

        self.assertIn(":parameter/*", self.found_after(change))

    def test_a_missing_dead_letter_queue(self) -> None:
        def change(template: dict[str, Any]) -> None:
            del template["Resources"]["StateQueue"]["Properties"]["RedrivePolicy"]

        self.assertIn("StateQueue has no redrive policy", self.found_after(change))

    def test_a_visibility_below_six_timeouts(self) -> None:
        def change(template: dict[str, Any]) -> None:
            template["Resources"]["StateQueue"]["Properties"]["VisibilityTimeout"] = 60

        self.assertIn("StateQueue's visibility", self.found_after(change))

    def test_a_dead_letter_queue_that_is_not_there(self) -> None:
        def change(template: dict[str, Any]) -> None:
            for part in ("Queue", "QueuePolicy"):
                del template["Resources"][f"StateDeadLetter{part}"]

        self.assertIn("State has no DeadLetterQueue", self.found_after(change))

    def test_a_parameter_without_a_description_or_a_limit(self) -> None:
        def change(template: dict[str, Any]) -> None:
            template["Parameters"]["MemorySize"] = {"Type": "Number", "Default": 128}

        said = self.found_after(change)
        self.assertIn("parameter MemorySize has no description", said)
        self.assertIn("parameter MemorySize has no limit", said)

    def test_a_wrong_product(self) -> None:
        def change(template: dict[str, Any]) -> None:
            template["Mappings"]["Timeouts"]["30"]["20"] = 180

        said = "a timeout of 30 s and a window of 20 s hide for 180 s"
        self.assertIn(said, self.found_after(change))

    def test_a_mapping_that_fails_whole_batches(self) -> None:
        def change(template: dict[str, Any]) -> None:
            function = template["Resources"]["StateFunction"]["Properties"]
            del function["Events"]["Queue"]["Properties"]["FunctionResponseTypes"]

        self.assertIn("StateQueue's mapping fails whole batches", self.found_after(change))

    def test_a_queue_that_may_not_be_sent_to(self) -> None:
        def change(template: dict[str, Any]) -> None:
            resources = statement(template, "Decision", "SendOn")["Resource"]
            resources.remove({"Fn::GetAtt": ["StateQueue", "Arn"]})

        self.assertIn("Decision knows StateQueue and may not", self.found_after(change))

    def test_a_log_without_end(self) -> None:
        def change(template: dict[str, Any]) -> None:
            del template["Resources"]["StateLogGroup"]["Properties"]["RetentionInDays"]

        self.assertIn("StateLogGroup is kept for ever", self.found_after(change))

    def test_a_plain_queue(self) -> None:
        def change(template: dict[str, Any]) -> None:
            template["Resources"]["RepliesQueue"]["Properties"]["SqsManagedSseEnabled"] = False

        self.assertIn("RepliesQueue is not encrypted", self.found_after(change))

    def test_a_queue_that_takes_plain_http(self) -> None:
        def change(template: dict[str, Any]) -> None:
            del template["Resources"]["StateQueuePolicy"]

        self.assertIn("StateQueue takes plain HTTP", self.found_after(change))

    def test_a_policy_for_another_queue(self) -> None:
        def change(template: dict[str, Any]) -> None:
            policy = template["Resources"]["StateQueuePolicy"]["Properties"]["PolicyDocument"]
            policy["Statement"][0]["Resource"] = {"Fn::GetAtt": ["DecisionQueue", "Arn"]}

        self.assertIn("StateQueue takes plain HTTP", self.found_after(change))

    def test_a_dead_letter_queue_of_another_type(self) -> None:
        def change(template: dict[str, Any]) -> None:
            del template["Resources"]["StateDeadLetterQueue"]["Properties"]["FifoQueue"]

        self.assertIn(
            "StateDeadLetterQueue does not follow the queue type", self.found_after(change)
        )


class Privileges(unittest.TestCase):
    """A role that allows too much or too little is found in what its function did."""

    def setUp(self) -> None:
        self.did = allowed(expand(), "flotilla-local")

    def after(self, change: Callable[[list[str]], None]) -> tuple[list[str], list[str]]:
        template = source()
        change(statement(template, "Decision", "UseTable")["Action"])
        may = allowed(expand(template), "flotilla-local")
        return missing(may, self.did), unused(may, self.did)

    def test_the_roles_as_they_are_are_as_they_are(self) -> None:
        self.assertEqual(self.after(lambda actions: None), ([], []))

    def test_a_wrong_action_is_missing_and_unused(self) -> None:
        def change(actions: list[str]) -> None:
            actions[actions.index("dynamodb:UpdateItem")] = "dynamodb:DeleteItem"

        table = "flotilla-local-fleet"
        self.assertEqual(
            self.after(change),
            (
                [f"decision needs dynamodb:UpdateItem on {table}"],
                [f"decision may dynamodb:DeleteItem on {table} and never does"],
            ),
        )

    def test_calls_are_told_by_function_action_and_resource(self) -> None:
        part = {"action": "sqs:SendMessage", "resource": "s-state"}
        calls = [
            {"function": "s-decision", "parts": [part]},
            {"function": "", "parts": [part]},
        ]
        self.assertEqual(used(calls, "s"), {("decision", "sqs:SendMessage", "s-state")})


if __name__ == "__main__":
    unittest.main()

"""The policies against the policy linter, whole and broken on purpose; all exceptions."""

from __future__ import annotations

import json
import tempfile
import unittest
from collections.abc import Callable
from pathlib import Path

from support import COMBINATIONS, ROOT, Template, deployed, expand, lint, statement

import policies
from exceptions import BY_LAMBDA, MANAGED, POLICY_FINDINGS, UNBOUND
from expansion import source
from rules import listed


class Policies(unittest.TestCase):
    """What the policy linter says of every role's and every queue's policy."""

    def test_every_policy_is_sound(self) -> None:
        for values in COMBINATIONS:
            with self.subTest(**values):
                self.assertEqual(
                    policies.unexplained(policies.findings(deployed(None, **values))), []
                )

    def test_every_policy_is_looked_at(self) -> None:
        resources = deployed()
        looked_at = {name for name, _ in policies.documents(resources)}
        kinds = ("AWS::IAM::Role", "AWS::SQS::QueuePolicy")
        self.assertEqual(looked_at, {n for n, r in resources.items() if r["Type"] in kinds})
        self.assertEqual(len(looked_at), 17)

    def after(self, change: Callable[[Template], None], sid: str) -> str:
        """What is found once one statement of the decision agent is changed."""
        template = source()
        change(statement(template, "Decision", sid))
        return "\n".join(policies.unexplained(policies.findings(deployed(template))))

    def test_a_misspelt_action(self) -> None:
        said = self.after(lambda each: each.update(Action="sqs:SendMesage"), "SendOn")
        self.assertIn("DecisionRole: UNKNOWN_ACTION: ", said)
        self.assertIn("sqs:SendMesage", said)

    def test_a_wildcard_resource(self) -> None:
        said = self.after(lambda each: each.update(Resource="*"), "SendOn")
        self.assertIn("DecisionRole: RESOURCE_STAR: ", said)

    def test_an_action_on_a_resource_of_another_kind(self) -> None:
        queue = {"Fn::GetAtt": ["DecisionQueue", "Arn"]}
        said = self.after(lambda each: each.update(Resource=queue), "UseTable")
        self.assertIn("DecisionRole: RESOURCE_MISMATCH: ", said)

    def test_a_condition_that_does_not_exist(self) -> None:
        template = source()
        policy = template["Resources"]["StateQueuePolicy"]["Properties"]["PolicyDocument"]
        policy["Statement"][0]["Condition"] = {"Bool": {"aws:SecureTransprt": "false"}}
        said = "\n".join(policies.unexplained(policies.findings(deployed(template))))
        self.assertIn("StateQueuePolicy: UNKNOWN_CONDITION_FOR_ACTION: ", said)

    def test_cfn_lint_finds_a_misspelt_action_in_an_expansion_too(self) -> None:
        template = source()
        statement(template, "Decision", "SendOn")["Action"] = "sqs:SendMesage"
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "expansion.json"
            file.write_text(json.dumps(expand(template), indent=1))
            done = lint("cfn-lint", "--config-file", str(ROOT / ".cfnlintrc"), str(file))
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("W3037 'sendmesage'", done.stdout)


class Exceptions(unittest.TestCase):
    """Each is explained in `exceptions.py` and needed; there are none elsewhere."""

    def test_each_has_a_reason(self) -> None:
        for table in (POLICY_FINDINGS, UNBOUND, MANAGED, BY_LAMBDA):
            for name, reason in table.items():
                self.assertGreater(len(reason), 10, name)

    def test_each_is_needed(self) -> None:
        everywhere = [deployed(None, **values) for values in COMBINATIONS]
        found = [each for resources in everywhere for each in policies.findings(resources)]
        self.assertLessEqual(set(POLICY_FINDINGS), {(policy, issue) for policy, issue, _ in found})
        roles = [
            (name, resource["Properties"])
            for resources in everywhere
            for name, resource in resources.items()
            if resource["Type"] == "AWS::IAM::Role"
        ]
        self.assertLessEqual(
            set(MANAGED), {n for n, role in roles if role.get("ManagedPolicyArns")}
        )
        statements = [
            each
            for _, role in roles
            for policy in role.get("Policies", [])
            for each in policy["PolicyDocument"]["Statement"]
        ]
        wildcards = {each.get("Sid") for each in statements if each["Resource"] == "*"}
        self.assertEqual(set(UNBOUND), wildcards)
        actions = {action for each in statements for action in listed(each["Action"])}
        self.assertLessEqual(set(BY_LAMBDA), actions)

    def test_cfn_lint_is_told_of_none(self) -> None:
        lines = (ROOT / ".cfnlintrc").read_text().splitlines()
        self.assertEqual([line for line in lines if line and not line.startswith("#")], [])
        self.assertNotIn("cfn-lint", source()["Metadata"])
        for name, resource in source()["Resources"].items():
            self.assertNotIn("cfn-lint", resource.get("Metadata", {}), name)


if __name__ == "__main__":
    unittest.main()

"""What `make deploy` makes of the template: stages, counts, costs, states to go on from."""

from __future__ import annotations

import os
import unittest
import unittest.mock
from collections import Counter

from support import COMBINATIONS, deployed

from account import deploy, plan, prices, rest, stage, target
from expansion import source
from say import Exit, Problem
from stacks import READY, Stack


class Stages(unittest.TestCase):
    def setUp(self) -> None:
        self.limits = source()
        self.definitions = self.limits["Parameters"]

    def test_a_stage_has_the_profile_of_its_name_or_the_default(self) -> None:
        for name, profile in (("dev", "default"), ("prod", "prod"), ("trial", "default")):
            found = stage.named(self.limits, name, {})
            self.assertEqual((found.profile, found.stack), (profile, f"flotilla-{name}"))
            self.assertEqual(found.values["StageName"], name)
            self.assertIn(f"stage={name}", found.tags)
        self.assertEqual(stage.named(self.limits, "prod", {}).values["LogRetentionDays"], "90")

    def test_every_parameter_is_given_and_a_change_goes_before_the_profile(self) -> None:
        found = stage.named(self.limits, "prod", {"LogRetentionDays": "7"})
        self.assertEqual(set(found.values), set(self.definitions))
        self.assertEqual(found.values["LogRetentionDays"], "7")
        self.assertEqual(stage.differing(self.definitions, found)["StageName"], "prod")
        self.assertNotIn("MemorySize", stage.differing(self.definitions, found))

    def test_wrong_stages_are_refused(self) -> None:
        for name in ("Prod", "", "local", "localstack", "a" * 17):
            with self.assertRaises(Problem) as raised:
                stage.named(self.limits, name, {})
            self.assertEqual(raised.exception.code, Exit.USAGE)


class Plans(unittest.TestCase):
    def test_counts_follow_the_conditions(self) -> None:
        plain, gradual = deployed(), deployed(GradualDeployment="true", RecoverySchedule="off")
        self.assertEqual(Counter(plan.kinds(plain))["AWS::SQS::Queue"], 11)
        self.assertNotIn("AWS::CloudWatch::Alarm", plan.kinds(plain))
        shown = plan.counted(plan.kinds(gradual))
        self.assertIn("     5  alarms", shown)
        self.assertNotIn("schedules", "\n".join(shown))
        self.assertEqual(shown[-1], f"  {len(gradual):4}  in all")

    def test_every_type_has_a_name_and_a_price_or_a_reason_to_have_none(self) -> None:
        for values in COMBINATIONS:
            with self.subTest(**values):
                resources = deployed(None, **values)
                self.assertLessEqual(set(plan.kinds(resources)), set(plan.WORDS))
                self.assertEqual(rest.unknown(resources), [])

    def test_the_bill(self) -> None:
        for values, dollars in (
            ({}, 1.314),
            ({"RecoverySchedule": "off"}, 1.314),
            ({"QueueType": "fifo"}, 1.6425),
            ({"GradualDeployment": "true"}, 1.814),
        ):
            bill = rest.lines(deployed(None, **values), prices.load())
            self.assertAlmostEqual(sum(line.dollars for line in bill), dollars, 3, str(values))
        shown = plan.costs(bill, ["AWS::X::Y"], prices.load(), "eu-west-1")
        said = "\n".join(shown)
        self.assertIn("$  1.31   5 x 5 pollers x 2,628,000 s / 20 s = 3,285,000 requests", said)
        self.assertIn("5 alarms                      $  0.50   ~ 5 x $0.10", said)
        self.assertIn("in all                        $  1.81", said)
        self.assertIn("AWS::X::Y: its price is not known here", said)
        self.assertIn("prices of us-east-1; those of eu-west-1 may differ", said)

    def test_in_prod_the_recovery_of_the_table_is_a_line(self) -> None:
        whats = {line.what for line in rest.lines(deployed(StageName="prod"), prices.load())}
        self.assertIn("its point-in-time recovery", whats)


class States(unittest.TestCase):
    def setUp(self) -> None:
        self.stage = stage.named(source(), "dev", {})

    def test_no_stack_a_sound_one_and_an_empty_one_are_gone_on_from(self) -> None:
        deploy.can_go_on(self.stage, None)
        for status in READY | {"ROLLBACK_COMPLETE", "REVIEW_IN_PROGRESS"}:
            deploy.can_go_on(self.stage, Stack(status, "", {}))

    def test_any_other_is_told_and_left_alone(self) -> None:
        for status in (
            "UPDATE_ROLLBACK_FAILED",
            "CREATE_FAILED",
            "DELETE_FAILED",
            "UPDATE_IN_PROGRESS",
        ):
            with self.assertRaises(Problem) as raised:
                deploy.can_go_on(self.stage, Stack(status, "for a reason", {}))
            self.assertIn(f"flotilla-dev is {status} for a reason", raised.exception.what)


class Targets(unittest.TestCase):
    """Without an account, that is what is told."""

    def told(self, **environment: str) -> str:
        nothing = {"AWS_EC2_METADATA_DISABLED": "true", "PATH": os.environ["PATH"]}
        nothing |= dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), os.devnull)
        with (
            unittest.mock.patch.dict(os.environ, nothing | environment, clear=True),
            self.assertRaises(Problem) as raised,
        ):
            target.find()
        return raised.exception.what

    def test_what_is_missing_is_named(self) -> None:
        self.assertEqual(self.told(), "no region is chosen")
        self.assertEqual(self.told(AWS_REGION="eu-west-1"), "there are no AWS credentials")
        self.assertIn("could not be found", self.told(AWS_PROFILE="nobody"))


if __name__ == "__main__":
    unittest.main()

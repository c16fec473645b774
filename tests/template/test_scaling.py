"""What each switch of the scaling adds to a deployment, and nothing else; what never goes together."""

from __future__ import annotations

import functools
import re
import shlex
import unittest

from support import REQUIRED, Template, expand, lint, nested, resolved

import parameters
from account import beyond, plan, prices, rest, stage
from expansion import source
from rules import AGENTS
from settings import ROOT

NESTED = ROOT / "infra" / "scaling" / "agent.yaml"
# What `flotilla plan` writes for its included forecast; infra/plan/tests/day.rs compares.
PLANNED = ROOT / "infra" / "plan" / "data" / "black-friday.schedule.yaml"
STACK = "AWS::CloudFormation::Stack"
TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"
POLICY = "AWS::ApplicationAutoScaling::ScalingPolicy"
PEAK = {
    "ProvisionedConcurrency": "on",
    "PeakStart": "at(2026-11-27T05:45:00)",
    "PeakEnd": "at(2026-11-28T06:00:00)",
    "PeakTimezone": "Europe/Berlin",
}


@functools.cache
def expansion() -> Template:
    """Once for all: no value that is changed here changes what SAM makes of the template."""
    return expand()


def deployed(**values: str) -> Template:
    """The resources of a deployment with these values, of nested stacks too."""
    return resolved(expansion(), REQUIRED | values, nested=nested)


def of_type(resources: Template, kind: str) -> dict[str, Template]:
    """The properties of each resource of a type."""
    return rest.of_type(resources, kind)  # type: ignore[return-value]


def mapping(resources: Template, agent: str) -> Template:
    """The event source mapping of an agent."""
    found: Template = resources[f"{agent}FunctionQueue"]["Properties"]
    return found


def usable(resources: Template, agent: str) -> int:
    """Environments that an agent's pollers may use at once."""
    polled = mapping(resources, agent)
    if "ProvisionedPollerConfig" in polled:
        most = prices.load().limit("provisioned_poller_invocations", "concurrent invocations")
        return int(int(polled["ProvisionedPollerConfig"]["MaximumPollers"]) * most)
    return int(polled["ScalingConfig"]["MaximumConcurrency"])


class Defaults(unittest.TestCase):
    """Nothing scales, and nothing of it costs anything, until it is switched on."""

    def setUp(self) -> None:
        self.resources = deployed()

    def test_there_is_no_scaling_resource(self) -> None:
        for kind in (STACK, TARGET, POLICY):
            self.assertEqual(of_type(self.resources, kind), {})

    def test_every_mapping_is_as_plain_as_can_be(self) -> None:
        for agent in AGENTS:
            polled = mapping(self.resources, agent)
            self.assertEqual(polled["ScalingConfig"], {"MaximumConcurrency": 20})
            self.assertEqual(polled["BatchSize"], "10")
            self.assertNotIn("ProvisionedPollerConfig", polled)
            self.assertNotIn("MaximumBatchingWindowInSeconds", polled)

    def test_nothing_is_reserved_or_warmed(self) -> None:
        for function in of_type(self.resources, "AWS::Lambda::Function").values():
            self.assertNotIn("ReservedConcurrentExecutions", function)
        self.assertNotIn("WarmThroughput", self.resources["Table"]["Properties"])

    def test_nothing_of_it_is_on_the_bill(self) -> None:
        known = prices.load()
        said = " ".join(line.what for line in rest.lines(self.resources, known))
        for word in ("ready", "provisioned", "scaling"):
            self.assertNotIn(word, said)
        self.assertEqual(beyond.lines(self.resources, known), [])


class Switches(unittest.TestCase):
    """One parameter each."""

    def added(self, **values: str) -> set[str]:
        before, after = deployed(), deployed(**values)
        self.assertLessEqual(set(before), set(after))
        return set(after) - set(before)

    def changed(self, **values: str) -> set[str]:
        before, after = deployed(), deployed(**values)
        return {name for name in before if before[name] != after[name]}

    def test_provisioned_concurrency_adds_a_stack_of_two_resources_for_each_agent(self) -> None:
        each = [f"{agent}Scaling{part}" for agent in AGENTS for part in ("", ".Target", ".Policy")]
        self.assertEqual(self.added(ProvisionedConcurrency="on"), set(each))
        self.assertEqual(self.changed(ProvisionedConcurrency="on"), set())

    def test_a_peak_changes_the_targets_only(self) -> None:
        self.assertEqual(self.added(**PEAK), self.added(ProvisionedConcurrency="on"))
        self.assertEqual(self.changed(**PEAK), set())

    def test_own_pollers_change_the_mappings_only(self) -> None:
        mappings = {f"{agent}FunctionQueue" for agent in AGENTS}
        self.assertEqual(self.added(Pollers="provisioned"), set())
        self.assertEqual(self.changed(Pollers="provisioned"), mappings)

    def test_reserved_concurrency_changes_the_functions_only(self) -> None:
        functions = {f"{agent}Function" for agent in AGENTS}
        self.assertEqual(self.added(ReservedConcurrency="on"), set())
        self.assertEqual(self.changed(ReservedConcurrency="on"), functions)

    def test_a_warm_table_changes_the_table_only(self) -> None:
        self.assertEqual(self.changed(WarmThroughput="on"), {"Table"})
        table = deployed(WarmThroughput="on", WarmWriteUnits="40000")["Table"]["Properties"]
        warm = {"WriteUnitsPerSecond": "40000", "ReadUnitsPerSecond": "12000"}
        self.assertEqual(table["WarmThroughput"], warm)
        self.assertEqual(table["BillingMode"], "PAY_PER_REQUEST")

    def test_a_window_changes_the_mappings_and_the_queues_visibility(self) -> None:
        changed = self.changed(BatchWindowSeconds="5")
        parts = [f"{agent}{part}" for agent in AGENTS for part in ("Queue", "FunctionQueue")]
        self.assertEqual(changed, set(parts))
        polled = mapping(deployed(BatchWindowSeconds="5"), "State")
        self.assertEqual(polled["MaximumBatchingWindowInSeconds"], "5")


class Provisioned(unittest.TestCase):
    """The nested stack of an agent."""

    def test_the_target_is_the_alias_that_the_queue_calls(self) -> None:
        resources = deployed(ProvisionedConcurrency="on")
        for agent in AGENTS:
            target = resources[f"{agent}Scaling.Target"]["Properties"]
            function = resources[f"{agent}Function"]["Properties"]["FunctionName"]
            self.assertEqual(target["ResourceId"], f"function:{function}:live")
            self.assertTrue(
                mapping(resources, agent)["FunctionName"].endswith(f":function:{function}:live")
            )
            self.assertEqual(target["ScalableDimension"], "lambda:function:ProvisionedConcurrency")
            self.assertEqual(target["ServiceNamespace"], "lambda")

    def test_it_is_made_after_the_alias(self) -> None:
        """By reference, so CloudFormation knows the order by itself."""
        for agent in AGENTS:
            scaling = source()["Resources"][f"{agent}Scaling"]["Properties"]
            self.assertEqual(scaling["Parameters"]["Alias"], {"Ref": f"{agent}Function.Alias"})

    def test_seventy_percent_are_at_work(self) -> None:
        policies = of_type(deployed(ProvisionedConcurrency="on"), POLICY)
        self.assertEqual(len(policies), len(AGENTS))
        for policy in policies.values():
            self.assertEqual(policy["PolicyType"], "TargetTrackingScaling")
            tracking = policy["TargetTrackingScalingPolicyConfiguration"]
            self.assertEqual(tracking["TargetValue"], 0.7)
            metric = {"PredefinedMetricType": "LambdaProvisionedConcurrencyUtilization"}
            self.assertEqual(tracking["PredefinedMetricSpecification"], metric)

    def test_minimum_and_maximum_are_each_agents_own(self) -> None:
        for agent in AGENTS:
            values = {f"{agent}ProvisionedMinimum": "3", f"{agent}ProvisionedMaximum": "17"}
            targets = of_type(deployed(ProvisionedConcurrency="on", **values), TARGET)
            for name, target in targets.items():
                bounds = ("3", "17") if name.startswith(agent) else ("2", "20")
                self.assertEqual((target["MinCapacity"], target["MaxCapacity"]), bounds, name)

    def test_a_peak_holds_its_number_and_its_end_takes_it_away(self) -> None:
        resources = deployed(**PEAK, DecisionProvisionedPeak="200")
        target = resources["DecisionScaling.Target"]["Properties"]
        start, end = target["ScheduledActions"]
        self.assertEqual(start["Schedule"], PEAK["PeakStart"])
        self.assertEqual(end["Schedule"], PEAK["PeakEnd"])
        self.assertEqual({start["Timezone"], end["Timezone"]}, {"Europe/Berlin"})
        held = {"MinCapacity": "200", "MaxCapacity": "200"}
        self.assertEqual(start["ScalableTargetAction"], held)
        usual = {each: target[each] for each in ("MinCapacity", "MaxCapacity")}
        self.assertEqual(end["ScalableTargetAction"], usual)

    def test_without_a_peak_there_is_no_schedule(self) -> None:
        for target in of_type(deployed(ProvisionedConcurrency="on"), TARGET).values():
            self.assertNotIn("ScheduledActions", target)

    def test_an_agent_with_a_maximum_of_none_follows_no_load_and_pays_no_alarm(self) -> None:
        values = {"StateProvisionedMinimum": "0", "StateProvisionedMaximum": "0"}
        resources = deployed(ProvisionedConcurrency="on", **values)
        self.assertIn("StateScaling.Target", resources)
        self.assertNotIn("StateScaling.Policy", resources)

    def test_it_lints(self) -> None:
        done = lint("cfn-lint", "--config-file", str(ROOT / ".cfnlintrc"), str(NESTED))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_each_stack_gives_it_all_its_parameters_and_no_other(self) -> None:
        wanted = set(nested(str(NESTED))["Parameters"])
        for agent in AGENTS:
            given = source()["Resources"][f"{agent}Scaling"]["Properties"]["Parameters"]
            self.assertEqual(set(given), wanted)


class Planned(unittest.TestCase):
    """The scheduled actions of a plan, as a template of its own beside the fleet's."""

    def test_it_lints(self) -> None:
        done = lint("cfn-lint", "--config-file", str(ROOT / ".cfnlintrc"), str(PLANNED))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_every_agent_is_ready_for_both_peaks_and_let_go_after_them(self) -> None:
        targets = of_type(nested(str(PLANNED))["Resources"], TARGET)
        self.assertEqual(set(targets), {f"{agent}Ready" for agent in AGENTS})
        for target in targets.values():
            counts = [
                each["ScalableTargetAction"]["MinCapacity"] for each in target["ScheduledActions"]
            ]
            self.assertEqual(len(counts), 4)
            self.assertEqual(counts[1::2], [0, 0])
            self.assertTrue(all(count > 0 for count in counts[::2]))


class Together(unittest.TestCase):
    """What has to hold for every value that may be chosen."""

    def test_own_pollers_and_a_maximum_concurrency_are_never_both_there(self) -> None:
        for pollers in ("shared", "provisioned"):
            resources = deployed(Pollers=pollers, IngestionConcurrency="50")
            for agent in AGENTS:
                both = {"ScalingConfig", "ProvisionedPollerConfig"} & set(mapping(resources, agent))
                self.assertEqual(len(both), 1, (pollers, agent))

    def test_what_is_reserved_is_never_below_what_the_pollers_may_use(self) -> None:
        parameters = source()["Parameters"]
        for agent in AGENTS:
            shared, own = f"{agent}Concurrency", f"{agent}PollersMaximum"
            choices = [{"Pollers": "shared", shared: v} for v in parameters[shared]["AllowedValues"]]
            choices += [{"Pollers": "provisioned", own: v} for v in parameters[own]["AllowedValues"]]
            for values in choices:
                with self.subTest(**values):
                    resources = deployed(ReservedConcurrency="on", **values)
                    function = resources[f"{agent}Function"]["Properties"]
                    reserved = int(function["ReservedConcurrentExecutions"])
                    self.assertGreaterEqual(reserved, usable(resources, agent))

    def test_messages_stay_hidden_for_six_timeouts_and_the_window(self) -> None:
        parameters = source()["Parameters"]
        for timeout in parameters["FunctionTimeout"]["AllowedValues"]:
            for window in parameters["BatchWindowSeconds"]["AllowedValues"]:
                resources = deployed(
                    FunctionTimeout=timeout, CommunicationTimeout=timeout, BatchWindowSeconds=window
                )
                for agent in AGENTS:
                    hidden = resources[f"{agent}Queue"]["Properties"]["VisibilityTimeout"]
                    self.assertGreaterEqual(hidden, 6 * int(timeout) + int(window), agent)


class Bills(unittest.TestCase):
    """What each switch costs, as the plan tells it."""

    def setUp(self) -> None:
        self.prices = prices.load()

    def at_rest(self, **values: str) -> float:
        return sum(line.dollars for line in rest.lines(deployed(**values), self.prices))

    def test_the_month_at_rest(self) -> None:
        plain = self.at_rest()
        ready = 10 * 0.125 * 730 * 3600 * 0.0000033334 + 5 * 2 * 0.10
        self.assertAlmostEqual(self.at_rest(ProvisionedConcurrency="on") - plain, ready, 6)
        self.assertAlmostEqual(ready, 11.95, 2)
        # Two pollers instead of Lambda's five at each queue, so fewer requests too.
        own = 10 * 730 * 0.00925 - 5 * 3 * 730 * 3600 / 20 * 0.40e-6
        self.assertAlmostEqual(self.at_rest(Pollers="provisioned") - plain, own, 6)
        for free in ("ReservedConcurrency", "WarmThroughput"):
            self.assertAlmostEqual(self.at_rest(**{free: "on"}), plain, 9, free)

    def test_more_memory_and_the_other_processor_cost_more(self) -> None:
        values = {"ProvisionedConcurrency": "on", "Architecture": "x86_64", "MemorySize": "256"}
        ready = 10 * 0.25 * 730 * 3600 * 0.0000041667 + 1.00
        self.assertAlmostEqual(self.at_rest(**values) - self.at_rest(), ready, 6)

    def test_reports_only_are_marked(self) -> None:
        bill = rest.lines(deployed(Pollers="provisioned"), self.prices)
        shown = "\n".join(plan.costs(bill, [], self.prices, "us-east-1"))
        self.assertIn("10 provisioned pollers", shown)
        self.assertIn("$ 67.52   ~ 10 x 730 h x $0.00925", shown)

    def test_a_peak_is_told_by_the_hour_and_in_all(self) -> None:
        (said,) = beyond.lines(deployed(**PEAK, StateProvisionedPeak="110"), self.prices)
        # (20 - 2) x 4 and 110 - 2 more, for 24 hours and a quarter.
        self.assertIn("A peak has 180 more environments ready", said)
        self.assertIn("180 x 0.125 GB x 3,600 s x $0.0000033334 = $0.27 an hour", said)
        self.assertIn("$6.55 in 24.25 hours", said)

    def test_a_recurring_peak_is_told_by_the_hour(self) -> None:
        cron = {"PeakStart": "cron(0 6 ? * FRI *)", "PeakEnd": "cron(0 22 ? * FRI *)"}
        (said,) = beyond.lines(deployed(**(PEAK | cron)), self.prices)
        self.assertTrue(said.endswith("an hour."), said)

    def test_a_warm_table_and_what_is_reserved_are_told(self) -> None:
        warm, reserved = beyond.lines(
            deployed(WarmThroughput="on", ReservedConcurrency="on", StateConcurrency="1000"),
            self.prices,
        )
        self.assertIn("10,000 write and 12,000 read units a second", warm)
        self.assertIn("1080 of the account's environments are reserved", reserved)
        self.assertIn("have them raised first", reserved)


class Documented(unittest.TestCase):
    """What the README beside the nested template says is so."""

    def setUp(self) -> None:
        self.text = (NESTED.parent / "README.md").read_text()
        self.prices = prices.load()

    def test_every_test_that_it_names_exists(self) -> None:
        places = ("tests/template", "infra/local/account/tests")
        files = [file for place in places for file in (ROOT / place).glob("test_*.py")]
        sources = "".join(file.read_text() for file in files)
        named = re.findall(r"`(\w+)\.(test_\w+)`", self.text)
        self.assertGreater(len(named), 4)
        for group, name in named:
            self.assertRegex(sources, rf"(?s)class {group}\(.*def {name}\(", name)

    def test_its_costs_are_those_of_the_bill(self) -> None:
        switched = deployed(ProvisionedConcurrency="on")
        for resources in (deployed(), switched, deployed(Pollers="provisioned")):
            for line in rest.lines(resources, self.prices):
                if line.dollars > 0.01:
                    self.assertIn(f"${line.dollars:.2f}", self.text, line)
        idle = self.prices.price("lambda_provisioned_arm64_idle", "GB-second")
        self.assertIn(f"${0.125 * 3600 * idle:.4f} an hour for each environment", self.text)

    def test_its_black_friday_can_be_deployed_and_costs_what_it_says(self) -> None:
        (given,) = re.findall(r'PARAMETERS="(.+?)"', self.text, re.DOTALL)
        words = shlex.split(given.replace("\\\n", " "))
        wanted = stage.named(source(), "prod", parameters.given(words))
        told = " ".join(self.text.split())
        lines = beyond.lines(deployed(**wanted.values), self.prices)
        for line in lines:
            self.assertIn(line.partition(" what that is beyond")[0], told)
        self.assertEqual(len(lines), 3)


if __name__ == "__main__":
    unittest.main()

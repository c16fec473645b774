"""Alarms, dashboard and runbook: each asks for what there is, and each alarm has its section."""

from __future__ import annotations

import functools
import math
import re
import unittest
from itertools import combinations

from support import REQUIRED, Template, expand, lint, resolved

import expansion as written
import parameters
from account import prices, rest
from expansion import source
from observed import FOLDER, Metric, alarms, contract, dashboard, faults, of_alarm, of_widget
from observed import section, sections
from rules import AGENTS
from settings import ROOT

TOPIC = "arn:aws:sns:us-east-1:123456789012:on-call"
ON = {"Alarms": "on", "Dashboard": "on", "AlarmTopicArn": TOPIC}
NESTED = ("agent.yaml", "fleet.yaml", "dashboard.yaml")
TUNED = {
    "Backlog": "AlarmBacklog",
    "OldestSeconds": "AlarmOldestSeconds",
    "DecisionMilliseconds": "AlarmDecisionMilliseconds",
}
"""The nested templates' thresholds that the fleet's own parameters are, and these."""
OF_AN_AGENT = ("backlog", "oldest", "dead-letters", "errors", "throttles", "concurrency")
OF_THE_FLEET = (
    "decision-latency", "completion-rate", "tasks-held", "partners-open", "policy-refused",
    "sources-failing", "table-writes-throttled", "table-reads-throttled", "index-throttled",
)  # fmt: skip
COMMANDS = re.compile(
    r"flotilla (status|top|shipment ID|task ID|tasks --(failed|held|stuck|parked)"
    r"|(cancel|hold|release|retry) TASK|dlq list|dlq show (AGENT|[a-z]+)"
    r"|dlq redrive (AGENT|[a-z]+) --reason CODE --rate N|dlq drop (AGENT|[a-z]+) --reason CODE"
    r"|pause partner NAME --for 2h|pause (AGENT|ingestion)|resume partner NAME"
    r"|resume (AGENT|ingestion) --gradually|sources|policy diff|parked)"
)
"""How the command may be called in the runbook."""


nested = functools.cache(written.nested)
"""A nested template, read once: it is long, and asked for again and again."""


@functools.cache
def expansion() -> Template:
    """Once for all: no value that is changed here changes what SAM makes of the template."""
    return expand()


def deployed(**values: str) -> Template:
    """The resources of a deployment with these values, of nested stacks too."""
    return resolved(expansion(), REQUIRED | values, nested=nested)


class Switches(unittest.TestCase):
    """Off by default, on where somebody relies on the fleet."""

    def test_off_there_is_nothing_of_it(self) -> None:
        resources = deployed()
        self.assertEqual(alarms(resources), {})
        kinds = {"AWS::CloudWatch::Dashboard", "AWS::CloudFormation::Stack"}
        self.assertEqual(kinds & {each["Type"] for each in resources.values()}, set())

    def test_they_change_nothing_else(self) -> None:
        before, after = deployed(), deployed(**ON)
        self.assertEqual({name for name in before if before[name] != after[name]}, set())
        added = {name.partition(".")[0] for name in set(after) - set(before)}
        stacks = {f"{agent}Alarms" for agent in AGENTS} | {"FleetAlarms", "FleetDashboard"}
        self.assertEqual(added, stacks)

    def test_plain_leaves_out_only_what_is_computed(self) -> None:
        every, plain = alarms(deployed(**ON)), alarms(deployed(Alarms="plain"))
        self.assertEqual(set(every) - set(plain), {n for n, a in every.items() if "Metrics" in a})
        self.assertEqual(set(every) - set(plain), {"completion-rate"})

    def test_in_prod_they_are_on(self) -> None:
        given = parameters.profiles()["prod"]
        self.assertEqual((given["Alarms"], given["Dashboard"]), ("on", "on"))

    def test_the_nested_templates_lint_and_get_their_parameters_and_no_other(self) -> None:
        files = [str(FOLDER / name) for name in NESTED]
        done = lint("cfn-lint", "--config-file", str(ROOT / ".cfnlintrc"), *files)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        for name, resource in source()["Resources"].items():
            properties = resource.get("Properties", {})
            if "observability" in properties.get("TemplateURL", ""):
                wanted = nested(properties["TemplateURL"])["Parameters"]
                needed = {each for each, limits in wanted.items() if "Default" not in limits}
                self.assertEqual(set(properties["Parameters"]), needed, name)


class Alarms(unittest.TestCase):
    def setUp(self) -> None:
        self.alarms = alarms(deployed(**ON))

    def test_each_agent_and_the_fleet_have_theirs(self) -> None:
        wanted = {f"{agent.lower()}-{kind}" for agent in AGENTS for kind in OF_AN_AGENT}
        self.assertEqual(set(self.alarms), wanted | set(OF_THE_FLEET))

    def test_each_tells_the_topic_if_there_is_one(self) -> None:
        for name, alarm in self.alarms.items():
            self.assertEqual((alarm["AlarmActions"], alarm["OKActions"]), ([TOPIC], [TOPIC]), name)
        for name, alarm in alarms(deployed(Alarms="on")).items():
            self.assertNotIn("AlarmActions", alarm, name)
            self.assertNotIn("OKActions", alarm, name)

    def test_each_says_what_missing_data_mean(self) -> None:
        for name, alarm in self.alarms.items():
            wanted = "ignore" if name.endswith("-dead-letters") else "notBreaching"
            self.assertEqual(alarm["TreatMissingData"], wanted, name)

    def test_no_dead_letter_is_counted_by_what_was_sent(self) -> None:
        asked = [metric for alarm in self.alarms.values() for metric in of_alarm(alarm)]
        of_letters = [metric for metric in asked if "-dead-letter" in str(metric.dimensions)]
        self.assertEqual({m.name for m in of_letters}, {"ApproximateNumberOfMessagesVisible"})
        self.assertEqual(len(of_letters), len(AGENTS))

    def test_every_threshold_is_a_parameter_that_says_why(self) -> None:
        given = source()["Parameters"]
        for file in ("agent.yaml", "fleet.yaml"):
            template = nested(f"infra/observability/{file}")
            for name, alarm in template["Resources"].items():
                threshold = alarm["Properties"]["Threshold"]
                if name == "ConcurrencyAlarm":
                    self.assertEqual(threshold["Fn::FindInMap"][:2], ["Busy", {"Ref": "Maximum"}])
                    continue
                limits = template["Parameters"][threshold["Ref"]]
                if "Default" in limits:
                    self.assertRegex(limits["Description"], r"because|minute", name)
                else:
                    self.assertIn(f"the fleet's {TUNED[threshold['Ref']]}", limits["Description"])
                    reasons = given[TUNED[threshold["Ref"]]]["Description"]
                    self.assertGreater(len(reasons.split()), 30, name)

    def test_a_fleets_own_thresholds_reach_its_alarms(self) -> None:
        values = dict(zip(TUNED.values(), ("7", "77", "777"), strict=True))
        tuned = alarms(deployed(**ON, **values))
        changed = {n: a["Threshold"] for n, a in tuned.items() if a != self.alarms[n]}
        wanted = {f"{agent.lower()}-backlog": "7" for agent in AGENTS}
        wanted |= {f"{agent.lower()}-oldest": "77" for agent in AGENTS}
        self.assertEqual(changed, wanted | {"decision-latency": "777"})

    def test_nine_tenths_of_whatever_the_pollers_may_use_are_at_work(self) -> None:
        template = nested("infra/observability/agent.yaml")
        tables = source()["Mappings"]
        possible = {str(each["Maximum"]) for each in tables["Concurrency"].values()}
        possible |= {str(each["Environments"]) for each in tables["Pollers"].values()}
        self.assertEqual(set(template["Parameters"]["Maximum"]["AllowedValues"]), possible)
        busy = {most: each["Environments"] for most, each in template["Mappings"]["Busy"].items()}
        self.assertEqual(busy, {most: math.ceil(0.9 * int(most)) for most in possible})
        own = alarms(deployed(**ON, Pollers="provisioned", StatePollersMaximum="50"))
        self.assertEqual(own["state-concurrency"]["Threshold"], 450)


class Metrics(unittest.TestCase):
    """What is asked for is published, by AWS or by the fleet, and of something that is there."""

    def test_every_one_exists(self) -> None:
        for queues in ("standard", "fifo"):
            resources = deployed(**ON, QueueType=queues)
            asked = [m for alarm in alarms(resources).values() for m in of_alarm(alarm)]
            self.assertEqual(len(asked), 40)
            asked += [m for each in dashboard(resources)["widgets"] for m in of_widget(each)]
            self.assertGreater(len(asked), 130)
            found = [fault for m in asked for fault in faults(m, resources, contract())]
            self.assertEqual(found, [])

    def test_a_wrong_one_is_found(self) -> None:
        resources, queue = deployed(), (("QueueName", "flotilla-dev-state"),)
        own = (("Stack", "flotilla-dev"), ("Agent", "state"))
        for metric in (
            Metric("Flotilla", "TaskCompleted", own),
            Metric("Flotilla", "DecisionLatency", own),
            Metric("Flotilla", "TasksCompleted", own[:1]),
            Metric("AWS/SQS", "ApproximateNumberOfMessages", queue),
            Metric("AWS/SQS", "NumberOfMessagesSent", (("QueueName", "flotilla-dev-states"),)),
            Metric("AWS/SQS", "NumberOfMessagesSent", (("FunctionName", "flotilla-dev-state"),)),
            Metric("AWS/Lambda", "Errors", queue),
            Metric("AWS/DynamoDB", "WriteThrottleEvents", ()),
        ):
            self.assertEqual(len(faults(metric, resources, contract())), 1, metric)

    def test_the_contract_is_read_whole(self) -> None:
        published = contract()
        self.assertGreater(len(published), 30)
        self.assertEqual(published["DecisionLatency"], {"decision"})
        self.assertEqual(published["WriteUnits"], {agent.lower() for agent in AGENTS})


class Dashboards(unittest.TestCase):
    def setUp(self) -> None:
        self.resources = deployed(**ON)
        self.widgets = dashboard(self.resources)["widgets"]

    def test_no_widget_lies_on_another_or_beyond_the_edge(self) -> None:
        for one, other in combinations(self.widgets, 2):
            apart = [
                a[at] + a[size] <= b[at]
                for a, b in ((one, other), (other, one))
                for at, size in (("x", "width"), ("y", "height"))
            ]
            self.assertTrue(any(apart), (one["properties"], other["properties"]))
        self.assertEqual(max(each["x"] + each["width"] for each in self.widgets), 24)

    def test_each_partner_is_told_by_communications_log(self) -> None:
        (query,) = (w["properties"]["query"] for w in self.widgets if w["type"] == "log")
        group = self.resources["CommunicationLogGroup"]["Properties"]["LogGroupName"]
        self.assertTrue(query.startswith(f"SOURCE '{group}' |"), query)
        self.assertIn("partners", query)

    def test_every_expression_uses_what_its_widget_has(self) -> None:
        for widget in self.widgets:
            rows = widget["properties"].get("metrics", [])
            options = [each for row in rows for each in row if isinstance(each, dict)]
            there = {each["id"] for each in options if "id" in each}
            for each in options:
                expression = re.sub(r"'.*?'", "", each.get("expression", ""))
                self.assertLessEqual(set(re.findall(r"\b[a-z]\w*", expression)), there, expression)

    def test_the_share_of_the_maximum_follows_each_agents_own(self) -> None:
        body = str(dashboard(deployed(**ON, StateConcurrency="50")))
        for expression in ("100 * state / 50", "100 * ingestion / 20"):
            self.assertIn(expression, body)


class Runbook(unittest.TestCase):
    def setUp(self) -> None:
        self.sections = sections((FOLDER / "RUNBOOK.md").read_text())
        self.alarms = alarms(deployed(**ON))

    def test_every_alarm_has_a_section_and_every_section_an_alarm(self) -> None:
        self.assertEqual(set(self.sections), {section(name) for name in self.alarms})

    def test_every_alarm_says_what_is_wrong_and_names_its_section(self) -> None:
        for name, alarm in self.alarms.items():
            said = alarm["AlarmDescription"]
            wanted = rf"[^.]{{20,}}\. See infra/observability/RUNBOOK\.md, {section(name)}\."
            self.assertRegex(said, f"^{wanted}$")

    def test_every_section_names_a_command_that_there_is(self) -> None:
        for name, text in self.sections.items():
            called = re.findall(r"`(flotilla [^`]+)`", text)
            self.assertGreater(len(called), 0, name)
            for command in called:
                self.assertTrue(COMMANDS.fullmatch(command), f"{name}: {command}")

    def test_every_section_says_what_it_means_where_to_look_and_when_it_is_over(self) -> None:
        for name, text in self.sections.items():
            for word in ("Means", "Look", "Do", "Over"):
                self.assertIn(f"**{word}**", text, name)

    def test_every_link_leads_somewhere(self) -> None:
        anchors = {name.lower() for name in self.sections}
        for text in self.sections.values():
            self.assertLessEqual(set(re.findall(r"\]\(#([^)]+)\)", text)), anchors)


class Documented(unittest.TestCase):
    """What the README beside the templates says is so."""

    def setUp(self) -> None:
        self.text = (FOLDER / "README.md").read_text()

    def test_its_costs_are_those_of_the_bill(self) -> None:
        known = prices.load()
        plain = sum(line.dollars for line in rest.lines(deployed(), known))
        for values, words in (
            ({"Alarms": "on"}, "| `Alarms=on` | 39 alarms | $4.00 (~), 40 metrics at $0.10 |"),
            ({"Alarms": "plain"}, "for ministack | $3.80 (~) |"),
            ({"Dashboard": "on"}, "| `Dashboard=on` | one dashboard | $3.00 (~) |"),
        ):
            resources = deployed(**values)
            dollars = sum(line.dollars for line in rest.lines(resources, known)) - plain
            (told,) = re.findall(r"\$(\d\.\d\d) \(~\)", words)
            self.assertAlmostEqual(dollars, float(told), 6)
            self.assertIn(words, self.text)
        self.assertIn(f"${known.price('logs_insights', 'GB scanned'):.3f} (~)", self.text)
        said = source()["Parameters"]["Alarms"]["Description"]
        self.assertIn("39 CloudWatch alarms", said)
        self.assertIn("4.00 dollars", said)

    def test_it_has_a_reason_for_every_alarm(self) -> None:
        for name in alarms(deployed(**ON)):
            self.assertIn(f"`{section(name)}`", self.text)

    def test_its_thresholds_are_those_of_the_templates(self) -> None:
        limits = source()["Parameters"] | {
            name: each
            for file in ("agent.yaml", "fleet.yaml")
            for name, each in nested(f"infra/observability/{file}")["Parameters"].items()
            if "Default" in each
        }
        rows = re.findall(r"(?m)^\| (`[^|]+) \| ([^|]+) \| ([^|]+) \| [^|]+ \|$", self.text)
        named = {name for _, _, names in rows for name in re.findall(r"`(\w+)`", names)}
        thresholds = set(TUNED.values()) | {n for n in limits if n not in source()["Parameters"]}
        self.assertEqual(named - {"Maximum"}, thresholds)
        for _, raised, names in rows:
            for name in set(re.findall(r"`(\w+)`", names)) - {"Maximum"}:
                value = limits[name]["Default"]
                self.assertIn("any" if value == 0 else f"{value:,}", raised, name)

    def test_every_test_that_it_names_exists(self) -> None:
        places = ("tests/template", "infra/local/account/tests")
        files = [file for place in places for file in (ROOT / place).glob("test_*.py")]
        sources = "".join(file.read_text() for file in files)
        named = re.findall(r"`(\w+)\.(test_\w+)`", self.text)
        self.assertGreater(len(named), 8)
        for group, name in named:
            self.assertTrue(re.search(rf"(?s)class {group}\(.*def {name}\(", sources), name)


if __name__ == "__main__":
    unittest.main()

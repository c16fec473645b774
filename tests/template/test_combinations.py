"""Values that do not go together: refused by name, before anything is built, and by CloudFormation."""

from __future__ import annotations

import unittest

import support  # noqa: F401 (it says where the next ones are)

import combinations
import parameters
from expansion import REQUIRED, source
from rules import AGENTS
from say import Exit, Problem

ON = {"ProvisionedConcurrency": "on"}
PEAK = ON | {"PeakStart": "at(2026-11-27T05:45:00)", "PeakEnd": "at(2026-11-28T06:00:00)"}
TOPIC = "arn:aws:sns:us-east-1:123456789012:on-call"

REFUSED: tuple[tuple[dict[str, str], str], ...] = (
    (
        {"Pollers": "provisioned", "StateConcurrency": "50"},
        "Pollers is provisioned and StateConcurrency is 50: provisioned pollers and a maximum "
        "concurrency exclude each other - leave StateConcurrency away or give it auto, and bound "
        "the agent with StatePollersMaximum",
    ),
    (
        {"QueueType": "fifo", "BatchWindowSeconds": "5"},
        "QueueType is fifo and BatchWindowSeconds is 5: batches of a FIFO queue cannot wait",
    ),
    (
        {"QueueType": "fifo", "BatchSize": "20"},
        "QueueType is fifo and BatchSize is 20: batches of a FIFO queue have at most 10",
    ),
    (
        {"BatchSize": "20"},
        "BatchWindowSeconds is 0 and BatchSize is 20: batches of more than 10 messages have to wait",
    ),
    (ON | {"PeakStart": PEAK["PeakStart"]}, "PeakEnd is off: a peak that begins has to end"),
    (ON | {"PeakEnd": PEAK["PeakEnd"]}, "PeakStart is off: a peak that ends has to begin"),
    (PEAK | {"ProvisionedConcurrency": "off"}, "ProvisionedConcurrency is off: peaks are made of"),
    (
        {"AlarmTopicArn": TOPIC},
        f"AlarmTopicArn is {TOPIC} and Alarms is off: a topic is told of alarms and there are none",
    ),
)
"""What the template's rules refuse, and how it is told here."""

COMPARED: tuple[tuple[dict[str, str], str], ...] = (
    (
        {
            "Pollers": "provisioned",
            "IngestionPollersMinimum": "20",
            "IngestionPollersMaximum": "10",
        },
        "IngestionPollersMinimum is 20 and IngestionPollersMaximum is 10: the minimum is above",
    ),
    (
        ON | {"DecisionProvisionedMinimum": "21"},
        "DecisionProvisionedMinimum is 21 and DecisionProvisionedMaximum is 20: the minimum is above",
    ),
    (
        PEAK | {"StateProvisionedPeak": "19"},
        "StateProvisionedPeak is 19 and StateProvisionedMaximum is 20: the peak is below",
    ),
    (
        ON | {"StateProvisionedMaximum": "21"},
        "StateProvisionedMaximum is 21 and StateConcurrency is auto: its pollers use at most 20 "
        "environments, more would never be called",
    ),
    (
        ON | {"StateConcurrency": "10", "ReservedConcurrency": "on"},
        "StateProvisionedMaximum is 20 and StateConcurrency is 10: its pollers use at most 10 "
        "environments, which are all that is reserved",
    ),
    (
        PEAK | {"Pollers": "provisioned", "StateProvisionedPeak": "101"},
        "StateProvisionedPeak is 101 and StatePollersMaximum is 10: its pollers use at most 100",
    ),
    (
        PEAK | {"PeakStart": "at(2026-11-28T06:00:00)"},
        "PeakStart is at(2026-11-28T06:00:00) and PeakEnd is at(2026-11-28T06:00:00): the peak ends "
        "before it begins",
    ),
    (
        PEAK | {"PeakEnd": "at(2026-11-31T06:00:00)"},
        "PeakEnd is at(2026-11-31T06:00:00): the calendar has no such moment",
    ),
    (
        {"Alarms": "on", "AlarmOldestSeconds": "3600", "RecoverAfterSeconds": "3600"},
        "AlarmOldestSeconds is 3600 and RecoverAfterSeconds is 3600: what waits that long is taken",
    ),
)
"""What CloudFormation cannot compare, and only `make deploy` and `make up` refuse."""

SOUND: tuple[dict[str, str], ...] = (
    {},
    ON,
    PEAK,
    {"QueueType": "fifo", "BatchSize": "5", "Pollers": "provisioned"},
    {"BatchSize": "1000", "BatchWindowSeconds": "1", "ReservedConcurrency": "on"},
    PEAK | {"Pollers": "provisioned", "StateProvisionedPeak": "100", "ReservedConcurrency": "on"},
    PEAK | {"PeakStart": "cron(45 5 27,30 11 ? 2026)", "PeakEnd": "cron(0 6 28 11 ? 2026)"},
    ON | {"StateProvisionedMinimum": "0", "StateProvisionedMaximum": "0", "StateConcurrency": "2"},
    {"Alarms": "on", "AlarmTopicArn": TOPIC, "Dashboard": "on"},
    # What is switched off is not looked at.
    {"StateProvisionedMinimum": "500", "IngestionPollersMinimum": "200"},
    {"RecoverAfterSeconds": "60"},
    {"Alarms": "on", "RecoverAfterSeconds": "60", "RecoverySchedule": "off"},
)


class Combinations(unittest.TestCase):
    def setUp(self) -> None:
        self.template = source()

    def problems(self, values: dict[str, str]) -> list[str]:
        defaults = parameters.defaults(self.template["Parameters"])
        return combinations.problems(self.template, defaults | values)

    def test_each_is_refused_by_name_before_anything_is_built(self) -> None:
        for values, said in REFUSED + COMPARED:
            with self.subTest(**values), self.assertRaises(Problem) as raised:
                parameters.check(self.template, REQUIRED | values)
            self.assertEqual(raised.exception.code, Exit.USAGE)
            self.assertIn(said, raised.exception.what)
            self.assertIn("Nothing was built or created", raised.exception.todo)

    def test_each_is_the_only_thing_that_is_told(self) -> None:
        for values, said in REFUSED + COMPARED:
            found = self.problems(values)
            self.assertEqual(len(found), 1, (said, found))

    def test_all_are_told_at_once(self) -> None:
        values = {f"{agent}Concurrency": "50" for agent in AGENTS}
        found = self.problems({"Pollers": "provisioned", **values})
        self.assertEqual(len(found), len(AGENTS))

    def test_the_template_itself_refuses_what_it_can(self) -> None:
        """Without its rules nobody does: what CloudFormation is given is what is asked here."""
        del self.template["Rules"]
        for values, _ in REFUSED:
            self.assertEqual(self.problems(values), [], values)
        for values, _ in COMPARED:
            self.assertEqual(len(self.problems(values)), 1, values)

    def test_sound_values_go_through(self) -> None:
        for values in SOUND:
            with self.subTest(**values):
                parameters.check(self.template, REQUIRED | values)

    def test_a_rule_with_a_function_that_is_not_followed_is_no_silent_pass(self) -> None:
        rule = {"Assertions": [{"Assert": {"Fn::EachMemberIn": [[], []]}}]}
        self.template["Rules"]["New"] = rule
        with self.assertRaises(ValueError):
            self.problems({})


if __name__ == "__main__":
    unittest.main()

"""The price file is whole, and what is computed from it is right."""

from __future__ import annotations

import datetime
import re
import sys
import tomllib
import unittest
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from account import prices, rest

FIELDS = {"value", "unit", "source", "date", "second_hand", "note"}


class File(unittest.TestCase):
    def setUp(self) -> None:
        self.content = tomllib.loads(prices.FILE.read_text())

    def test_it_says_of_where_and_in_what(self) -> None:
        self.assertEqual((self.content["region"], self.content["currency"]), ("us-east-1", "USD"))
        tables = {name for name, table in self.content.items() if isinstance(table, dict)}
        self.assertEqual(tables, {"prices", "free", "limits"})

    def test_every_entry_has_value_unit_source_and_date(self) -> None:
        for table in ("prices", "free", "limits"):
            for name, entry in self.content[table].items():
                with self.subTest(table=table, name=name):
                    self.assertEqual(faults(table, name, entry), [])

    def test_an_entry_that_lacks_something_is_found(self) -> None:
        whole = self.content["prices"]["lambda_requests"]
        for change in (
            {"value": "0.20"}, {"value": -1}, {"value": True}, {"unit": ""}, {"unit": "dollars"},
            {"source": ""}, {"date": "2999-01-01"}, {"date": "last year"}, {"second_hand": "yes"},
            {"currency": "USD"},
        ):  # fmt: skip
            self.assertEqual(len(faults("prices", "lambda_requests", whole | change)), 1, change)
        for field in ("value", "unit", "source", "date"):
            without = {key: value for key, value in whole.items() if key != field}
            self.assertEqual(faults("prices", "lambda_requests", without), [f"no {field}"])
        self.assertEqual(len(faults("prices", "Lambda-Requests", whole)), 1)

    def test_who_expects_another_unit_is_told(self) -> None:
        with self.assertRaisesRegex(ValueError, "lambda_requests is in USD per million requests"):
            prices.load().price("lambda_requests", "thousand requests")


def faults(table: str, name: str, entry: dict[str, Any]) -> list[str]:
    """What is wrong with an entry."""
    missing = [f"no {field}" for field in ("value", "unit", "source", "date") if field not in entry]
    if missing:
        return missing
    found = [f"unknown field {field}" for field in sorted(set(entry) - FIELDS)]
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        found.append("name")
    value, unit = entry["value"], entry["unit"]
    if type(value) not in (int, float) or value <= 0:
        found.append("value")
    if not unit or (table == "prices" and not unit.startswith("USD per ")):
        found.append("unit")
    if not entry["source"]:
        found.append("source")
    try:
        if datetime.date.fromisoformat(entry["date"]) > datetime.date.today():
            found.append("date")
    except ValueError:
        found.append("date")
    if entry.get("second_hand", True) is not True:
        found.append("second_hand")
    return found


def mapping(queue: str) -> dict[str, Any]:
    source = f"arn:aws:sqs:us-east-1:123456789012:{queue}"
    return {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {"EventSourceArn": source}}


def schedule(expression: str) -> dict[str, Any]:
    return {"Type": "AWS::Scheduler::Schedule", "Properties": {"ScheduleExpression": expression}}


class AtRest(unittest.TestCase):
    def setUp(self) -> None:
        self.prices = prices.load()

    def bill(self, *resources: dict[str, Any]) -> dict[str, rest.Line]:
        numbered = {str(number): each for number, each in enumerate(resources)}
        return {line.what: line for line in rest.lines(numbered, self.prices)}

    def test_polling(self) -> None:
        one = self.bill(mapping("q"))["polling of 1 standard queues"]
        self.assertAlmostEqual(one.dollars, 0.2628)
        self.assertEqual(
            one.arithmetic,
            "1 x 5 pollers x 2,628,000 s / 20 s = 657,000 requests x $0.40 per million",
        )
        both = self.bill(mapping("q"), mapping("r"), mapping("s.fifo"))
        self.assertAlmostEqual(both["polling of 2 standard queues"].dollars, 0.5256)
        self.assertAlmostEqual(both["polling of 1 FIFO queues"].dollars, 0.3285)

    def test_schedules(self) -> None:
        for expression, calls in (
            ("rate(1 day)", 730 / 24),
            ("rate(2 hours)", 365),
            ("rate(1 minute)", 43_800),
            ("cron(0 3 * * ? *)", 43_800),
        ):
            line = self.bill(schedule(expression))["1 schedules"]
            self.assertAlmostEqual(line.dollars, calls / 1e6)
            self.assertTrue(line.approximate)

    def test_alarms_and_what_is_stored(self) -> None:
        alarm = {"Type": "AWS::CloudWatch::Alarm"}
        self.assertAlmostEqual(self.bill(alarm, alarm)["2 alarms"].dollars, 0.2)
        metrics = [{"Expression": "a / b"}, {"MetricStat": {}}, {"MetricStat": {}}]
        line = self.bill(alarm, alarm | {"Properties": {"Metrics": metrics}})["2 alarms"]
        self.assertAlmostEqual(line.dollars, 0.3)
        self.assertEqual(line.arithmetic, "3 metrics x $0.10")
        dashboard = {"Type": "AWS::CloudWatch::Dashboard"}
        self.assertAlmostEqual(self.bill(dashboard)["the dashboard"].dollars, 3.0)
        table = {"Type": "AWS::DynamoDB::Table"}
        self.assertEqual(set(self.bill(table)), {"the table"})
        recovery = {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}}
        lines = self.bill(table | {"Properties": recovery}, {"Type": "AWS::Logs::LogGroup"})
        self.assertEqual(
            set(lines), {"the table", "its point-in-time recovery", "logs in 1 groups"}
        )
        self.assertEqual(sum(line.dollars for line in lines.values()), 0)

    def test_zips(self) -> None:
        line = rest.code(20_000_000, True, self.prices)
        self.assertAlmostEqual(line.dollars, 0.00046)
        self.assertIn("at most 0.020 GB", line.arithmetic)

    def test_a_type_without_a_price_is_told(self) -> None:
        resources = {"a": {"Type": "AWS::EC2::NatGateway"}, "b": {"Type": "AWS::IAM::Role"}}
        self.assertEqual(rest.unknown(resources), ["AWS::EC2::NatGateway"])


if __name__ == "__main__":
    unittest.main()

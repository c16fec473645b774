"""The parameters' limits, and the values that the profiles give."""

from __future__ import annotations

import unittest

import support  # noqa: F401 (it says where the next two are)

import parameters
from expansion import REQUIRED, source


class Parameters(unittest.TestCase):
    """Wrong values are refused before anything is deployed, by the template's own limits."""

    def setUp(self) -> None:
        self.definitions = source()["Parameters"]

    def problems(self, name: str, value: str) -> list[str]:
        return parameters.problems(self.definitions, REQUIRED | {name: value})

    def test_values_at_the_limits_and_beyond(self) -> None:
        arn = "arn:aws:lambda:us-east-1:123456789012:layer:ours"
        for name, good, bad in (
            ("StageName", ["dev", "prod", "a-1", "a" * 16], ["", "Prod", "1a", "a" * 17, "a_b"]),
            ("Architecture", ["arm64", "x86_64"], ["", "arm", "ARM64"]),
            ("MemorySize", ["128", "10240"], ["", "127", "10241", "1e3", "lots", "-128"]),
            ("LogRetentionDays", ["1", "3653"], ["0", "2", "8", "3654"]),
            ("LogDebugSample", ["0", "100"], ["-1", "101", "", "some"]),
            (
                "PartnersUrl",
                ["http://127.0.0.1:4580", "https://x.example/api/v1"],
                [
                    "",
                    "x.example",
                    "https://x.example/",
                    "ftp://x",
                    "http://a b",
                    "http://" + "a" * 2048,
                ],
            ),
            ("DataLayer", ["", f"{arn}:3"], ["ours", arn]),
            ("PolicyFile", ["", "/opt/policy.toml"], ["policy.toml", "/etc/passwd"]),
            ("MaxReceiveCount", ["10", "1000"], ["9", "1001"]),
            ("GradualDeployment", ["true", "false"], ["True", "yes"]),
            ("PullSchedule", ["rate(5 minutes)", "off"], ["often", "rate()"]),
            ("SourcesUrl", ["", "http://127.0.0.1:4580"], ["https://x.example/", "x"]),
            ("RecoverySchedule", ["rate(1 day)", "cron(0 3 * * ? *)", "off"], ["daily", "rate()"]),
        ):
            for value in good:
                with self.subTest(name=name, value=value):
                    self.assertEqual(self.problems(name, value), [])
            for value in bad:
                with self.subTest(name=name, value=value):
                    (said,) = self.problems(name, value)
                    self.assertIn(f"{name} is ", said)
                    self.assertIn("must be ", said)

    def test_the_profiles_give_only_values_that_are_allowed(self) -> None:
        profiles = parameters.profiles()
        self.assertEqual(set(profiles), {"default", "prod", "local", "localstack"})
        for profile, values in profiles.items():
            # The local ones get the partners' address from whoever starts the cloud.
            with self.subTest(profile=profile):
                self.assertEqual(parameters.problems(self.definitions, REQUIRED | values), [])

    def test_each_default_is_allowed(self) -> None:
        for name, definition in self.definitions.items():
            if "Default" in definition:
                with self.subTest(name=name):
                    self.assertEqual(self.problems(name, str(definition["Default"])), [])

    def test_each_is_of_a_type_that_is_checked(self) -> None:
        types = {definition["Type"] for definition in self.definitions.values()}
        self.assertLessEqual(types, {"String", "Number"})


if __name__ == "__main__":
    unittest.main()

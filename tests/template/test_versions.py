"""A changed parameter reaches the functions: the queues call versions, which never change."""

from __future__ import annotations

import unittest

from support import Template, deployed

from expansion import source

LONGEST = 256
"""Characters of a version's description, as Lambda takes it."""

OTHER = {
    "BatchSize": "5",
    "LogLevel": "DEBUG",
    "AlarmTopicArn": "arn:aws:sns:us-east-1:123456789012:on-call",
    "DataLayer": "arn:aws:lambda:us-east-1:123456789012:layer:ours:1",
    "PeakEnd": "at(2026-11-28T06:00:00)",
    "PeakStart": "at(2026-11-27T05:45:00)",
    "PeakTimezone": "Europe/Berlin",
    "PartnersUrl": "https://other.example.com",
    "PlacesFile": "/opt/places.csv",
    "PolicyBucket": "our-policies",
    "PolicyFile": "/opt/policy.toml",
    "PullSchedule": "rate(5 minutes)",
    "RecoverySchedule": "off",
    "SourcesFile": "/opt/sources.toml",
    "SourcesUrl": "https://sources.example.com",
    "StageName": "other",
}
"""A second value of each parameter whose limits do not tell one."""


class Versions(unittest.TestCase):
    def setUp(self) -> None:
        self.template = source()

    def test_a_version_is_replaced_when_its_function_changes_and_only_then(self) -> None:
        for fault in faults(self.template):
            self.fail(fault)

    def test_a_parameter_missing_from_a_description_is_found(self) -> None:
        properties = self.template["Resources"]["DecisionFunction"]["Properties"]
        told = properties["VersionDescription"]["Fn::Sub"]
        told[0] = told[0].replace("${PolicyFile}", "")
        self.assertEqual(
            faults(self.template),
            ["PolicyFile changes DecisionFunction and not its version's description"],
        )

    def test_a_parameter_too_many_in_a_description_is_found(self) -> None:
        properties = self.template["Resources"]["StateFunction"]["Properties"]
        properties["VersionDescription"]["Fn::Sub"] += " ${PartnersUrl}"
        self.assertEqual(
            faults(self.template),
            ["PartnersUrl changes the description of StateFunction's version alone"],
        )

    def test_the_longest_values_fit(self) -> None:
        longest = {name: most(each) for name, each in self.template["Parameters"].items()}
        for name in functions(deployed()):
            told = self.template["Resources"][name]["Properties"]["VersionDescription"]["Fn::Sub"]
            text, extra = told if isinstance(told, list) else (told, {})
            # Each extra word is there under a condition, or not at all.
            words = {word: len(each["Fn::If"][1]) for word, each in extra.items()}
            for parameter, length in (longest | words).items():
                text = text.replace(f"${{{parameter}}}", "x" * length)
            self.assertNotIn("${", text)
            self.assertLessEqual(len(text), LONGEST, f"{name}: {told}")


def faults(template: Template) -> list[str]:
    """Each parameter that changes a function and not its version, or the other way round.

    Where nothing of the function has changed, Lambda refuses to publish a version.
    """
    before, found = deployed(template), []
    for parameter, definition in template["Parameters"].items():
        after = deployed(template, **{parameter: second(parameter, definition)})
        for name in functions(before):
            changed = function(before[name]) != function(after[name])
            told = description(before, name) != description(after, name)
            if changed and not told:
                found.append(f"{parameter} changes {name} and not its version's description")
            if told and not changed:
                found.append(f"{parameter} changes the description of {name}'s version alone")
    return found


def functions(resources: Template) -> list[str]:
    """The names of the functions."""
    return [name for name, each in resources.items() if each["Type"] == "AWS::Lambda::Function"]


def function(resource: Template) -> Template:
    """What a version keeps of a function: all but its tags, and what is reserved for all versions."""
    apart = ("Tags", "ReservedConcurrentExecutions")
    return {name: value for name, value in resource["Properties"].items() if name not in apart}


def description(resources: Template, name: str) -> str:
    """The description of a function's version."""
    named = resources[name]["Properties"]["FunctionName"]
    versions = (e["Properties"] for e in resources.values() if e["Type"] == "AWS::Lambda::Version")
    (told,) = (str(each["Description"]) for each in versions if each["FunctionName"] == named)
    return told


def second(parameter: str, definition: Template) -> str:
    """A value other than the default."""
    if parameter in OTHER:
        return OTHER[parameter]
    if "AllowedValues" in definition:
        allowed = [str(each) for each in definition["AllowedValues"]]
        return next(each for each in allowed if each != str(definition["Default"]))
    low, high = definition["MinValue"], definition["MaxValue"]
    return str(low if low != definition["Default"] else high)


def most(definition: Template) -> int:
    """Characters of the longest value."""
    if "AllowedValues" in definition:
        return max(len(str(each)) for each in definition["AllowedValues"])
    if "MaxValue" in definition:
        return len(str(definition["MaxValue"]))
    return int(definition.get("MaxLength", 0))


if __name__ == "__main__":
    unittest.main()

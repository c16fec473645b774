"""Wrong parameters are told by name and limits; how they are read and handed to `sam deploy`."""

from __future__ import annotations

import sys
import tempfile
import unittest
import unittest.mock
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import build
import deploy
import parameters
import settings
from say import Exit, Problem

DEFINITIONS = {
    "Name": {
        "Type": "String",
        "AllowedPattern": "^[a-z]+$",
        "MaxLength": 8,
        "ConstraintDescription": "must be letters",
        "Description": "Whose it is",
    },
    "Code": {
        "Type": "String",
        "Default": "ab",
        "AllowedPattern": "^[a-z]*$",
        "MinLength": 2,
        "MaxLength": 3,
    },
    "Memory": {"Type": "Number", "Default": 128, "MinValue": 128, "MaxValue": 1024},
    "Days": {"Type": "Number", "Default": 7, "AllowedValues": [1, 7, 30]},
    "Kind": {"Type": "String", "Default": "standard", "AllowedValues": ["standard", "fifo"]},
}


class Values(unittest.TestCase):
    def test_each_limit(self) -> None:
        for name, value, said in (
            ("Name", "abc", ""),
            ("Name", "ABC", "Name is 'ABC': must be letters"),
            ("Name", "abc\n", "Name is 'abc\\n': must be letters"),
            (
                "Name",
                "abcdefghi",
                "Name is 'abcdefghi': must be at most 8 characters, and it has 9",
            ),
            (
                "Code",
                "",
                "Code is '': must be at least 2 characters and at most 3 characters"
                " and as in ^[a-z]*$",
            ),
            ("Code", "abc", ""),
            ("Memory", "128", ""),
            ("Memory", "1024", ""),
            ("Memory", "127", "Memory is '127': must be a whole number, at least 128 and at most 1024"),
            ("Memory", "1025", "Memory is '1025': must be a whole number, at least 128 and at most 1024"),
            ("Memory", "much", "Memory is 'much': must be a whole number, at least 128 and at most 1024"),
            ("Memory", "nan", "Memory is 'nan': must be a whole number, at least 128 and at most 1024"),
            ("Days", "30", ""),
            ("Days", "8", "Days is '8': must be one of 1, 7, 30"),
            ("Days", "often", "Days is 'often': must be one of 1, 7, 30"),
            ("Kind", "fifo", ""),
            ("Kind", "FIFO", "Kind is 'FIFO': must be one of standard, fifo"),
            ("Memroy", "256", "there is no parameter Memroy; did you mean Memory?"),
            ("Colour", "red", "there is no parameter Colour"),
        ):
            with self.subTest(name=name, value=value):
                found = parameters.problems(DEFINITIONS, {"Name": "abc"} | {name: value})
                self.assertEqual(found, [said] if said else [])

    def test_one_without_a_default_has_to_be_given(self) -> None:
        found = parameters.problems(DEFINITIONS, {})
        self.assertEqual(found, ["Name has no value and no default: Whose it is"])

    def test_all_faults_are_told_at_once_and_a_long_value_is_cut(self) -> None:
        with self.assertRaises(Problem) as raised:
            parameters.check({"Parameters": DEFINITIONS}, {"Name": "x" * 5000, "Days": "8"})
        self.assertEqual(raised.exception.code, Exit.USAGE)
        self.assertIn("Days is '8'", raised.exception.what)
        self.assertIn("must be at most 8 characters, and it has 5000", raised.exception.what)
        self.assertLess(len(raised.exception.what), 300)


class Words(unittest.TestCase):
    def test_quotes_are_taken_off_and_the_last_value_counts(self) -> None:
        given = parameters.given(["A=1", 'B="rate(1 minute)"', "C='x'", "D=", "A=2", "E=a=b"])
        self.assertEqual(given, {"A": "2", "B": "rate(1 minute)", "C": "x", "D": "", "E": "a=b"})

    def test_a_profile_may_give_a_list_or_one_text_or_nothing(self) -> None:
        text = """
            version = 0.1
            [list.deploy.parameters]
            parameter_overrides = ["A=1", 'B="x y"']
            [text.deploy.parameters]
            parameter_overrides = 'A=1 B="x y"'
            [none.global.parameters]
            stack_name = "flotilla-none"
        """
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "samconfig.toml"
            file.write_text(text)
            with unittest.mock.patch.object(parameters, "CONFIGURATION", file):
                found = parameters.profiles()
        both = {"A": "1", "B": "x y"}
        self.assertEqual(found, {"list": both, "text": both, "none": {}})

    def test_what_is_no_parameter_is_told(self) -> None:
        for word in ("Memory", "=128", ""):
            with self.assertRaises(Problem) as raised:
                parameters.given([word])
            self.assertIn(repr(word), raised.exception.what)

    def test_words_for_sam_read_the_same(self) -> None:
        values = {"A": "rate(1 minute)", "B": "", "C": "https://x.example/a?b=c"}
        self.assertEqual(parameters.given(parameters.overrides(values)), values)


class Deploying(unittest.TestCase):
    def test_a_local_deploy_with_a_wrong_value_begins_nothing(self) -> None:
        with (
            unittest.mock.patch("endpoint.answers"),
            unittest.mock.patch(
                "build.limits", return_value={"Parameters": {"StageName": DEFINITIONS["Kind"]}}
            ),
            unittest.mock.patch("stacks.repair") as repaired,
            unittest.mock.patch("subprocess.run") as ran,
            self.assertRaises(Problem) as raised,
        ):
            deploy.deploy(settings.passing("one"))
        self.assertIn("StageName is 'local': must be one of standard, fifo", raised.exception.what)
        repaired.assert_not_called()
        ran.assert_not_called()

    def test_without_a_build_there_is_nothing_to_check_against(self) -> None:
        nowhere = Path("/nowhere/limits.json")
        with (
            unittest.mock.patch.object(build, "LIMITS", nowhere),
            self.assertRaises(Problem) as raised,
        ):
            build.limits()
        self.assertEqual(raised.exception.code, Exit.BUILD)


if __name__ == "__main__":
    unittest.main()

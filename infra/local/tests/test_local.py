"""Counting, settings and checks."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import unittest
import unittest.mock
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HERE))

import checks
import deploy
import settings
import suite
from say import Exit, Problem


class Counting(unittest.TestCase):
    def sum(self, text: str) -> tuple[int, int]:
        pairs = [suite.counted(line) for line in text.splitlines()]
        return sum(p for p, _ in pairs), sum(f for _, f in pairs)

    def test_cargo(self) -> None:
        text = (
            "running 3 tests\n"
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out\n"
            "test result: \x1b[31mFAILED\x1b[0m. 4 passed; 2 failed; 0 ignored; 0 measured\n"
        )
        self.assertEqual(self.sum(text), (7, 2))

    def test_unittest(self) -> None:
        self.assertEqual(self.sum("Ran 5 tests in 0.1s\n\nOK\n"), (5, 0))
        self.assertEqual(self.sum("Ran 5 tests in 0.1s\n\nFAILED (failures=1, errors=1)\n"), (3, 2))

    def test_a_part_without_tests_and_a_part_that_breaks_are_failures(self) -> None:
        empty = suite.Part("empty", ["true"])
        broken = suite.Part("broken", ["false"], tests=False)
        for part in (empty, broken):
            with unittest.mock.patch("builtins.print"), unittest.mock.patch("say.line"):
                suite._carry_out(part)
            self.assertEqual(part.failed, 1, part)
        self.assertEqual(empty.complaint, "ran no test")

    def test_the_help_names_every_part(self) -> None:
        self.assertEqual(suite.PARTS, tuple(part.name for part in suite._parts()))


class Settings(unittest.TestCase):
    def test_a_wrong_port_names_its_variable(self) -> None:
        for value in ("0", "65536", "http", ""):
            with (
                unittest.mock.patch.dict(os.environ, {"FLOTILLA_PORT": value}),
                self.assertRaises(Problem) as raised,
            ):
                settings.standing()
            self.assertIn("FLOTILLA_PORT", raised.exception.what)
            self.assertEqual(raised.exception.code, Exit.USAGE)

    def test_settings_of_a_real_account_do_not_get_through(self) -> None:
        mine = {"AWS_PROFILE": "work", "AWS_SESSION_TOKEN": "secret", "SAM_TEMPLATE_FILE": "x"}
        with unittest.mock.patch.dict(os.environ, mine):
            given = settings.clean_environment()
        self.assertFalse(set(mine) & set(given))
        self.assertEqual(given["AWS_CONFIG_FILE"], os.devnull)

    def test_a_passing_cloud_has_ports_of_its_own(self) -> None:
        one = settings.passing("one")
        self.assertNotEqual(one.port, one.partners_port)
        self.assertNotEqual(one.state, settings.standing().state)

    def test_the_local_profile_fits_the_machine(self) -> None:
        mine = settings.passing("one")
        given = deploy._values(mine)
        self.assertEqual(given["Architecture"], settings.architecture())
        self.assertEqual(given["PartnersUrl"], mine.partners_url)
        self.assertEqual(given["SourcesUrl"], mine.partners_url)


class Checks(unittest.TestCase):
    def test_a_port_in_use_is_said_before_anything_starts(self) -> None:
        with socket.socket() as taken:
            taken.bind((settings.HOST, 0))
            taken.listen()
            number = taken.getsockname()[1]
            with self.assertRaises(Problem) as raised:
                checks.port(number, "FLOTILLA_PORT")
        self.assertEqual(raised.exception.code, Exit.PORT_IN_USE)
        self.assertIn(str(number), raised.exception.what)

    def test_a_full_disk(self) -> None:
        usage = shutil.disk_usage("/")._replace(free=100 << 20)
        with (
            unittest.mock.patch("shutil.disk_usage", return_value=usage),
            self.assertRaises(Problem) as raised,
        ):
            checks.disk(Path("/nowhere/target"))
        self.assertIn("0.1 GiB left", raised.exception.what)

    def test_a_missing_cargo(self) -> None:
        with (
            unittest.mock.patch("shutil.which", return_value=None),
            self.assertRaises(Problem) as raised,
        ):
            checks.machine()
        self.assertIn("cargo", raised.exception.what)

    def test_an_old_python_gets_a_sentence(self) -> None:
        text = (HERE / "local.py").read_text().replace("MINIMUM = (3, 11)", "MINIMUM = (99, 0)")
        done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True)
        self.assertEqual(done.returncode, Exit.MISSING)
        self.assertIn("is too old", done.stderr)


if __name__ == "__main__":
    unittest.main()

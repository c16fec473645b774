"""What may be deployed."""

from __future__ import annotations

import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HERE))

import package
from say import Exit, Problem


class CrashPoints(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.bootstrap = Path(folder.name) / "StateFunction" / "bootstrap"
        self.bootstrap.parent.mkdir()

    def test_a_build_with_crash_points_is_refused_and_named(self) -> None:
        self.bootstrap.write_bytes(b"\x7fELF\0FLOTILLA_CRASH_AT\0")
        with self.assertRaises(Problem) as raised:
            package.has_no_crash_points([self.bootstrap])
        self.assertIn("StateFunction", raised.exception.what)
        self.assertEqual(raised.exception.code, Exit.BUILD)

    def test_a_build_without_them_is_fine(self) -> None:
        self.bootstrap.write_bytes(b"\x7fELF\0TABLE_NAME\0")
        package.has_no_crash_points([self.bootstrap])

    def test_the_name_is_the_one_that_the_functions_know(self) -> None:
        source = HERE.parents[1] / "functions" / "crashpoint" / "src" / "lib.rs"
        self.assertIn(f'VARIABLE: &str = "{package.TEST_ONLY.decode()}"', source.read_text())


if __name__ == "__main__":
    unittest.main()

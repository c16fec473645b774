"""What a package may weigh and which processor it is for, with small files."""

from __future__ import annotations

import os
import sys
import tempfile
import unittest
import unittest.mock
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import bootstraps
import package
from say import Exit, Problem
from settings import ROOT


class Bootstraps(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.build = Path(folder.name)
        said = unittest.mock.patch("say.line")
        self.said = said.start()
        self.addCleanup(said.stop)

    def program(self, function: str, machine: int = 62, filling: bytes = b"") -> None:
        file = self.build / function / "bootstrap"
        file.parent.mkdir()
        file.write_bytes(b"\x7fELF" + bytes(14) + machine.to_bytes(2, "little") + filling)

    def test_the_size_is_that_of_the_zip(self) -> None:
        self.program("Zeros", filling=bytes(100_000))
        self.program("Noise", filling=os.urandom(100_000))
        noise, zeros = bootstraps.found(self.build)
        self.assertEqual((noise.function, zeros.function), ("Noise", "Zeros"))
        with zipfile.ZipFile(self.build / "x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(noise.file, "bootstrap")
        self.assertEqual(noise.zipped(), (self.build / "x.zip").stat().st_size)
        self.assertGreater(noise.zipped(), 100_000)
        self.assertLess(zeros.zipped(), 1_000)

    def test_one_above_the_limit_is_named(self) -> None:
        bootstraps.check_sizes({"A": bootstraps.ZIP_LIMIT, "B": 1})
        with self.assertRaises(Problem) as raised:
            bootstraps.check_sizes({"A": bootstraps.ZIP_LIMIT + 10_000, "B": 1})
        self.assertEqual(raised.exception.code, Exit.BUILD)
        self.assertIn("may have 4 MB, more have A (4.01 MB)", raised.exception.what)
        self.assertNotIn("B (", raised.exception.what)

    def test_one_for_another_processor_is_named(self) -> None:
        self.program("Mine")
        self.program("Other", machine=183)
        self.program("Strange", machine=8)
        (self.build / "Text").mkdir()
        (self.build / "Text" / "bootstrap").write_text("#!/bin/sh\n")
        with self.assertRaises(Problem) as raised:
            bootstraps.check_architecture(bootstraps.found(self.build), "x86_64")
        self.assertEqual(
            raised.exception.what,
            "not built for x86_64: Other (arm64), Strange (another processor), Text (no program)",
        )
        with self.assertRaisesRegex(Problem, "nothing is built"):
            bootstraps.check_architecture([], "x86_64")

    def built(self) -> None:
        """What `make package` does once SAM has built."""
        with (
            unittest.mock.patch.object(package, "BUILD", self.build),
            unittest.mock.patch("package.can_build"),
            unittest.mock.patch("tools.install"),
            unittest.mock.patch("subprocess.run", return_value=unittest.mock.Mock(returncode=0)),
        ):
            package.package("x86_64")

    def test_a_build_prints_its_time_and_each_size(self) -> None:
        for function in ("A", "B", "C", "D", "E"):
            self.program(function)
        self.built()
        said = "\n".join(call.args[0] for call in self.said.call_args_list)
        self.assertRegex(said, r"done.* in \d+\.\d s")
        for function in ("A", "B", "C", "D", "E"):
            self.assertRegex(said, rf"{function} +0\.00 MB zipped")

    def test_a_build_that_grew_too_large_fails(self) -> None:
        self.program("Large", filling=os.urandom(1_000))
        with (
            unittest.mock.patch.object(bootstraps, "ZIP_LIMIT", 1_000),
            self.assertRaisesRegex(Problem, "Large"),
        ):
            self.built()

    def test_an_unknown_processor_is_told_before_anything_is_built(self) -> None:
        with self.assertRaises(Problem) as raised:
            package.can_build("arm")
        self.assertEqual(raised.exception.code, Exit.USAGE)
        self.assertIn("arm64, x86_64", raised.exception.todo)

    def test_one_with_crash_points_is_named(self) -> None:
        self.program("Sound", filling=b"TABLE_NAME")
        bootstraps.check_no_crash_points(bootstraps.found(self.build))
        self.program("Test", filling=b"FLOTILLA_CRASH_AT")
        with self.assertRaisesRegex(Problem, "crash points: Test$"):
            bootstraps.check_no_crash_points(bootstraps.found(self.build))

    def test_the_variable_of_crash_points_is_the_one_that_the_functions_know(self) -> None:
        source = ROOT / "functions" / "crashpoint" / "src" / "lib.rs"
        name = bootstraps.CRASH_VARIABLE.decode()
        self.assertIn(f'VARIABLE: &str = "{name}"', source.read_text())


if __name__ == "__main__":
    unittest.main()

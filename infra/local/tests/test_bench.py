"""What `make bench` builds, weighs and starts, without building or starting anything."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import tomllib
import unittest
import unittest.mock
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import bench
import build
import commands
import services
import session
import settings
import tools
from say import Exit, Problem
from settings import ROOT


class Bench(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.target = Path(folder.name)
        self.programs = {name: self.target / "release" / name for name in bench.PROGRAMS}
        (self.target / "release").mkdir()
        for number, path in enumerate(self.programs.values()):
            path.write_bytes(os.urandom(1000 * (number + 1)))
        self.said: list[str] = []
        for each in (
            unittest.mock.patch("build.target_folder", return_value=self.target),
            unittest.mock.patch("build.release", return_value=self.programs),
            unittest.mock.patch("checks.machine"),
            unittest.mock.patch("say.line", side_effect=self.said.append),
        ):
            each.start()
            self.addCleanup(each.stop)

    def test_each_zip_is_weighed_as_it_would_be_uploaded(self) -> None:
        weighed = bench.zipped(self.programs)
        self.assertEqual(set(weighed), {*bench.FUNCTIONS, "empty"})
        with zipfile.ZipFile(self.target / "x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(self.programs["state"], "bootstrap")
        self.assertEqual(weighed["state"], (self.target / "x.zip").stat().st_size)

    def test_it_installs_builds_measures_and_passes_the_exit_code_on(self) -> None:
        with (
            unittest.mock.patch("tools.install") as install,
            unittest.mock.patch("session.beside_cloud", return_value=2) as beside,
        ):
            self.assertEqual(commands.main(["bench", "--", "peer", "--version"]), 2)
        install.assert_called_once_with("cloud", "bench")
        _, command, more = beside.call_args.args
        self.assertEqual(command[0], str(self.programs["bench"]))
        self.assertEqual(command[-2:], ["peer", "--version"])
        zips = Path(command[command.index("--zips") + 1])
        self.assertEqual(json.loads(zips.read_text()), bench.zipped(self.programs))
        self.assertEqual(more["FLOTILLA_PEER_PYTHON"], tools.program("bench", "python"))
        # How long each took is told.
        told = [line for line in self.said if "done" in line]
        self.assertEqual(len(told), 2, self.said)

    def test_what_it_names_is_there(self) -> None:
        more = bench.variables()
        self.assertTrue(os.access(Path(more["FLOTILLA_PEER"]) / "bootstrap", os.X_OK))
        self.assertTrue(Path(more["FLOTILLA_PEER_PLACES"]).is_file())
        bins = set()
        for manifest in (ROOT / "tests").rglob("Cargo.toml"):
            bins |= {each["name"] for each in tomllib.loads(manifest.read_text()).get("bin", [])}
        self.assertLessEqual(set(bench.PROGRAMS) - set(bench.FUNCTIONS), bins)


class Beside(unittest.TestCase):
    def test_only_the_cloud_is_started_and_it_is_stopped_when_the_command_breaks(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        mine = settings.Settings("bench", Path(folder.name), 4599, 4598)
        started: list[str] = []
        broken = Problem("no", "", Exit.FAILED)
        with (
            unittest.mock.patch("tools.install"),
            unittest.mock.patch("say.line"),
            unittest.mock.patch.object(
                services, "_start", side_effect=lambda service, *_: started.append(service.name)
            ),
            unittest.mock.patch.object(session, "down") as down,
            unittest.mock.patch.object(session, "_call", side_effect=broken) as call,
            self.assertRaises(Problem),
        ):
            session.beside_cloud(mine, ["bench"], {"FLOTILLA_PEER": "here"})
        self.assertEqual(started, ["cloud"])
        self.assertEqual(down.call_count, 2, "before and after")
        environment = call.call_args.args[1]
        self.assertEqual(environment["AWS_ENDPOINT_URL"], "http://127.0.0.1:4599")
        self.assertEqual(environment["FLOTILLA_PEER"], "here")


class Release(unittest.TestCase):
    def test_the_programs_are_built_in_the_release_profile(self) -> None:
        with unittest.mock.patch.object(build, "_compile", return_value={"bench": "/b"}) as made:
            self.assertEqual(build.release(["bench"]), {"bench": Path("/b")})
        arguments = made.call_args.args[1]
        self.assertEqual(arguments[:3], ["--release", "--bin", "bench"])


if __name__ == "__main__":
    unittest.main()

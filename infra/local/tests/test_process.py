"""Starting and stopping: what is ours ends with all its children, what is not is left alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import unittest
import unittest.mock
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from process import Service
from say import Exit, Problem


class Services(unittest.TestCase):
    def setUp(self) -> None:
        # A service outlives the object that started it; that is its purpose.
        warnings.simplefilter("ignore", ResourceWarning)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.state = Path(folder.name)

    def service(self, script: str, healthy: bool = True) -> Service:
        ready = self.state / "ready"
        return Service(
            name="thing",
            command=lambda: ["sh", "-c", script.replace("READY", str(ready))],
            environment=dict(os.environ),
            state=self.state,
            healthy=lambda: ready.exists() if healthy else False,
        )

    def test_stops_with_its_children_even_if_they_ignore_a_polite_request(self) -> None:
        script = "trap '' TERM; sleep 600 & echo $! > READY.child; mv READY.child READY; wait"
        service = self.service(script)
        service.start()
        child = int((self.state / "ready").read_text())
        with unittest.mock.patch("process.GRACE", 0.2):
            self.assertTrue(service.stop())
        self.assertIsNone(service.pid())
        self.assertFalse(_lives(child))

    def test_stops_the_children_of_a_leader_that_was_killed(self) -> None:
        service = self.service("sleep 600 & echo $! > READY.child; mv READY.child READY; wait")
        leader = service.start()
        child = int((self.state / "ready").read_text())
        os.kill(leader, 9)
        os.waitpid(leader, 0)
        self.assertIsNone(service.pid())
        self.assertTrue(service.stop())
        self.assertFalse(_lives(child))

    def test_stops_the_groups_that_the_session_made_for_itself(self) -> None:
        # As LocalStack's functions have them.
        program = (
            "import os, subprocess\n"
            "child = subprocess.Popen(['sleep', '600'], process_group=0)\n"
            "open('READY.child', 'w').write(str(child.pid))\n"
            "os.rename('READY.child', 'READY')\n"
            "child.wait()"
        )
        service = self.service(f'exec {sys.executable} -c "{program}"')
        leader = service.start()
        child = int((self.state / "ready").read_text())
        self.assertNotEqual(os.getpgid(child), leader)
        with unittest.mock.patch("process.GRACE", 0.2):
            self.assertTrue(service.stop())
        self.assertFalse(_lives(child))

    def test_leaves_a_process_alone_that_only_has_the_same_pid(self) -> None:
        with subprocess.Popen(["sleep", "600"], start_new_session=True) as other:
            service = self.service("")
            service.record.write_text(json.dumps({"pid": other.pid, "began": "another time"}))
            self.assertIsNone(service.pid())
            self.assertFalse(service.stop())
            self.assertIsNone(other.poll())
            other.kill()

    def test_a_server_that_dies_shows_its_last_words(self) -> None:
        with self.assertRaises(Problem) as raised:
            self.service("echo no luck today; exit 3").start()
        self.assertEqual(raised.exception.code, Exit.NOT_RUNNING)
        self.assertIn("no luck today", raised.exception.detail)
        self.assertIn("code 3", raised.exception.what)

    def test_a_server_that_never_answers_is_stopped(self) -> None:
        service = self.service("exec sleep 600", healthy=False)
        with unittest.mock.patch("process.PATIENCE", 0.1), self.assertRaises(Problem) as raised:
            service.start()
        self.assertIn("did not answer", raised.exception.what)
        self.assertFalse(service.stop())

    def test_nothing_to_stop_is_no_error(self) -> None:
        self.assertFalse(self.service("").stop())
        self.service("").record.write_text("not json")
        self.assertFalse(self.service("").stop())


def _lives(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


if __name__ == "__main__":
    unittest.main()

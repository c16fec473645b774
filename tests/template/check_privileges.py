"""Least privilege, proven: what the functions did in the end-to-end suite is what they may do.

Run after that suite, which leaves its record (`make test` does both); by hand:
.flotilla/tools/deploy/bin/python -m unittest -v tests/template/check_privileges.py
"""

from __future__ import annotations

import json
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "infra" / "local")]

from expansion import expand
from privileges import allowed, missing, unused, used
from rules import AGENTS
from settings import ROOT

STACK = "flotilla-local"
CALLS = ROOT / ".flotilla" / "runs" / "test" / "calls.json"


class Privileges(unittest.TestCase):
    """The wire proxy's record against the roles of the expanded template."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.did = used(json.loads(CALLS.read_text()), STACK)
        cls.may = allowed(expand(), STACK)

    def test_every_function_was_seen(self) -> None:
        self.assertEqual({agent for agent, _, _ in self.did}, {agent.lower() for agent in AGENTS})

    def test_nothing_is_missing(self) -> None:
        self.assertEqual(missing(self.may, self.did), [])

    def test_nothing_is_unused(self) -> None:
        self.assertEqual(unused(self.may, self.did), [])


if __name__ == "__main__":
    unittest.main()

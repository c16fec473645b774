"""The bench starts the functions by itself: with what the template gives them.

Its variables are written in Rust (tests/bench/src/rig/settings.rs), and read here.
"""

from __future__ import annotations

import re
import unittest

from support import ROOT, expand

SETTINGS = ROOT / "tests" / "bench" / "src" / "rig" / "settings.rs"
STAGES = ("Ingestion", "Processing", "Decision", "Communication", "State")


def variables() -> dict[str, set[str]]:
    """The names that each stage's function has in the template."""
    resources = expand(None)["Resources"]
    return {
        stage: set(resources[f"{stage}Function"]["Properties"]["Environment"]["Variables"])
        for stage in STAGES
    }


def known() -> dict[str, set[str]]:
    """The queues that the bench tells each stage besides its own."""
    arms = re.findall(r"Stage::(\w+) => &(.*?),\n", SETTINGS.read_text())
    names = {stage: re.findall(r"Stage::(\w+)", queues) for stage, queues in arms}
    return {stage: set(STAGES if "ALL" in queues else queues) for stage, queues in names.items()}


class Variables(unittest.TestCase):
    """Of the bench's rig, against the template."""

    def test_each_stage_knows_the_queues_that_the_template_names(self) -> None:
        for stage, names in variables().items():
            with self.subTest(stage):
                queues = {f"{queue.upper()}_QUEUE_URL" for queue in known()[stage]}
                told = {name for name in names if re.fullmatch(r"[A-Z]+_QUEUE_URL", name)}
                self.assertEqual(queues, told)

    def test_every_variable_is_one_of_the_templates(self) -> None:
        of_bench = set(re.findall(r'\("([A-Z_]+)", ', SETTINGS.read_text()))
        self.assertIn("TABLE_NAME", of_bench)
        own = {name for name in of_bench if not name.startswith("AWS_")}
        self.assertEqual(own - set().union(*variables().values()), set())


if __name__ == "__main__":
    unittest.main()

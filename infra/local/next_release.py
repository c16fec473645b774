"""The release after this one, for the test of two versions on the same queues.

It is this checkout with a higher schema version: its records and messages are
of a version that this release does not know yet. With the packages' version
raised as well, cargo keeps its artefacts apart from the checkout's; with the
same features and target folder it shares every dependency with it.
"""

from __future__ import annotations

import re
from pathlib import Path

from say import Exit, Problem
from settings import HOME, ROOT

SOURCE = HOME / "next" / "source"
LAYOUT = HOME / "next" / "build"

COPIED = ("Cargo.toml", "Cargo.lock", "functions", "infra", "tests", "events")
"""What cargo reads of a checkout: the workspace, and the files that its members include."""

RAISED = {
    Path("Cargo.toml"): re.compile(rb"(?m)^(version = \"\d+\.)(\d+)(?=\.\d+\"$)"),
    Path("functions/task/src/record.rs"): re.compile(
        rb"(pub const SCHEMA_VERSION: u32 = )(\d+)(?=;)"
    ),
}
"""Where a number is one higher in the next release: the packages' version, the records'."""


def write() -> None:
    """Bring the copy up to date; what has not changed keeps its time, so cargo leaves it alone."""
    wanted = {
        path.relative_to(ROOT): path
        for name in COPIED
        for path in [ROOT / name, *(ROOT / name).rglob("*")]
        if path.is_file() and "__pycache__" not in path.parts
    }
    for old in [path for path in SOURCE.rglob("*") if path.is_file()]:
        if old.relative_to(SOURCE) not in wanted:
            old.unlink()
    for name, path in wanted.items():
        content = path.read_bytes()
        content = raised(name, content) if name in RAISED else content
        copy = SOURCE / name
        if not copy.exists() or copy.read_bytes() != content:
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(content)


def raised(name: Path, source: bytes) -> bytes:
    """A file of the next release."""
    higher = RAISED[name]
    changed, count = higher.subn(lambda found: found[1] + b"%d" % (int(found[2]) + 1), source)
    if count != 1:
        raise Problem(
            f"{name} has {count} lines like {higher.pattern.decode()}, and not one",
            "next_release.py raises the number there: tell it where the number stands.",
            Exit.BUILD,
        )
    return changed

"""The built functions of a package: what must hold before they are deployed.

A small zip starts quickly and is quickly deployed, so there is a limit. One
for the wrong processor would fail at its first invocation only. One built for
tests can be told to stand still.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from say import Exit, Problem

ZIP_LIMIT = 4_000_000
"""Bytes that a function's zip may have."""

CRASH_VARIABLE = b"FLOTILLA_CRASH_AT"
"""The variable that stops a process at a crash point; only test builds know it."""

ELF = b"\x7fELF"
PROCESSORS = {62: "x86_64", 183: "arm64"}
"""ELF's numbers for processors, as Lambda calls these."""


@dataclass(frozen=True)
class Bootstrap:
    """One function's program."""

    file: Path

    @property
    def function(self) -> str:
        """The function's name in the template."""
        return self.file.parent.name

    def architecture(self) -> str:
        """Which processor it runs on."""
        with self.file.open("rb") as opened:
            head = opened.read(20)
        if not head.startswith(ELF):
            return "no program"
        return PROCESSORS.get(int.from_bytes(head[18:20], "little"), "another processor")

    def zipped(self) -> int:
        """Its size as `sam deploy` uploads it: the same packer at the same level."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(self.file, "bootstrap")
        return len(packed.getvalue())


def found(build: Path) -> list[Bootstrap]:
    """Those in a build folder, by the function's name."""
    return [Bootstrap(each) for each in sorted(build.glob("*/bootstrap"))]


def check_sizes(zipped: Mapping[str, int]) -> None:
    """None is above the limit; a Problem names each that is."""
    large = [f"{name} ({size / 1e6:.2f} MB)" for name, size in zipped.items() if size > ZIP_LIMIT]
    if large:
        raise Problem(
            f"a function's zip may have {ZIP_LIMIT / 1e6:.0f} MB, more have {', '.join(large)}",
            "Look for a dependency that brings more than it is used for, such as default features.",
            Exit.BUILD,
        )


def check_no_crash_points(programs: list[Bootstrap]) -> None:
    """A function that can be told to stand still must not be deployed."""
    tests = [each.function for each in programs if CRASH_VARIABLE in each.file.read_bytes()]
    if tests:
        raise Problem(
            f"built for tests, with crash points: {', '.join(tests)}",
            "The release profile in Cargo.toml must not switch debug assertions on.",
            Exit.BUILD,
        )


def check_architecture(programs: list[Bootstrap], wanted: str) -> None:
    """All are there, for this processor."""
    if not programs:
        raise Problem("nothing is built", "Run: make package", Exit.BUILD)
    wrong = {each.function: each.architecture() for each in programs}
    wrong = {name: built for name, built in wrong.items() if built != wanted}
    if wrong:
        named = ", ".join(f"{name} ({built})" for name, built in wrong.items())
        raise Problem(
            f"not built for {wanted}: {named}",
            f"Run: make package ARCHITECTURE={wanted}, or deploy with the ARCHITECTURE it has.",
            Exit.BUILD,
        )

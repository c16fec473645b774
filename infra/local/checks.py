"""What a machine must have, said before it is missed halfway."""

from __future__ import annotations

import importlib.util
import shutil
import socket
from pathlib import Path

from say import Exit, Problem
from settings import HOST, ROOT

GIB = 1 << 30
# A first build with the tools takes about this much; a later one next to nothing.
ROOM_FOR_FIRST_BUILD = 4 * GIB
ROOM_FOR_LATER_BUILD = GIB // 2


def machine(target: Path | None = None) -> None:
    """Python's venv module, cargo, a linker and room on the disk."""
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        raise Problem(
            "this Python has no venv module",
            "On Debian or Ubuntu: apt-get install python3-venv.",
            Exit.MISSING,
        )
    if shutil.which("cargo") is None:
        raise Problem(
            "cargo is not on the PATH",
            "Install Rust 1.95 or newer (rustup.rs), then open a new shell.",
            Exit.MISSING,
        )
    if not any(shutil.which(linker) for linker in ("cc", "gcc", "clang")):
        raise Problem(
            "there is no C compiler to link with",
            "On Debian or Ubuntu: apt-get install gcc libc6-dev.",
            Exit.MISSING,
        )
    disk(target or ROOT / "target")


def disk(target: Path) -> None:
    """Enough room for what is still to be built."""
    needed = ROOM_FOR_LATER_BUILD if target.is_dir() else ROOM_FOR_FIRST_BUILD
    place = target
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    if free < needed:
        raise Problem(
            f"the disk is nearly full: {free / GIB:.1f} GiB left at {place}, "
            f"{needed / GIB:.1f} GiB needed",
            "Make room, or point CARGO_TARGET_DIR at another disk.",
            Exit.MISSING,
        )


def port(number: int, variable: str) -> None:
    """Nobody listens where we are about to."""
    with socket.socket() as probe:
        # As the servers themselves do: a port that is merely cooling down is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, number))
        except OSError as error:
            raise Problem(
                f"port {number} is in use ({error.strerror})",
                f"Stop what listens there, or choose another: {variable}={number + 1} make up.",
                Exit.PORT_IN_USE,
            ) from error

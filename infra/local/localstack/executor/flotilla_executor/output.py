"""What a process prints, kept until its invocation ends.

A thread reads all the time, or a full pipe would stop the process. When an
invocation is answered, what the process printed before its answer is already
in the pipe, yet perhaps not read: `take` therefore empties the pipe itself.
"""

from __future__ import annotations

import os
import selectors
import threading

ROOM = 4 << 20
"""Bytes that are kept; of an environment that prints more between two looks the oldest go."""


class Output:
    """Reads a pipe until it ends."""

    def __init__(self, pipe: int) -> None:
        os.set_blocking(pipe, False)
        self._pipe = pipe
        self._lock = threading.Lock()
        self._held = bytearray()
        self._ended = False
        self._thread = threading.Thread(target=self._read, daemon=True, name="output")
        self._thread.start()

    def take(self, everything: bool = False) -> str:
        """All whole lines so far, each once; `everything` also takes the start of a line."""
        with self._lock:
            self._empty()
            end = len(self._held) if everything else self._held.rfind(b"\n") + 1
            taken = bytes(self._held[:end])
            del self._held[:end]
        return taken.decode(errors="replace")

    def join(self, seconds: float) -> None:
        """Wait until the pipe has ended, which a grandchild may put off."""
        self._thread.join(seconds)

    def _read(self) -> None:
        with selectors.DefaultSelector() as ready:
            ready.register(self._pipe, selectors.EVENT_READ)
            while not self._ended:
                ready.select()
                with self._lock:
                    self._empty()
        os.close(self._pipe)

    def _empty(self) -> None:
        while not self._ended:
            try:
                chunk = os.read(self._pipe, 1 << 16)
            except BlockingIOError:
                return
            self._ended = not chunk
            self._held += chunk
            del self._held[: max(0, len(self._held) - ROOM)]

"""The lines that Lambda itself adds to a function's log, in the format the function chose."""

from __future__ import annotations

import json
import math
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Report:
    """One invocation, as Lambda reports on it."""

    request: str
    version: str
    memory_mb: int
    seconds: float
    init_seconds: float = 0.0
    failed: bool = False

    def around(self, printed: str, as_json: bool) -> str:
        """What the function printed, between Lambda's lines."""
        before, after = self._json() if as_json else self._text()
        ended = printed if not printed or printed.endswith("\n") else printed + "\n"
        return f"{before}\n{ended}{after}\n"

    def _text(self) -> tuple[str, str]:
        init = f"\tInit Duration: {self.init_seconds * 1000:.2f} ms" if self.init_seconds else ""
        return (
            f"START RequestId: {self.request} Version: {self.version}",
            f"END RequestId: {self.request}\n"
            f"REPORT RequestId: {self.request}\tDuration: {self.seconds * 1000:.2f} ms\t"
            f"Billed Duration: {self._billed()} ms\tMemory Size: {self.memory_mb} MB{init}",
        )

    def _json(self) -> tuple[str, str]:
        metrics: dict[str, float] = {
            "durationMs": round(self.seconds * 1000, 3),
            "billedDurationMs": self._billed(),
            "memorySizeMB": self.memory_mb,
        }
        if self.init_seconds:
            metrics["initDurationMs"] = round(self.init_seconds * 1000, 3)
        return (
            _line("platform.start", {"requestId": self.request, "version": self.version}),
            _line(
                "platform.report",
                {
                    "requestId": self.request,
                    "status": "error" if self.failed else "success",
                    "metrics": metrics,
                },
            ),
        )

    def _billed(self) -> int:
        return math.ceil((self.seconds + self.init_seconds) * 1000)


def _line(kind: str, record: dict[str, object]) -> str:
    now = time.time()
    at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now % 1 * 1000):03}Z"
    return json.dumps({"time": at, "type": kind, "record": record}, separators=(",", ":"))

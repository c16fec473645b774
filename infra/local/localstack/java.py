"""Stands in for `java` where LocalStack looks for one, and becomes the machine's own.

Two things come in between. LocalStack adds an agent that it downloads, which
only lifts a limit of 20 indexes: it is left out. And LocalStack starts Java in
a session of its own, where stopping LocalStack's would not find it: the process
is put on record in FLOTILLA_JAVA_RECORD, like any other service.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from process import put_on_record


def arguments(given: list[str]) -> list[str]:
    """Those that Java gets."""
    return [each for each in given if not each.startswith("-javaagent:")]


def main() -> None:
    """Go on record, then become Java under the same pid."""
    put_on_record(Path(os.environ["FLOTILLA_JAVA_RECORD"]), os.getpid())
    java = os.environ["FLOTILLA_JAVA"]
    os.execv(java, [java, *arguments(sys.argv[1:])])


if __name__ == "__main__":
    main()

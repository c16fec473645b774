#!/usr/bin/env python3
"""Entry point of the local cloud; `python3 infra/local/local.py --help` explains it.

This file has to be readable by any Python 3, so that an old one gets a
sentence instead of a syntax error. Everything else is in `commands.py`.
"""

import importlib
import sys

MINIMUM = (3, 11)


def enter(module):
    """Run a module's `main` with the command line, if this Python can read it."""
    if sys.version_info < MINIMUM:
        sys.stderr.write(
            "Python %d.%d is too old: Flotilla's tools need %d.%d or newer. "
            "Name a newer one with PYTHON=python3.12 make ...\n"
            % (sys.version_info[0], sys.version_info[1], MINIMUM[0], MINIMUM[1])
        )
        sys.exit(3)
    # No caches in the source tree: a checkout stays as it was cloned.
    sys.dont_write_bytecode = True
    sys.exit(importlib.import_module(module).main(sys.argv[1:]))


if __name__ == "__main__":
    enter("commands")

#!/usr/bin/env python3
"""Entry point for AWS accounts; `python3 infra/local/aws.py --help` explains it.

Readable by any Python 3, as `local.py` is. Everything else is in `account/`.
"""

from local import enter

if __name__ == "__main__":
    enter("account.start")

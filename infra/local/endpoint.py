"""Whether anything answers at an endpoint, told within five seconds."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request

from say import Exit, Problem

ANSWERS_WITHIN = 4.0
"""Seconds until an endpoint that says nothing is given up."""


def answers(endpoint: str) -> None:
    """Something listens there and speaks HTTP; said within five seconds if not."""
    found: list[str] = []
    # Looking up a name has no time limit of its own, hence the thread.
    probe = threading.Thread(target=lambda: found.append(_greeted(endpoint)), daemon=True)
    probe.start()
    probe.join(ANSWERS_WITHIN)
    trouble = found[0] if found else f"no answer within {ANSWERS_WITHIN:.1f} s"
    if trouble:
        raise Problem(
            f"the cloud at {endpoint} does not answer ({trouble})",
            "Start it, or correct AWS_ENDPOINT_URL.",
            Exit.NOT_RUNNING,
        )


def direct() -> urllib.request.OpenerDirector:
    """Past any proxy: it would be asked for loopback addresses as well."""
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _greeted(endpoint: str) -> str:
    """What is wrong with an endpoint; nothing if it answers, whatever it says."""
    try:
        with direct().open(endpoint, timeout=ANSWERS_WITHIN):
            return ""
    except urllib.error.HTTPError:
        return ""
    except urllib.error.URLError as error:
        return str(getattr(error.reason, "strerror", None) or error.reason)
    except (OSError, ValueError) as error:
        return str(error)

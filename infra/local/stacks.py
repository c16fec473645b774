"""A stack's state, asked for directly, and the repair of one that an earlier deploy left half done.

Directly, because the AWS CLI takes a second just to start. Only local clouds
are asked here, and only there may a stack be removed without a question: what
is in it can be deployed again.
"""

from __future__ import annotations

import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree as Xml
from dataclasses import dataclass

import say
from say import Exit, Problem
from settings import REGION

ANSWERS_WITHIN = 4.0
"""Seconds until an endpoint that says nothing is given up."""

DEAD_AFTER = 20.0
"""Seconds without any event after which nobody works on a stack any more."""

GONE_WITHIN = 60.0
"""Seconds that removing a stack may take."""

DELETIONS = 3
"""How often a deletion that fails is asked for."""

READY = {
    "CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE",
    "IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE",
}  # fmt: skip
"""States in which `sam deploy` makes an update."""

# A change set that nobody carried out. There is nothing in the stack yet.
REVIEWED = "REVIEW_IN_PROGRESS"


@dataclass(frozen=True)
class Stack:
    """What CloudFormation says of a stack."""

    status: str
    reason: str
    outputs: dict[str, str]


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


def _greeted(endpoint: str) -> str:
    """What is wrong with an endpoint; nothing if it answers, whatever it says."""
    try:
        with _direct().open(endpoint, timeout=ANSWERS_WITHIN):
            return ""
    except urllib.error.HTTPError:
        return ""
    except urllib.error.URLError as error:
        return str(getattr(error.reason, "strerror", None) or error.reason)
    except (OSError, ValueError) as error:
        return str(error)


def describe(endpoint: str, name: str) -> Stack | None:
    """The stack, if there is one."""
    tree = _ask(endpoint, "DescribeStacks", name)
    stack = None if tree is None else tree.find(".//{*}Stacks/{*}member")
    if stack is None:
        return None
    outputs = {
        _text(each, "OutputKey"): _text(each, "OutputValue")
        for each in stack.iterfind("{*}Outputs/{*}member")
    }
    found = Stack(_text(stack, "StackStatus"), _text(stack, "StackStatusReason"), outputs)
    return None if found.status == "DELETE_COMPLETE" else found


def repair(endpoint: str, name: str) -> None:
    """Leave a stack that `sam deploy` can work with, or none."""
    stack = describe(endpoint, name)
    if stack is None or stack.status in READY:
        return
    if stack.status.endswith("_IN_PROGRESS") and stack.status != REVIEWED:
        stack = _watched(endpoint, name, stack)
        if stack is None or stack.status in READY:
            return
    because = f" ({stack.reason})" if stack.reason else ""
    say.line(f"   an earlier deploy left {name} in {stack.status}{because}: removing it")
    remove(endpoint, name)


def remove(endpoint: str, name: str) -> None:
    """Delete a stack and wait until it is gone.

    A deletion may fail once and succeed when asked for again, because what a
    resource waited for has gone meanwhile.
    """
    _ask(endpoint, "DeleteStack", name)
    deadline, asked = time.monotonic() + GONE_WITHIN, 1
    while (stack := describe(endpoint, name)) is not None:
        if stack.status == "DELETE_FAILED" and asked < DELETIONS:
            _ask(endpoint, "DeleteStack", name)
            asked += 1
        elif stack.status == "DELETE_FAILED" or time.monotonic() > deadline:
            raise Problem(
                f"the stack {name} cannot be removed: it is {stack.status} {stack.reason}".rstrip(),
                "Start the local cloud afresh; nothing in it outlives it.",
                Exit.DEPLOY,
            )
        time.sleep(0.1)


def _watched(endpoint: str, name: str, stack: Stack) -> Stack | None:
    """Wait for whoever works on it; returns what they left, or what it is when nobody does."""
    say.line(f"   {name} is {stack.status}: waiting for whoever works on it")
    last, seen = _events(endpoint, name), time.monotonic()
    while stack.status.endswith("_IN_PROGRESS") and time.monotonic() < seen + DEAD_AFTER:
        time.sleep(0.2)
        found, events = describe(endpoint, name), _events(endpoint, name)
        if found is None:
            return None
        if events != last or found != stack:
            stack, last, seen = found, events, time.monotonic()
    return stack


def _events(endpoint: str, name: str) -> list[str]:
    tree = _ask(endpoint, "DescribeStackEvents", name)
    return [] if tree is None else [each.text or "" for each in tree.iterfind(".//{*}EventId")]


def _ask(endpoint: str, action: str, name: str) -> Xml.Element | None:
    """Call CloudFormation about one stack; None where it has no such stack."""
    body = urllib.parse.urlencode({"Action": action, "Version": "2010-05-15", "StackName": name})
    request = urllib.request.Request(
        endpoint,
        data=body.encode(),
        headers={
            # The service is told by the credential's scope; nobody checks the signature here.
            "Authorization": f"AWS4-HMAC-SHA256 Credential=test/20260101/{REGION}/cloudformation/"
            "aws4_request, SignedHeaders=host, Signature=none",
            "Content-Type": "application/x-www-form-urlencoded",
        },
    )
    try:
        with _direct().open(request, timeout=30) as answer:
            return Xml.fromstring(answer.read())
    except urllib.error.HTTPError as error:
        said = error.read().decode(errors="replace")
        if "does not exist" in said:
            return None
        raise Problem(
            f"what answers at {endpoint} refuses CloudFormation's {action} ({error.code})",
            "Is it a local cloud? What it said is above, if it said anything.",
            Exit.DEPLOY,
            detail=said[-2000:],
        ) from error
    except (OSError, Xml.ParseError) as error:
        raise Problem(
            f"CloudFormation at {endpoint} does not answer {action} ({error})",
            "The cloud's log tells more.",
            Exit.NOT_RUNNING,
        ) from error


def _direct() -> urllib.request.OpenerDirector:
    """Past any proxy: it would be asked for loopback addresses as well."""
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _text(element: Xml.Element, name: str) -> str:
    found = element.find("{*}" + name)
    return "" if found is None else found.text or ""

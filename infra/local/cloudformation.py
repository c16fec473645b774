"""A local cloud's CloudFormation, asked directly.

Directly, because the AWS CLI takes a second just to start, and boto3 is not in
every Python that runs this.
"""

from __future__ import annotations

import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree as Xml
from dataclasses import dataclass

from endpoint import direct
from say import Exit, Problem
from settings import REGION
from stacks import Stack


@dataclass(frozen=True)
class Direct:
    """The `stacks.Formation` of a local cloud."""

    endpoint: str
    pause: float = 0.1
    patience: float = 60.0
    advice: str = "Start the local cloud afresh; nothing in it outlives it."

    def describe(self, name: str) -> Stack | None:
        """The stack, if there is one."""
        tree = self._ask("DescribeStacks", name)
        stack = None if tree is None else tree.find(".//{*}Stacks/{*}member")
        if stack is None:
            return None
        outputs = {
            _text(each, "OutputKey"): _text(each, "OutputValue")
            for each in stack.iterfind("{*}Outputs/{*}member")
        }
        found = Stack(_text(stack, "StackStatus"), _text(stack, "StackStatusReason"), outputs)
        return None if found.status == "DELETE_COMPLETE" else found

    def delete(self, name: str) -> None:
        """Ask for its deletion."""
        self._ask("DeleteStack", name)

    def events(self, name: str) -> list[str]:
        """Ids of what has happened to it."""
        tree = self._ask("DescribeStackEvents", name)
        return [] if tree is None else [each.text or "" for each in tree.iterfind(".//{*}EventId")]

    def _ask(self, action: str, name: str) -> Xml.Element | None:
        """Call CloudFormation about one stack; None where it has no such stack."""
        body = urllib.parse.urlencode(
            {"Action": action, "Version": "2010-05-15", "StackName": name}
        )
        request = urllib.request.Request(
            self.endpoint,
            data=body.encode(),
            headers={
                # The service is told by the credential's scope; nobody checks the signature here.
                "Authorization": f"AWS4-HMAC-SHA256 Credential=test/20260101/{REGION}/"
                "cloudformation/aws4_request, SignedHeaders=host, Signature=none",
                "Content-Type": "application/x-www-form-urlencoded",
            },
        )
        try:
            with direct().open(request, timeout=30) as answer:
                return Xml.fromstring(answer.read())
        except urllib.error.HTTPError as error:
            said = error.read().decode(errors="replace")
            if "does not exist" in said:
                return None
            raise Problem(
                f"what answers at {self.endpoint} refuses CloudFormation's {action} ({error.code})",
                "Is it a local cloud? What it said is above, if it said anything.",
                Exit.DEPLOY,
                detail=said[-2000:],
            ) from error
        except (OSError, Xml.ParseError) as error:
            raise Problem(
                f"CloudFormation at {self.endpoint} does not answer {action} ({error})",
                "The cloud's log tells more.",
                Exit.NOT_RUNNING,
            ) from error


def _text(element: Xml.Element, name: str) -> str:
    found = element.find("{*}" + name)
    return "" if found is None else found.text or ""

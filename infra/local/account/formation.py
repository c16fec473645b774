"""The CloudFormation of an account, as `stacks` wants it, and what only a deletion asks of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from account.target import Target
from stacks import Stack

NESTED = "AWS::CloudFormation::Stack"


@dataclass(frozen=True)
class Account:
    """The `stacks.Formation` of an account."""

    cloud: Any
    pause: float
    patience: float
    advice: str = (
        "CloudFormation's console names the resource that stays; remove its cause, run it again."
    )

    def describe(self, name: str) -> Stack | None:
        """The stack, if there is one."""
        try:
            found = self.cloud.describe_stacks(StackName=name)["Stacks"]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise
        if not found or found[0]["StackStatus"] == "DELETE_COMPLETE":
            return None
        outputs = {o["OutputKey"]: o["OutputValue"] for o in found[0].get("Outputs", [])}
        return Stack(found[0]["StackStatus"], found[0].get("StackStatusReason", ""), outputs)

    def delete(self, name: str) -> None:
        """Ask for its deletion."""
        self.cloud.delete_stack(StackName=name)

    def events(self, name: str) -> list[str]:
        """Ids of what has happened to it."""
        pages = self.cloud.get_paginator("describe_stack_events").paginate(StackName=name)
        return [event["EventId"] for page in pages for event in page["StackEvents"]]

    def resources(self, name: str) -> list[tuple[str, str]]:
        """(type, physical id) of what the stack holds, and of what the stacks nested in it hold."""
        pages = self.cloud.get_paginator("list_stack_resources").paginate(StackName=name)
        found = [
            (each["ResourceType"], each.get("PhysicalResourceId", ""))
            for page in pages
            for each in page["StackResourceSummaries"]
            if each["ResourceStatus"] != "DELETE_COMPLETE"
        ]
        inner = [self.resources(each) for kind, each in found if kind == NESTED and each]
        return found + [each for resources in inner for each in resources]


def of(target: Target) -> Account:
    """A local cloud answers at once; AWS takes minutes and counts how often it is asked."""
    cloud = target.client("cloudformation")
    return Account(cloud, 0.2, 60.0) if target.endpoint else Account(cloud, 5.0, 30 * 60.0)

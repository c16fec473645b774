"""`sam deploy` of the project's own template to a local cloud, and what came of it."""

from __future__ import annotations

import subprocess
import tomllib
import urllib.parse
import urllib.request
import xml.etree.ElementTree as Xml

import build
import tools
from say import Exit, Problem, tail
from settings import ROOT, Settings, architecture, clean_environment

CONFIGURATION = ROOT / "samconfig.toml"


def deploy(settings: Settings) -> dict[str, str]:
    """Deploy the built template; return the stack's outputs."""
    log = settings.state / "deploy.log"
    with log.open("w") as written:
        done = subprocess.run(
            [
                tools.program("deploy", "sam"), "deploy",
                "--config-file", str(CONFIGURATION), "--config-env", "local",
                "--template-file", str(build.BUILT_TEMPLATE),
                "--stack-name", settings.stack,
                "--parameter-overrides", *_parameters(settings),
            ],
            cwd=ROOT,
            env=clean_environment() | settings.aws,
            stdin=subprocess.DEVNULL, stdout=written, stderr=subprocess.STDOUT,
        )  # fmt: skip
    if done.returncode != 0:
        raise Problem(
            "sam deploy failed",
            f"Its last lines are above; all of them are in {log}.",
            Exit.DEPLOY,
            detail=tail(log, 12) + "\n" + tail(settings.state / "cloud.log", 8),
        )
    return outputs(settings)


def _parameters(settings: Settings) -> list[str]:
    """The local profile's, and those that only this machine knows."""
    with CONFIGURATION.open("rb") as opened:
        profile = tomllib.load(opened)["local"]["deploy"]["parameters"]
    return [
        *profile["parameter_overrides"],
        f"Architecture={architecture()}",
        f"PartnersUrl={settings.partners_url}",
    ]


def outputs(settings: Settings) -> dict[str, str]:
    """The stack's outputs; empty where there is no such stack.

    Asked for directly, because the AWS CLI takes a second just to start.
    """
    body = urllib.parse.urlencode(
        {"Action": "DescribeStacks", "Version": "2010-05-15", "StackName": settings.stack}
    ).encode()
    request = urllib.request.Request(
        settings.endpoint,
        data=body,
        headers={
            # The service is told by the credential's scope; nobody checks the signature here.
            "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/cloudformation/"
            "aws4_request, SignedHeaders=host, Signature=none",
            "Content-Type": "application/x-www-form-urlencoded",
        },
    )
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(request, timeout=10) as answer:
            tree = Xml.fromstring(answer.read())
    except OSError:
        return {}
    found: dict[str, str] = {}
    for member in tree.iterfind(".//{*}Outputs/{*}member"):
        key, value = member.find("{*}OutputKey"), member.find("{*}OutputValue")
        if key is not None and value is not None:
            found[key.text or ""] = value.text or ""
    return found

"""What the tests of the template share: its variants, the linters, what a deployment will have."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "infra" / "local"))

from expansion import REQUIRED, expand, nested
from resolved import resolved
from settings import ROOT

Template = dict[str, Any]

BIN = Path(sys.executable).parent

# Every combination that switches a condition or a branch.
COMBINATIONS: tuple[dict[str, str], ...] = (
    {},
    {"StageName": "prod"},
    {"RecoverySchedule": "off"},
    {"StageName": "prod", "RecoverySchedule": "off", "Architecture": "x86_64"},
    {"QueueType": "fifo"},
    {"Tracing": "Active", "GradualDeployment": "true"},
    {"Secrets": "own", "PolicyBucket": "our-policies"},
    {
        "DataLayer": "arn:aws:lambda:us-east-1:123456789012:layer:ours:1",
        "PolicyFile": "/opt/policy.toml",
    },
    {
        "ProvisionedConcurrency": "on",
        "PeakStart": "at(2026-11-27T05:45:00)",
        "PeakEnd": "at(2026-11-28T06:00:00)",
        "ReservedConcurrency": "on",
        "WarmThroughput": "on",
        "BatchSize": "100",
        "BatchWindowSeconds": "5",
    },
    {"Pollers": "provisioned", "ReservedConcurrency": "on", "GradualDeployment": "true"},
    {"Alarms": "on", "Dashboard": "on", "QueueType": "fifo"},
    {"Alarms": "plain", "AlarmTopicArn": "arn:aws:sns:us-east-1:123456789012:on-call"},
)


def lint(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A linter's verdict; region and telemetry given so that it asks for neither."""
    environment = {
        "PATH": f"{BIN}:/usr/bin:/bin",
        "AWS_DEFAULT_REGION": "us-east-1",
        "SAM_CLI_TELEMETRY": "0",
        "HOME": tempfile.gettempdir(),
    }
    command = [str(BIN / arguments[0]), *arguments[1:]]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


def deployed(template: Template | None = None, **values: str) -> Template:
    """The resources that a deployment of the template with these parameters has."""
    return resolved(expand(template, **values), REQUIRED | values, nested=nested)


def statement(template: Template, agent: str, sid: str) -> Template:
    """One statement of an agent's role."""
    policy = template["Resources"][f"{agent}Role"]["Properties"]["Policies"][0]
    statements: list[Template] = policy["PolicyDocument"]["Statement"]
    return next(each for each in statements if each.get("Sid") == sid)

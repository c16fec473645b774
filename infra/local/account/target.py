"""Which account is meant, and whether it can be reached; found out before anything else."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from say import Exit, Problem

# An account that cannot be reached is to be told at once; the SDK would try for minutes.
QUICK = Config(connect_timeout=4, read_timeout=20, retries={"total_max_attempts": 1})


@dataclass(frozen=True)
class Target:
    """An account in a region, or a local cloud."""

    session: Any
    region: str
    account: str
    who: str
    endpoint: str
    """URL of the local cloud; empty for AWS."""

    def client(self, service: str) -> Any:
        """The SDK's client for a service; it finds the endpoint in the environment."""
        config = Config(retries={"mode": "standard", "total_max_attempts": 5})
        return self.session.client(service, config=config)

    @property
    def environment(self) -> dict[str, str]:
        """What a program needs to go to the same place."""
        region = {"AWS_REGION": self.region, "AWS_DEFAULT_REGION": self.region}
        return dict(os.environ) | region | {"SAM_CLI_TELEMETRY": "0"}


def endpoint() -> str:
    """URL of the local cloud that was asked for; empty for AWS."""
    return os.environ.get("AWS_ENDPOINT_URL", "")


def find() -> Target:
    """Ask who we are; a Problem names what is missing."""
    try:
        # boto3 itself looks at AWS_DEFAULT_REGION only.
        return _found(boto3.Session(region_name=os.environ.get("AWS_REGION") or None))
    except (BotoCoreError, ClientError) as error:
        raise Problem(
            f"the account cannot be told: {error}",
            "Sign in again, or correct AWS_PROFILE and AWS_REGION.",
            Exit.NOT_RUNNING,
        ) from error


def _found(session: Any) -> Target:
    if session.region_name is None:
        raise Problem(
            "no region is chosen",
            "Set AWS_REGION, or a region in the profile that AWS_PROFILE names.",
            Exit.USAGE,
        )
    if session.get_credentials() is None:
        raise Problem(
            "there are no AWS credentials",
            "Sign in (aws configure, aws sso login), or set AWS_PROFILE.",
            Exit.USAGE,
        )
    caller = session.client("sts", config=QUICK).get_caller_identity()
    return Target(session, session.region_name, caller["Account"], caller["Arn"], endpoint())

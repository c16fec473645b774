"""Where things are and which ports they use; every choice that a user may make."""

from __future__ import annotations

import os
import platform
import socket
import urllib.parse
from dataclasses import dataclass, replace
from pathlib import Path

from say import Exit, Problem

ROOT = Path(__file__).resolve().parents[2]
"""The repository."""

HOME = ROOT / ".flotilla"
"""All that the local tools write, apart from cargo's target folder. Safe to delete."""

TEMPLATE = ROOT / "template.yaml"
REGION = "us-east-1"
HOST = "127.0.0.1"

MINISTACK, LOCALSTACK = ENGINES = ("ministack", "localstack")
"""The local clouds, by what runs them."""

# A profile or a session of the user's own would win over the test credentials
# and could send a local command to a real account.
FOREIGN = (
    "AWS_",
    "SAM_",
    "FLOTILLA_CLOUD_PID",
    "FLOTILLA_PARTNERS_URL",
    "FLOTILLA_STACK",
    "FLOTILLA_NEXT_TEMPLATE",
    "FLOTILLA_STATE",
    "FLOTILLA_TEMPLATE",
    "FLOTILLA_WIRE_URL",
)


@dataclass(frozen=True)
class Settings:
    """One local cloud: its ports, its stack and the folder with its state."""

    name: str
    state: Path
    port: int
    partners_port: int
    engine: str = MINISTACK
    given: str = ""
    """URL of a cloud that somebody else started; empty where it is ours."""
    wire_port: int = 0
    """Port of the wire proxy between the functions and the cloud; 0 for none."""
    parameters: tuple[str, ...] = ()
    """NAME=VALUE of the template's parameters, over those of the profile."""

    @property
    def profile(self) -> str:
        """The profile in samconfig.toml."""
        return "local" if self.engine == MINISTACK else self.engine

    @property
    def stack(self) -> str:
        """The stack's name."""
        return f"flotilla-{self.profile}"

    @property
    def variables_file(self) -> Path:
        """KEY=VALUE lines for other programs; there while the cloud runs."""
        return self.state / "local.env"

    @property
    def endpoint(self) -> str:
        """URL of the local cloud."""
        return self.given or f"http://{HOST}:{self.port}"

    @property
    def wire_url(self) -> str:
        """URL of the wire proxy; empty for none."""
        return f"http://{HOST}:{self.wire_port}" if self.wire_port else ""

    @property
    def calls_file(self) -> Path:
        """What the wire proxy has recorded, once the run has ended."""
        return self.state / "calls.json"

    @property
    def partners_url(self) -> str:
        """URL of the stand-in world."""
        return f"http://{HOST}:{self.partners_port}"

    @property
    def aws(self) -> dict[str, str]:
        """What any AWS client needs to talk to the local cloud and to nothing else."""
        return local_aws(self.endpoint)


def standing() -> Settings:
    """The cloud of `make up`: fixed ports, because people paste them.

    One that runs keeps the ports it has, whatever this shell's variables say.
    """
    chosen = Settings(
        name="up",
        state=HOME,
        port=_port("FLOTILLA_PORT", 4566),
        partners_port=_port("FLOTILLA_PARTNERS_PORT", 4580),
    )
    try:
        lines = chosen.variables_file.read_text().splitlines()
        running = dict(each.split("=", 1) for each in lines)
        return replace(
            chosen,
            port=int(running["AWS_ENDPOINT_URL"].rpartition(":")[2]),
            partners_port=int(running["FLOTILLA_PARTNERS_URL"].rpartition(":")[2]),
        )
    except (OSError, ValueError, KeyError):
        return chosen


def local_aws(endpoint: str) -> dict[str, str]:
    """What any AWS client needs to talk to this local cloud and to nothing else."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def passing(
    name: str,
    engine: str = MINISTACK,
    given: str = "",
    wire: bool = False,
    parameters: tuple[str, ...] = (),
) -> Settings:
    """A cloud for one command: own folder and free ports, so it disturbs no other."""
    if given and not is_local(given):
        raise Problem(
            f"the endpoint {given!r} is not a local cloud's",
            "Give it as http://127.0.0.1:PORT; make deploy goes to real accounts.",
            Exit.USAGE,
        )
    with socket.socket() as first, socket.socket() as second, socket.socket() as third:
        for each in (first, second, third):
            each.bind((HOST, 0))
        cloud, world, proxy = (each.getsockname()[1] for each in (first, second, third))
    return Settings(
        name=name,
        state=HOME / "runs" / name,
        port=cloud,
        partners_port=world,
        engine=engine,
        given=given.rstrip("/"),
        wire_port=proxy if wire else 0,
        parameters=parameters,
    )


def is_local(url: str) -> bool:
    """Plain HTTP to something that is not AWS: test credentials go there, unprotected."""
    try:
        parts = urllib.parse.urlsplit(url)
        named = parts.hostname or ""
        return parts.scheme == "http" and bool(named and parts.port != 0) and not (
            named.endswith((".amazonaws.com", ".amazonaws.com.cn", ".aws"))
        )
    except ValueError:
        return False


def architecture() -> str:
    """The host's processor by its Lambda name: local functions are plain processes."""
    machine = platform.machine().lower()
    names = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
    if machine not in names:
        raise Problem(
            f"this machine's processor ({machine}) is none that Lambda knows",
            "Flotilla runs on x86_64 and on arm64.",
            Exit.MISSING,
        )
    return names[machine]


def clean_environment() -> dict[str, str]:
    """The user's environment without AWS settings of their own."""
    kept = {
        k: v for k, v in os.environ.items() if not k.startswith(FOREIGN) or k == "AWS_CA_BUNDLE"
    }
    # rustup must never fetch a toolchain on its own account.
    kept["RUSTUP_AUTO_INSTALL"] = "0"
    kept["SAM_CLI_TELEMETRY"] = "0"
    # Neither may files in the home directory decide where a command goes.
    kept["AWS_CONFIG_FILE"] = kept["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    kept["AWS_PAGER"] = ""
    return kept


def _port(variable: str, default: int) -> int:
    value = os.environ.get(variable, str(default))
    if not value.isdecimal() or not 1 <= int(value) <= 65535:
        raise Problem(
            f"{variable} is {value!r}", "Give it a port number from 1 to 65535.", Exit.USAGE
        )
    return int(value)

"""A local cloud's life: up, down, and both around one command."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator

import build
import deploy
import next_release
import say
import services
import tools
from localstack import install as localstack
from localstack import namespace
from say import Exit, Problem
from settings import LOCALSTACK, Settings, clean_environment


def up(settings: Settings) -> dict[str, str]:
    """Start cloud and world unless they run, deploy, and write `local.env`."""
    install(settings)
    with say.step(f"starting the local cloud ({settings.engine}) and the stand-in world"):
        services.start(settings)
    settings.variables_file.write_text(
        "".join(f"{key}={value}\n" for key, value in variables(settings).items())
    )
    with say.step("deploying template.yaml with sam deploy"):
        return deploy.deploy(settings)


def install(settings: Settings) -> None:
    """The tools that this engine takes; a cloud that runs already needs only what deploys."""
    if settings.engine == LOCALSTACK or settings.given:
        tools.install("deploy")
    else:
        tools.install("cloud", "deploy")
    if settings.engine == LOCALSTACK and not settings.given:
        localstack.install()


def down(settings: Settings) -> bool:
    """Stop everything; true if anything ran. Logs stay, as they tell what happened."""
    stopped = services.stop(settings)
    settings.variables_file.unlink(missing_ok=True)
    for folder in ("tmp", "fs"):
        shutil.rmtree(settings.state / folder, ignore_errors=True)
    return stopped


def variables(settings: Settings) -> dict[str, str]:
    """What a program needs to use the local cloud and the world beside it."""
    return settings.aws | {
        "FLOTILLA_STACK": settings.stack,
        "FLOTILLA_PARTNERS_URL": settings.partners_url,
        "FLOTILLA_WIRE_URL": settings.wire_url,
        "FLOTILLA_CLOUD_PID": str(services.cloud(settings).pid() or ""),
        "FLOTILLA_STATE": str(settings.state),
        "FLOTILLA_TEMPLATE": str(build.BUILT_TEMPLATE),
        "FLOTILLA_NEXT_TEMPLATE": str(next_release.LAYOUT / build.BUILT_TEMPLATE.name),
    }


def run(settings: Settings, command: list[str]) -> int:
    """Bring up a fresh cloud, run one command in it, stop everything, whatever happens."""
    install(settings)
    program, environment = _found(command)
    if settings.engine == LOCALSTACK and not settings.given:
        _retire(environment)
    with _alone(settings):
        try:
            # Left over from a run that could not clean up, if anything is.
            down(settings)
            up(settings)
            code = _call([program, *command[1:]], environment | variables(settings))
            if settings.wire_port:
                services.save_calls(settings)
            return code
        finally:
            with say.step("stopping the local cloud and the stand-in world"):
                down(settings)


def beside_cloud(settings: Settings, command: list[str], more: dict[str, str]) -> int:
    """Run one command beside a fresh ministack on which nothing is deployed."""
    tools.install("cloud")
    with _alone(settings):
        try:
            down(settings)
            with say.step("starting the local cloud and nothing else"):
                services.start_cloud(settings)
            return _call(command, clean_environment() | settings.aws | more)
        finally:
            with say.step("stopping the local cloud"):
                down(settings)


def _retire(environment: dict[str, str]) -> None:
    """Into a network of our own, because DynamoDB Local listens on every interface."""
    if namespace.enter():
        # There is nothing to be fetched from there.
        environment["CARGO_NET_OFFLINE"] = "true"
        return
    say.line(
        f"{say.bad('warning')}: this machine gives no network of its own to a command, so that "
        "DynamoDB Local is reachable from other machines while this runs"
    )


def _found(command: list[str]) -> tuple[str, dict[str, str]]:
    """The program to run and its environment, in which the project's own programs come first."""
    environment = clean_environment()
    programs = [str(build.binary("partners").parent), str(tools.TOOLS / "deploy" / "bin")]
    environment["PATH"] = os.pathsep.join([*programs, environment["PATH"]])
    # Looked up here, as Python would search its own PATH and not this one.
    program = shutil.which(command[0], path=environment["PATH"])
    if program is None:
        raise Problem(
            f"there is no program {command[0]}", "Name one that exists after --.", Exit.USAGE
        )
    return program, environment


def _call(command: list[str], environment: dict[str, str]) -> int:
    with subprocess.Popen(command, env=environment) as child:
        try:
            return child.wait()
        except BaseException:
            # A terminal sends Ctrl-C to the child as well: let it end in order first.
            child.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(timeout=10)
            child.kill()
            raise


@contextlib.contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Two runs of one name at a time would stop each other's servers."""
    settings.state.mkdir(parents=True, exist_ok=True)
    with (settings.state / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Problem(
                f"another {settings.name} is running in this checkout",
                "Wait until it has ended.",
                Exit.USAGE,
            ) from error
        yield

"""The servers: the local cloud (ministack or LocalStack), the stand-in world (partners), and the
wire proxy between the functions and the cloud where a run asks for it."""

from __future__ import annotations

import os
import urllib.error
import urllib.request

import build
import checks
import tools
from localstack import host
from process import Service
from settings import HOST, LOCALSTACK, REGION, Settings

# What a function may inherit from the shell that started the cloud: ministack hands
# its own environment on to every function, and a function must not depend on whose it was.
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "USER", "RUST_BACKTRACE")


def cloud(settings: Settings) -> Service:
    """The engine that was chosen."""
    return host.cloud(settings) if settings.engine == LOCALSTACK else _ministack(settings)


def _ministack(settings: Settings) -> Service:
    """On loopback only."""
    environment = {k: v for k, v in os.environ.items() if k in INHERITED}
    environment |= settings.aws | {
        # Its default is every interface.
        "BIND_HOST": HOST,
        # Where the functions go, which inherit it; ministack itself calls nobody.
        "AWS_ENDPOINT_URL": settings.wire_url or settings.endpoint,
        "GATEWAY_PORT": str(settings.port),
        # Queue URLs begin with this.
        "MINISTACK_HOST": HOST,
        "MINISTACK_REGION": REGION,
        "LOG_LEVEL": os.environ.get("FLOTILLA_CLOUD_LOG", "WARNING").upper(),
        # An idle environment stays, so that a quiet minute does not make the next event cold.
        "LAMBDA_WARM_TTL_SECONDS": "3600",
        # It unpacks functions here; the folder goes away with the cloud.
        "TMPDIR": str(settings.state / "tmp"),
        # Lambda sets this from the function's LoggingConfig; ministack does not.
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
        "PYTHONUNBUFFERED": "1",
    }
    return Service(
        name="cloud",
        command=lambda: [tools.program("cloud", "ministack")],
        environment=environment,
        state=settings.state,
        healthy=lambda: _answers(f"{settings.endpoint}/_ministack/health"),
    )


def world(settings: Settings) -> Service:
    """The stand-in for carriers and dispatch."""
    return Service(
        name="partners",
        command=lambda: [str(build.binary("partners")), "--port", str(settings.partners_port)],
        environment={k: v for k, v in os.environ.items() if k in (*INHERITED, "RUST_LOG")},
        state=settings.state,
        healthy=lambda: _answers(f"{settings.partners_url}/healthz"),
    )


def wire(settings: Settings) -> Service:
    """The proxy that sees every AWS call of the functions."""
    return Service(
        name="wire",
        command=lambda: [
            str(build.binary("wire")), "--port", str(settings.wire_port),
            "--cloud", settings.endpoint,
        ],
        environment={k: v for k, v in os.environ.items() if k in INHERITED},
        state=settings.state,
        healthy=lambda: _answers(f"{settings.wire_url}/_wire/faults"),
    )  # fmt: skip


def save_calls(settings: Settings) -> None:
    """Keep what the wire proxy has recorded, for whoever looks at it after the run."""
    with _direct().open(f"{settings.wire_url}/_wire/calls", timeout=30) as answer:
        settings.calls_file.write_bytes(answer.read())


def start(settings: Settings) -> None:
    """Start what does not run yet."""
    (settings.state / "tmp").mkdir(parents=True, exist_ok=True)
    if not settings.given:
        _start(cloud(settings), settings, settings.port, "FLOTILLA_PORT")
    _start(world(settings), settings, settings.partners_port, "FLOTILLA_PARTNERS_PORT")
    if settings.wire_port:
        _start(wire(settings), settings, settings.wire_port, "the wire proxy's port")


def start_cloud(settings: Settings) -> None:
    """Start the cloud and nothing beside it."""
    (settings.state / "tmp").mkdir(parents=True, exist_ok=True)
    _start(cloud(settings), settings, settings.port, "FLOTILLA_PORT")


def _start(service: Service, settings: Settings, port: int, variable: str) -> None:
    if service.pid() is not None:
        return
    # What an earlier one may have left in its session would hold its files and memory.
    service.stop()
    checks.port(port, variable)
    if settings.engine == LOCALSTACK and service.name == "cloud":
        host.prepare(settings)
    service.start()


def stop(settings: Settings) -> bool:
    """Stop everything; true if anything ran."""
    stopping = [cloud(settings), world(settings), wire(settings)]
    if settings.engine == LOCALSTACK:
        # After LocalStack, which would start it again.
        stopping.insert(1, host.database(settings))
    return any([service.stop() for service in stopping])


def _answers(url: str) -> bool:
    try:
        with _direct().open(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _direct() -> urllib.request.OpenerDirector:
    """A proxy of the user's would be asked for loopback addresses as well."""
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))

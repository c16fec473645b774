"""The Lambda Runtime API: what a `bootstrap` asks and answers over HTTP.

    GET  .../runtime/invocation/next           waits until there is an event
    POST .../runtime/invocation/ID/response    its answer
    POST .../runtime/invocation/ID/error       or that it failed
    POST .../runtime/init/error                it cannot even begin

It listens on loopback only. What a process tells it arrives as one of the
four classes below in the queue `told`; this module decides nothing about it.
"""

from __future__ import annotations

import queue
import sys
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from flotilla_executor.answers import Answer, Invocation, error

VERSION = "2018-06-01"
LIMIT = 6 * 1024 * 1024 + 100
"""Bytes of an answer that Lambda takes."""


@dataclass(frozen=True)
class Ready:
    """It asked for its first event."""


@dataclass(frozen=True)
class Answered:
    """It answered an event."""

    id: str
    answer: Answer


@dataclass(frozen=True)
class CannotBegin:
    """It reported an error of its initialisation."""

    payload: bytes


@dataclass(frozen=True)
class Exited:
    """It ended; put into the queue by whoever watches the process."""

    code: int


Told = Ready | Answered | CannotBegin | Exited


class RuntimeApi:
    """The server of one process; another process gets another."""

    def __init__(self, timeout: float) -> None:
        self.timeout = timeout
        self.told: queue.Queue[Told] = queue.Queue()
        self._events: queue.Queue[Invocation | None] = queue.Queue()
        self._lock = threading.Lock()
        self._working_on: str | None = None
        self._asked = False
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.api = self
        threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True, name="runtime-api"
        ).start()

    @property
    def address(self) -> str:
        """HOST:PORT, for AWS_LAMBDA_RUNTIME_API."""
        return f"127.0.0.1:{self._server.server_port}"

    def give(self, invocation: Invocation) -> None:
        """Give an event to whoever asks next."""
        self._events.put(invocation)

    def close(self) -> None:
        """Let a waiting process go, and listen no more."""
        self._events.put(None)
        self._server.shutdown()
        self._server.server_close()

    # What the handler calls.

    def next(self) -> Invocation | None:
        """The next event, as soon as there is one; None when the server closes."""
        with self._lock:
            first, self._asked = not self._asked, True
        if first:
            self.told.put(Ready())
        event = self._events.get()
        with self._lock:
            self._working_on = event.id if event else None
        return event

    def answered(self, request: str, answer: Answer) -> str | None:
        """Take an answer; returns what is wrong with it, if anything is."""
        with self._lock:
            if request != self._working_on:
                return "InvalidRequestID"
            self._working_on = None
        self.told.put(Answered(request, answer))
        return None

    def cannot_begin(self, payload: bytes) -> str | None:
        """Take an initialisation error; refused once the process has asked for an event."""
        with self._lock:
            if self._asked:
                return "InvalidStateTransition"
        self.told.put(CannotBegin(payload))
        return None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # Threads that wait for an event must not hold up the closing.
    block_on_close = False
    api: RuntimeApi

    def handle_error(self, request: object, client_address: object) -> None:
        """A process that was killed in the middle of a request is no news here."""
        if not isinstance(sys.exception(), (ConnectionError, ValueError)):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    # Head and body in one packet, at once: in two, each answer waits for an acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True

    def log_message(self, *_: object) -> None:
        """Every event would be three lines."""

    def do_GET(self) -> None:
        if self.path != f"/{VERSION}/runtime/invocation/next":
            return self._refuse(404, "NotFound")
        event = self.server.api.next()
        if event is None:
            self.close_connection = True
            return None
        # A moment since 1970, not a duration: code that asks for the time left subtracts.
        deadline = int((time.time() + self.server.api.timeout) * 1000)
        return self._send(
            200,
            event.payload,
            {
                "Lambda-Runtime-Aws-Request-Id": event.id,
                "Lambda-Runtime-Deadline-Ms": str(deadline),
                "Lambda-Runtime-Invoked-Function-Arn": event.function_arn,
                "Lambda-Runtime-Trace-Id": event.trace,
            },
        )

    def do_POST(self) -> None:
        body = self._body()
        match self.path.strip("/").split("/"):
            case [version, "runtime", "init", "error"] if version == VERSION:
                wrong = self.server.api.cannot_begin(body)
            case [version, "runtime", "invocation", request, ("response" | "error") as how] if (
                version == VERSION
            ):
                if len(body) > LIMIT:
                    return self._too_large(request, len(body))
                wrong = self.server.api.answered(request, Answer(body, how == "error"))
            case _:
                return self._refuse(404, "NotFound")
        return self._refuse(400, wrong) if wrong else self._send(202, b'{"status":"OK"}')

    def _too_large(self, request: str, size: int) -> None:
        said = f"Response payload size ({size} bytes) exceeded maximum allowed ({LIMIT} bytes)."
        answer = Answer(error("Function.ResponseSizeTooLarge", said), is_error=True)
        self.server.api.answered(request, answer)
        self._refuse(413, "RequestEntityTooLarge")

    def _refuse(self, status: int, kind: str) -> None:
        self._send(status, error(kind, kind))

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", "").lower():
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = bytearray()
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        # Trailers, up to the empty line.
        while self.rfile.readline().strip():
            pass
        return bytes(body)


"""LocalStack's side: its executor interface on top of one `Environment`.

LocalStack decides when an environment starts, is reused, and stops; this
only translates.
"""

from __future__ import annotations

import time
from pathlib import Path

from localstack import config
from localstack.services.lambda_.invocation.executor_endpoint import StatusErrorException
from localstack.services.lambda_.invocation.lambda_models import (
    FunctionVersion,
    InvocationResult,
)
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor

from flotilla_executor.answers import Answer, InitFailed, Invocation
from flotilla_executor.environment import Environment
from flotilla_executor.report import Report

HOST = "127.0.0.1"
PATH = "/usr/local/bin:/usr/bin:/bin"


class ProcessExecutor(RuntimeExecutor):
    """One execution environment of one version of a function."""

    def __init__(self, id: str, function_version: FunctionVersion) -> None:
        super().__init__(id, function_version)
        self._environment: Environment | None = None
        self._cold = True

    def start(self, env_vars: dict[str, object]) -> None:
        """Start the process with exactly these variables; it inherits none of LocalStack's."""
        variables = {"PATH": PATH} | {k: str(v) for k, v in env_vars.items() if v is not None}
        settings = self.function_version.config
        assert settings.code is not None
        self._environment = Environment(
            Path(settings.code.get_unzipped_code_location()), variables, float(settings.timeout)
        )
        try:
            self._environment.start()
        except InitFailed as failed:
            raise StatusErrorException("init failed", payload=failed.payload) from failed

    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        """Carry out one invocation, and put Lambda's lines around what was printed."""
        assert self._environment is not None
        invocation = Invocation(
            id=payload["invoke-id"],
            payload=payload["payload"].encode(),
            function_arn=payload["invoked-function-arn"],
            trace=payload.get("trace-id") or "",
        )
        began = time.monotonic()
        try:
            answer = self._environment.invoke(invocation)
        except InitFailed as failed:
            # After a crash the next process cannot even begin: LocalStack drops the environment.
            raise StatusErrorException("init failed", payload=failed.payload) from failed
        return InvocationResult(
            request_id=invocation.id,
            payload=answer.payload,
            is_error=answer.is_error,
            logs=self._log(invocation.id, answer, time.monotonic() - began),
        )

    def _log(self, request: str, answer: Answer, seconds: float) -> str:
        assert self._environment is not None
        settings = self.function_version.config
        report = Report(
            request=request,
            version=self.function_version.id.qualifier,
            memory_mb=settings.memory_size,
            seconds=seconds,
            init_seconds=self._environment.init_seconds if self._cold else 0.0,
            failed=answer.is_error,
        )
        self._cold = False
        as_json = (settings.logging_config or {}).get("LogFormat") == "JSON"
        printed = self._environment.printed()
        if answer.is_error and self._environment.pid is None:
            # Killed or crashed: what Lambda says about it stands in the log as well.
            printed += answer.payload.decode(errors="replace") + "\n"
        return report.around(printed, as_json)

    def stop(self) -> None:
        """End the process, whatever it does."""
        if self._environment is not None:
            self._environment.stop()

    def get_logs(self) -> str:
        """What was printed and belongs to no invocation, such as a failed initialisation's."""
        return self._environment.printed() if self._environment else ""

    def get_address(self) -> str:
        """Where the environment is, for LocalStack."""
        return HOST

    def get_endpoint_from_executor(self) -> str:
        """Where LocalStack is, for the environment."""
        return HOST

    def get_runtime_endpoint(self) -> str:
        """Where LocalStack's own init process would report; nothing here does."""
        return f"http://{HOST}:{config.GATEWAY_LISTEN[0].port}/_localstack_lambda/{self.id}"

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        """Unpack the zip."""
        if function_version.config.code:
            function_version.config.code.prepare_for_execution()

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        """Versions of the same code share the unpacked folder; it goes away with the cloud."""

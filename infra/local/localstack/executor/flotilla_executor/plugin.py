"""What LocalStack loads for LAMBDA_RUNTIME_EXECUTOR=process."""

from __future__ import annotations

from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin


class ProcessExecutorPlugin(RuntimeExecutorPlugin):
    """Leads to the executor; imported late, as LocalStack looks at every plugin it finds."""

    name = "process"

    def load(self, *args: object, **kwargs: object) -> type:
        """The executor's class."""
        from flotilla_executor import corrections
        from flotilla_executor.executor import ProcessExecutor

        corrections.apply()
        return ProcessExecutor

"""Names of executions that were started without one, such as nested ones."""

from __future__ import annotations

import datetime
import uuid
from typing import Any, Final

from sfn_fragments_local.moto_gaps.patching import load, replace

_StepFunctionsParserBackend: Final = load("models:StepFunctionsParserBackend")
_Execution: Final = load("backend.execution:Execution")

_start_execution: Final = _StepFunctionsParserBackend.start_execution
_get_start_execution_details: Final = _Execution.get_start_execution_details


def _start_named_execution(
    self: Any,
    state_machine_arn: str,
    name: str | None = None,
    execution_input: str | None = None,
    trace_header: str | None = None,
) -> Any:
    return _start_execution(
        self,
        state_machine_arn,
        name or str(uuid.uuid4()),
        execution_input,
        trace_header,
    )


def _execution_details(self: Any) -> Any:
    details = _get_start_execution_details(self)
    start: datetime.datetime = details.start_time
    # The context object is JSON, so that $$.Execution.StartTime is text.
    details.start_time = (
        start.astimezone(datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    )
    return details


def close() -> None:
    """Give each execution a name, and its start time as text."""
    replace(_StepFunctionsParserBackend, "start_execution", _start_named_execution)
    replace(_Execution, "get_start_execution_details", _execution_details)

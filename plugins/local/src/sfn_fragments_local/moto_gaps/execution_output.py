"""The output of an execution: JSON whatever its type, and there once the status says so."""

from __future__ import annotations

import datetime
from typing import Any, Final

from sfn_fragments_local.moto_gaps.patching import load, replace

_Communication: Final = load("backend.execution:BaseExecutionWorkerCommunication")
_SyncExecution: Final = load("backend.execution:SyncExecution")
_ExecutionStatus: Final = load("api:ExecutionStatus")
_program_state: Final = load("asl.eval.program_state")
_to_json_str: Final = load("asl.utils.encoding:to_json_str")

_reflect: Final = _Communication._reflect_execution_status


def _reflect_status(self: Any) -> None:
    execution = self.execution
    state = execution.exec_worker.env.program_state()
    if isinstance(execution, _SyncExecution) or not isinstance(
        state, _program_state.ProgramEnded | _program_state.ProgramError
    ):
        _reflect(self)
        return
    execution.stop_date = datetime.datetime.now(tz=datetime.UTC)
    # The status comes last: whoever polls it reads the rest as soon as it has changed.
    if isinstance(state, _program_state.ProgramEnded):
        # moto's API hands text out as it is, and leaves null out.
        output = execution.exec_worker.env.states.get_input()
        execution.output = _to_json_str(output, separators=(",", ":"))
        execution.exec_status = _ExecutionStatus.SUCCEEDED
    else:
        error = state.error or {}
        execution.error = error.get("error")
        execution.cause = error.get("cause")
        execution.exec_status = _ExecutionStatus.FAILED


def close() -> None:
    """Show the output as JSON, and never a status without it."""
    replace(_Communication, "_reflect_execution_status", _reflect_status)

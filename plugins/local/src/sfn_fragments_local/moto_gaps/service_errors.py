"""Names of the errors of calls to Lambda functions by ARN, and to Step Functions itself."""

from __future__ import annotations

from typing import Any, Final

from botocore.exceptions import ClientError

from sfn_fragments_local.moto_gaps.failures import named_error
from sfn_fragments_local.moto_gaps.patching import load, replace

_TASK: Final = "asl.component.state.exec.state_task."
_StateTaskLambda: Final = load(_TASK + "state_task_lambda:StateTaskLambda")
_StateTaskServiceSfn: Final = load(_TASK + "service.state_task_service_sfn:StateTaskServiceSfn")

_from_function: Final = _StateTaskLambda._from_error
_from_step_functions: Final = _StateTaskServiceSfn._from_error


def _renamed(event: Any, name: str) -> Any:
    event.error_name = named_error(name)
    for details in event.event_details.values():
        details["error"] = name
    return event


def _function_error(self: Any, env: Any, ex: Exception) -> Any:
    event = _from_function(self, env, ex)
    if isinstance(ex, ClientError):
        return _renamed(event, f"Lambda.{ex.response['Error']['Code']}")
    return event


def _step_functions_error(self: Any, env: Any, ex: Exception) -> Any:
    event = _from_step_functions(self, env, ex)
    # Most codes of this API lack the ending that their exception has; some have it already.
    if isinstance(ex, ClientError) and ex.response["Error"]["Code"].endswith("Exception"):
        return _renamed(event, f"StepFunctions.{ex.response['Error']['Code']}")
    return event


def close() -> None:
    """Name an error of the Lambda service after its code, and end no name twice alike."""
    replace(_StateTaskLambda, "_from_error", _function_error)
    replace(_StateTaskServiceSfn, "_from_error", _step_functions_error)

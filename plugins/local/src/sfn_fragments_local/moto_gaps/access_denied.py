"""Names of the errors of integrations whose service refuses the caller.

For optimized integrations, Step Functions uses version 1 of AWS's Java SDK, which has no class for
a refused caller, so that the error has the name of the service's base class: as in
``Lambda.AWSLambdaException`` of awslabs/aws-deployment-framework#460, and in
``Batch.AWSBatchException`` for another error without a class in ASFHyP3/hyp3#911. SDK integrations
use version 2, where the class must be one of the called operation's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from sfn_fragments_local.moto_gaps.failures import named_error
from sfn_fragments_local.moto_gaps.patching import load, replace
from sfn_fragments_local.moto_gaps.sdk_parameters import operation_of

if TYPE_CHECKING:
    from collections.abc import Callable

_TASKS: Final = "asl.component.state.exec.state_task."
_AwsSdk: Final = load(_TASKS + "service.state_task_service_aws_sdk:StateTaskServiceAwsSdk")
_OPTIMIZED: Final = (
    (
        load(_TASKS + "service.state_task_service_batch:StateTaskServiceBatch"),
        "Batch.AWSBatchException",
    ),
    (
        load(_TASKS + "service.state_task_service_lambda:StateTaskServiceLambda"),
        "Lambda.AWSLambdaException",
    ),
    (load(_TASKS + "state_task_lambda:StateTaskLambda"), "Lambda.AWSLambdaException"),
    (
        load(_TASKS + "service.state_task_service_sfn:StateTaskServiceSfn"),
        "StepFunctions.AWSStepFunctionsException",
    ),
)
_CODES: Final = ("AccessDenied", "AccessDeniedException")


def _sdk_name(task: Any, code: str) -> str | None:
    operation = operation_of(task, None, None)
    if operation is None or code in {shape.name for shape in operation.error_shapes}:
        return None
    service = task._normalise_service_error_name(task.resource.api_name)
    return f"{service}.{service}Exception"


def _always(name: str) -> Callable[[Any, str], str]:
    return lambda _task, _code: name


def _rename(task_class: Any, name_of: Callable[[Any, str], str | None]) -> None:
    from_error = task_class._from_error

    def from_access_denied(self: Any, env: Any, ex: Exception) -> Any:
        event = from_error(self, env, ex)
        code = ex.response["Error"]["Code"] if isinstance(ex, ClientError) else ""
        name = name_of(self, code) if code in _CODES else None
        if name is not None:
            event.error_name = named_error(name)
            for details in event.event_details.values():
                details["error"] = name
        return event

    replace(task_class, "_from_error", from_access_denied)


def close() -> None:
    """Name the error of a refused call as AWS does."""
    _rename(_AwsSdk, _sdk_name)
    for task_class, name in _OPTIMIZED:
        _rename(task_class, _always(name))

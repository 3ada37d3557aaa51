"""Which state makes a service call, and what answers it in place of the service.

moto's clients say nothing of the state that uses them. Here each call of a state, of the reader
and the writer of a distributed Map, and of the polling of ``.sync`` tasks is shown to the
interceptors before it is sent; what other processes call, such as jobs, is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from botocore.awsrequest import AWSResponse

from sfn_fragments_local.moto_gaps.patching import load, replace

_EXEC: Final = "asl.component.state.exec."
_StateTaskService: Final = load(_EXEC + "state_task.service.state_task_service:StateTaskService")
_StateTaskLambda: Final = load(_EXEC + "state_task.state_task_lambda:StateTaskLambda")
_StateMap: Final = load(_EXEC + "state_map.state_map:StateMap")

#: moto's environment of the state that runs in this thread; a state's work has its own thread.
_environment: Final[ContextVar[Any]] = ContextVar("environment", default=None)


@dataclass(frozen=True)
class ServiceCall:
    """A service call that a state is about to make.

    Attributes:
        service: The service as boto3 names it, such as ``stepfunctions``.
        action: The action as the API names it, such as ``StartExecution``.
        parameters: The request, as botocore is about to send it.
        arguments: What the state asks for, in the API's own names.
        state: Name of the state.
        environment: moto's environment of the state; its ``aws_execution_details`` hold the role.
    """

    service: str
    action: str
    parameters: Mapping[str, Any]
    arguments: Mapping[str, Any]
    state: str
    environment: Any


@dataclass(frozen=True)
class ErrorResponse:
    """An error that a service answers.

    Attributes:
        code: The API's error code, such as ``TooManyRequestsException``.
        message: What it says.
        status: The HTTP status.
    """

    code: str
    message: str
    status: int = HTTPStatus.BAD_REQUEST


#: The key of a call's arguments in botocore's notes about it.
_ARGUMENTS: Final = "sfn_fragments_arguments"

#: Returns None to let a call pass, or the error that answers it; what it raises is the state's.
Interceptor = Callable[[ServiceCall], ErrorResponse | None]

_interceptors: Final[list[Interceptor]] = []


@contextmanager
def intercepted_by(interceptor: Interceptor) -> Iterator[None]:
    """Show every call of a state to an interceptor for the length of the ``with`` block.

    Args:
        interceptor: Asked before each call; the first error of several wins. Calls come from the
            threads of the states.

    Yields:
        Nothing.
    """
    _interceptors.append(interceptor)
    try:
        yield
    finally:
        _interceptors.remove(interceptor)


def remember_arguments(params: Mapping[str, Any], context: dict[str, Any], **_: Any) -> None:
    """Botocore's event ``before-parameter-build`` of the states' clients.

    Args:
        params: The call's arguments, which the request shows no more.
        context: botocore's own notes about the call.
    """
    context[_ARGUMENTS] = params


def before_call(
    model: Any,
    params: Mapping[str, Any],
    context: Mapping[str, Any],
    **_: Any,
) -> tuple[AWSResponse, dict[str, Any]] | None:
    """Botocore's event ``before-call`` of the states' clients.

    Args:
        model: botocore's model of the operation.
        params: The request.
        context: botocore's own notes about the call.

    Returns:
        The response that takes the place of the service's, or None to send the request.
    """
    environment = _environment.get()
    if environment is None:
        return None
    call = ServiceCall(
        service=model.service_model.service_name,
        action=model.name,
        parameters=params,
        arguments=context[_ARGUMENTS],
        state=environment.states.context_object.context_object_data["State"]["Name"],
        environment=environment,
    )
    for interceptor in _interceptors:
        answer = interceptor(call)
        if answer is not None:
            parsed = {
                "Error": {"Code": answer.code, "Message": answer.message},
                "ResponseMetadata": {
                    "HTTPStatusCode": int(answer.status),
                    "HTTPHeaders": {},
                    "RequestId": "00000000-0000-0000-0000-000000000000",
                    "RetryAttempts": 0,
                },
            }
            return AWSResponse(params["url"], int(answer.status), {}, None), parsed
    return None


def _known_while_it_runs(state_class: Any) -> None:
    """Let calls in the thread of a state of this class know the state."""
    evaluate = state_class._eval_execution

    def eval_execution(self: Any, env: Any) -> None:
        token = _environment.set(env)
        try:
            evaluate(self, env)
        finally:
            _environment.reset(token)

    replace(state_class, "_eval_execution", eval_execution)


def close() -> None:
    """Tell each call which state makes it."""
    for state_class in (_StateTaskService, _StateTaskLambda, _StateMap):
        _known_while_it_runs(state_class)

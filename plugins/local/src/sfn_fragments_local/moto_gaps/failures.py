"""Errors of a state as moto's interpreter passes them on."""

from __future__ import annotations

from typing import Any, Final

from sfn_fragments_local.moto_gaps.patching import load

_api: Final = load("api")
_ErrorName: Final = load("asl.component.common.error_name.error_name:ErrorName")
_StatesErrorName: Final = load("asl.component.common.error_name.states_error_name:StatesErrorName")
_FailureEvent: Final = load("asl.component.common.error_name.failure_event:FailureEvent")
_FailureEventException: Final = load(
    "asl.component.common.error_name.failure_event:FailureEventException"
)


def named_error(name: str | None = None, *, error_name: str | None = None) -> Any:
    """Return moto's object for the name of an error, reserved (``States.``) or not.

    Args:
        name: The name of the error.
        error_name: The same, for moto's own calls, which pass it by this keyword.
    """
    given = name if name is not None else error_name
    if given is not None and given.startswith("States."):
        try:
            return _StatesErrorName.from_name(given)
        except ValueError:
            # A Fail state may carry a name that AWS reserves and moto does not know.
            return _ErrorName(error_name=given)
    return _ErrorName(error_name=given)


def task_failure(
    env: Any,
    error: str,
    cause: str,
    **details: str,
) -> Exception:
    """Return the exception by which a state fails with an error and a cause.

    Args:
        env: The environment of the state.
        error: The name of the error.
        cause: The text of its cause.
        **details: More fields of the history event, such as ``resource``.
    """
    event = _FailureEvent(
        env=env,
        error_name=named_error(error),
        event_type=_api.HistoryEventType.TaskFailed,
        event_details={"taskFailedEventDetails": {"error": error, "cause": cause, **details}},
    )
    exception: Exception = _FailureEventException(failure_event=event)
    return exception


def evaluation_failure(env: Any, cause: str, location: str | None) -> Exception:
    """Return the exception of a JSONata expression that failed.

    Args:
        env: The environment of the state.
        cause: The text of its cause.
        location: The field that holds the expression.
    """
    error = "States.QueryEvaluationError"
    details = {"error": error, "cause": cause}
    if location:
        details["location"] = location
    event = _FailureEvent(
        env=env,
        error_name=named_error(error),
        event_type=_api.HistoryEventType.EvaluationFailed,
        event_details={"evaluationFailedEventDetails": details},
    )
    exception: Exception = _FailureEventException(failure_event=event)
    return exception

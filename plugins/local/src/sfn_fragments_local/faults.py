"""Faults of services, injected into the calls that states make."""

from __future__ import annotations

import re
from functools import cache
from http import HTTPStatus
from threading import Lock
from typing import TYPE_CHECKING, Final, Self

import botocore.session

from sfn_fragments.errors import InvalidParametersError, InvalidValue
from sfn_fragments_asl.near_names import near_names
from sfn_fragments_local.moto_gaps.calls import ErrorResponse
from sfn_fragments_local.moto_gaps.failures import task_failure

if TYPE_CHECKING:
    from collections.abc import Collection
    from types import TracebackType

    from botocore.model import ServiceModel

    from sfn_fragments_local.moto_gaps.calls import ServiceCall

_CODE = re.compile(r"[A-Za-z0-9]+")
_FULL_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(\.[A-Za-z0-9]+)+")

#: Services that IAM or the SDK integrations name otherwise than boto3.
_SERVICES: Final = {
    "cloudwatchlogs": "logs",
    "elasticfilesystem": "efs",
    "eventbridge": "events",
    "sfn": "stepfunctions",
    "states": "stepfunctions",
}
#: IAM actions that other API actions stand behind.
_ACTIONS: Final = {
    ("lambda", "InvokeFunction"): frozenset({"Invoke"}),
    ("s3", "ListBucket"): frozenset({"ListObjects", "ListObjectsV2"}),
}
#: HTTP statuses of codes that the services' models do not have.
_STATUSES: Final = {
    "AccessDenied": HTTPStatus.FORBIDDEN,
    "AccessDeniedException": HTTPStatus.FORBIDDEN,
    "InternalError": HTTPStatus.INTERNAL_SERVER_ERROR,
    "ServiceUnavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "SlowDown": HTTPStatus.SERVICE_UNAVAILABLE,
    "TooManyRequestsException": HTTPStatus.TOO_MANY_REQUESTS,
}


class Fault:
    """A fault that an engine injects; made by `Engine.fail`, and a context manager.

    Leaving the ``with`` block withdraws it.

    Attributes:
        call: The call as it was given, such as ``batch:SubmitJob``.
        error: The error as it was given.
        times: How many calls fail; None for all.
        state: Name of the state whose calls fail; None for all states.
    """

    def __init__(
        self,
        call: str,
        error: str,
        times: int | None,
        state: str | None,
        message: str | None,
        known_states: Collection[str] = (),
    ) -> None:
        problems = [
            *_wrong_call(call),
            *_wrong_error(error),
            *_wrong_times(times),
            *_wrong_state(state, known_states),
            *_wrong_message(message),
        ]
        if problems:
            raise InvalidParametersError("fail", problems)
        self.call = call
        self.error = error
        self.times = times
        self.state = state
        self._message = message or f"{call} fails with {error}, as asked for by Engine.fail"
        self._service, self._actions = _operations(call)
        self._lock = Lock()
        self._failed = 0
        self._withdrawn = False

    def __repr__(self) -> str:
        return f"Fault({self.call!r}, {self.error!r}, times={self.times}, failed={self.failed})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Withdraw it."""
        self.withdraw()

    @property
    def failed(self) -> int:
        """How many calls it has failed so far."""
        return self._failed

    @property
    def used_up(self) -> bool:
        """Whether it has failed as many calls as it was to fail; never so for all calls."""
        return self._failed == self.times

    def withdraw(self) -> None:
        """Fail no more calls; `failed` stays."""
        with self._lock:
            self._withdrawn = True

    def takes(self, call: ServiceCall) -> bool:
        """Whether this call is to fail by it; if so, it is counted.

        Args:
            call: The call that a state is about to make.
        """
        if call.service != self._service or call.action not in self._actions:
            return False
        if self.state is not None and call.state != self.state:
            return False
        with self._lock:
            if self._withdrawn or self.used_up:
                return False
            self._failed += 1
            return True

    def answer(self, call: ServiceCall) -> ErrorResponse:
        """What the service answers.

        Args:
            call: The call.

        Raises:
            Exception: The error has its full name, so that the state fails with it as it is.
        """
        if "." in self.error:
            raise task_failure(call.environment, self.error, self._message)
        return ErrorResponse(self.error, self._message, _status(self._service, self.error))


class Faults:
    """The faults of one engine; those made first are used up first."""

    def __init__(self) -> None:
        """None yet."""
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        """Inject a fault from now on."""
        self._faults.append(fault)
        return fault

    def __call__(self, call: ServiceCall) -> ErrorResponse | None:
        """The error of a call, if it is to fail; see `moto_gaps.calls`."""
        for fault in list(self._faults):
            if fault.takes(call):
                return fault.answer(call)
        return None


@cache
def _session() -> botocore.session.Session:
    return botocore.session.get_session()


@cache
def _model(service: str) -> ServiceModel:
    return _session().get_service_model(service)


def _operations(call: str) -> tuple[str, frozenset[str]]:
    """The service as boto3 names it, and the API actions that a call stands for."""
    given, _, action = call.partition(":")
    # As in the ARNs of tasks: batch:submitJob.
    given, action = given.lower(), action[:1].upper() + action[1:]
    service = _SERVICES.get(given, given)
    return service, _ACTIONS.get((service, action), frozenset({action}))


def _wrong_call(call: object) -> list[InvalidValue]:
    given, colon, action = call.partition(":") if isinstance(call, str) else ("", "", "")
    if not (isinstance(call, str) and given and colon and action):
        return [InvalidValue("call", call, "give '<service>:<Action>', such as 'batch:SubmitJob'")]
    service, actions = _operations(call)
    services = [*_session().get_available_services(), *_SERVICES]
    if service not in services:
        near = near_names(given.lower(), services)
        remedy = f"there is no such service{_did_you_mean(near)}"
        return [InvalidValue("call", call, remedy)]
    known = _model(service).operation_names
    if not actions <= set(known):
        near = [f"{given}:{name}" for name in near_names(action, known)]
        remedy = f"{given} has no such action{_did_you_mean(near)}"
        return [InvalidValue("call", call, remedy)]
    return []


def _did_you_mean(names: list[str]) -> str:
    return f"; did you mean {' or '.join(map(repr, names))}?" if names else ""


def _wrong_error(error: object) -> list[InvalidValue]:
    if isinstance(error, str) and (_CODE.fullmatch(error) or _FULL_NAME.fullmatch(error)):
        return []
    remedy = (
        "give the API's error code, such as 'TooManyRequestsException', or the full name that a "
        "state reports, such as 'Batch.AWSBatchException'"
    )
    return [InvalidValue("error", error, remedy)]


def _wrong_times(times: object) -> list[InvalidValue]:
    # A bool is an int, and as a number a mistake.
    if times is None or (isinstance(times, int) and not isinstance(times, bool) and times >= 1):
        return []
    remedy = "give at least 1, as a whole number, or None for all calls"
    return [InvalidValue("times", times, remedy)]


def _wrong_state(state: object, known: Collection[str]) -> list[InvalidValue]:
    if state is None:
        return []
    if not isinstance(state, str) or not state:
        return [InvalidValue("state", state, "give the name of a state, or None for all states")]
    if not known or state in known:
        return []
    near = near_names(state, known)
    remedy = f"no deployed state machine has such a state{_did_you_mean(near)}"
    return [InvalidValue("state", state, remedy)]


def _wrong_message(message: object) -> list[InvalidValue]:
    if message is None or isinstance(message, str):
        return []
    return [InvalidValue("message", message, "give a text, or None for one that names the call")]


def _status(service: str, code: str) -> int:
    if code in _STATUSES:
        return _STATUSES[code]
    shape = _model(service).shape_for_error_code(code)
    modelled = {} if shape is None else shape.metadata.get("error", {})
    return int(modelled.get("httpStatusCode", HTTPStatus.BAD_REQUEST))

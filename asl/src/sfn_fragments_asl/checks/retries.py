"""Service calls that give up at the first throttling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.checks.check import Check, CheckedDefinition, Finding
from sfn_fragments_asl.model.json_data import objects
from sfn_fragments_asl.model.transient_errors import missing_retries, transient_errors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfn_fragments_asl.model.machine import State

#: Errors that every failure of a call is.
_ANY_FAILURE = frozenset({"States.ALL", "States.TaskFailed"})


def _service(state: State) -> str:
    if state.call is not None:
        return state.call.service
    # A function's ARN is a resource too; an activity, which is the other kind, calls no service.
    return "lambda" if ":function:" in state.resource else ""


def _retried(state: State) -> set[str]:
    return {
        error
        for retrier in objects(state.fields.get("Retry"))
        if retrier.get("MaxAttempts") != 0
        for error in (retrier["ErrorEquals"] if _is_list(retrier.get("ErrorEquals")) else [])
        if isinstance(error, str)
    }


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _missing_retries(checked: CheckedDefinition) -> Iterator[Finding]:
    for state in checked.states():
        service = _service(state)
        retried = _retried(state)
        around = (_retried(parent) for parent in state.machine.parents())
        if not service or _ANY_FAILURE & retried.union(*around):
            continue
        sdk = state.call is not None and state.call.sdk
        transient = transient_errors(service, sdk=sdk)
        if transient is None:
            # Which names the service has is not known here; any of its own shows the intent.
            prefix = service.replace("-", "")
            if not any(
                error.lower().startswith((f"{prefix}.", "states.http")) for error in retried
            ):
                yield Finding(
                    state.name,
                    f"it calls {service} and retries none of its errors",
                    "add a retrier for the service's throttling and server errors",
                )
        elif missing := missing_retries(service, retried, sdk=sdk):
            says = "retries no transient error" if len(missing) == len(transient) else "retries not"
            listed = "" if len(missing) == len(transient) else f" {', '.join(missing)}"
            yield Finding(
                state.name,
                f"it calls {service} and {says}{listed}",
                f"retry {', '.join(missing)}, with JitterStrategy FULL",
            )


RETRY_CHECKS = (
    Check(
        "asl.missing-retry",
        "advice",
        "Throttling and server errors pass within seconds; without a retry each of them fails the "
        "execution. They come under several names.",
        _missing_retries,
        what="A service call does not retry the transient errors that its integration raises.",
        remedy="add a retrier with these names, backoff and jitter",
    ),
)

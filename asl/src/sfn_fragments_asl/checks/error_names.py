"""Names of errors that Step Functions itself raises.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sfn_fragments_asl.checks.check import Check, CheckedDefinition, Finding
from sfn_fragments_asl.model.json_data import below, is_marked, objects
from sfn_fragments_asl.near_names import near_names

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Errors of Step Functions itself; names of services and of users' own begin otherwise.
KNOWN_ERRORS = frozenset(
    {
        "States.ALL",
        "States.BranchFailed",
        "States.DataLimitExceeded",
        "States.ExceedToleratedFailureThreshold",
        "States.HeartbeatTimeout",
        "States.Http.Socket",
        "States.IntrinsicFailure",
        "States.ItemReaderFailed",
        "States.NoChoiceMatched",
        "States.ParameterPathFailure",
        "States.Permissions",
        "States.QueryEvaluationError",
        "States.ResultPathMatchFailure",
        "States.ResultWriterFailed",
        "States.Runtime",
        "States.TaskFailed",
        "States.Timeout",
    }
)
_STATUS = re.compile(r"States\.Http\.StatusCode\.\d{3}")


def _unknown(checked: CheckedDefinition) -> Iterator[Finding]:
    # Those that a state of its own fails with are there, whatever they are called.
    fails = (state for state in checked.states() if state.type == "Fail")
    raised = {error for state in fails if isinstance(error := state.fields.get("Error"), str)}
    for state in checked.states():
        for handler in ("Retry", "Catch"):
            for index, one in enumerate(objects(state.fields.get(handler))):
                errors = one.get("ErrorEquals")
                for at, error in enumerate(errors if isinstance(errors, list) else []):
                    if _is_unknown(error) and error not in raised:
                        near = near_names(error, KNOWN_ERRORS)
                        yield Finding(
                            state.name,
                            f"{handler}[{index}] names {error}, which is no error",
                            f"did you mean {near[0]}?" if near else "",
                            below(state.pointer, handler, index, "ErrorEquals", at),
                        )


def _is_unknown(error: object) -> bool:
    if not isinstance(error, str) or is_marked(error) or error in KNOWN_ERRORS:
        return False
    return error.lower().startswith("states.") and not _STATUS.fullmatch(error)


ERROR_NAME_CHECKS = (
    Check(
        "asl.error-name",
        "warning",
        "AWS creates the state machine, and the retrier or catcher never applies: names that "
        "begin with States. are reserved.",
        _unknown,
        what="A retrier or a catcher names an error of States.* that does not exist.",
        remedy="name an error that Step Functions raises, such as States.TaskFailed",
    ),
)

"""Names of errors: those that begin with ``States.``, and what retriers and catchers match."""

from __future__ import annotations

from typing import Any, Final

from sfn_fragments_local.moto_gaps.failures import named_error, task_failure
from sfn_fragments_local.moto_gaps.patching import load, replace

_ErrorEqualsDecl: Final = load("asl.component.common.error_name.error_equals_decl:ErrorEqualsDecl")
_StateChoice: Final = load("asl.component.state.choice.state_choice:StateChoice")
# Each of these names an error that a state reports, which may well begin with "States.".
_REPORTING_MODULES: Final = (
    load("asl.component.state.fail.state_fail"),
    load("asl.component.state.exec.state_parallel.branches_decl"),
    load("asl.component.state.exec.state_map.iteration.iteration_worker"),
    load("asl.component.state.exec.state_task.service.state_task_service_callback"),
)
_NEVER_CAUGHT_BY_ALL: Final = {"States.Runtime", "States.DataLimitExceeded"}

_eval_choice: Final = _StateChoice._eval_state


def _matches(self: Any, env: Any) -> None:
    reported = env.stack.pop()
    name = reported.error_name if reported is not None else None
    listed = {declared.error_name for declared in self.error_names}
    env.stack.append(
        name in listed
        or ("States.ALL" in listed and name not in _NEVER_CAUGHT_BY_ALL)
        or (
            "States.TaskFailed" in listed
            and name not in _NEVER_CAUGHT_BY_ALL
            and name != "States.Timeout"
        )
    )


def _eval_choice_state(self: Any, env: Any) -> None:
    try:
        _eval_choice(self, env)
    except RuntimeError as error:
        if error.args and str(error.args[0]).startswith("No branching option"):
            raise task_failure(
                env, "States.NoChoiceMatched", f"No choice rule of the state '{self.name}' matched"
            ) from error
        raise


def close() -> None:
    """Let any state fail with any error, and match errors by their names."""
    for module in _REPORTING_MODULES:
        replace(module, "CustomErrorName", named_error)
    replace(_ErrorEqualsDecl, "_eval_body", _matches)
    replace(_StateChoice, "_eval_state", _eval_choice_state)

"""Redriving an execution that did not succeed, which moto cannot.

It goes on with the state that failed, with the input and the variables that this state had:
https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
A Parallel or Map state begins anew as a whole, where AWS runs what failed of it alone.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Thread
from typing import TYPE_CHECKING, Any, Final

from moto.core.exceptions import AWSError

from sfn_fragments_local.moto_gaps.patching import load

if TYPE_CHECKING:
    from collections.abc import Mapping

_ActionResult: Final = load("/moto.core.responses:ActionResult")
_Response: Final = load("/moto.stepfunctions.responses:StepFunctionResponse")
_Status: Final = load("api:ExecutionStatus")
_EventType: Final = load("api:HistoryEventType")
_StartAt: Final = load("asl.component.common.flow.start_at:StartAt")
_Context: Final = load("asl.eval.event.event_manager:EventHistoryContext")
_threads: Final = load("utils:TMP_THREADS")

#: Statuses of executions that can be redriven.
_REDRIVABLE = (_Status.FAILED, _Status.TIMED_OUT, _Status.ABORTED)


class NotRedrivableError(AWSError):
    """The execution cannot be redriven."""

    TYPE = "ExecutionNotRedrivable"
    STATUS = 400


@dataclass(frozen=True)
class Unfinished:
    """Where an execution ended that did not succeed.

    Attributes:
        state: The state that it was in.
        input: The input of that state.
        variables: The variables of the workflow.
        redrives: How often it was redriven before.
    """

    state: str
    input: Any
    variables: Mapping[str, Any]
    redrives: int

    @classmethod
    def of(cls, environment: Any) -> Unfinished | None:
        """What is to be kept of the inside of an execution that has ended.

        Args:
            environment: moto's environment of it.
        """
        context = environment.states.context_object.context_object_data
        if "State" not in context:
            return None
        return cls(
            state=context["State"]["Name"],
            input=environment.states.get_input(),
            variables=dict(environment.variable_store._inner_scope),
            redrives=context["Execution"].get("RedriveCount", 0),
        )


def redrive(execution: Any) -> datetime:
    """Let an execution go on where it failed.

    Args:
        execution: moto's execution.

    Returns:
        When that was.

    Raises:
        NotRedrivableError: It still runs, it has succeeded, or it failed before its first state.
    """
    worker = execution.exec_worker
    ended = getattr(worker.env, "unfinished", None)
    if execution.exec_status not in _REDRIVABLE or ended is None:
        raise NotRedrivableError(
            f"Execution {execution.exec_arn} cannot be redriven: its status is "
            f"{execution.exec_status.value}"
        )
    environment = worker._get_evaluation_environment()
    environment.event_manager = worker.env.event_manager
    history = environment.event_manager._history_event_list
    context = _Context(previous_event_id=history[-1]["id"])
    environment.event_history_context = context
    environment.states.reset(input_value=ended.input)
    for name, value in ended.variables.items():
        environment.variable_store.set(name, value)
    environment.variable_store.reset_tracing()
    redrives = ended.redrives + 1
    of_context = environment.states.context_object.context_object_data["Execution"]
    of_context["RedriveCount"] = redrives
    # What is parsed is shared by all executions of the definition.
    program = copy(worker._get_evaluation_entrypoint())
    program.start_at = _StartAt(ended.state)
    worker.env = environment
    execution.error = execution.cause = execution.stop_date = None
    execution.exec_status = _Status.RUNNING
    environment.event_manager.add_event(
        context=context,
        event_type=_EventType.ExecutionRedriven,
        event_details={"executionRedrivenEventDetails": {"redriveCount": redrives}},
        update_source_event_id=False,
    )

    def run() -> None:
        program.eval(environment)
        worker._execution_communication.terminated()

    thread = Thread(target=run, daemon=True)
    _threads.append(thread)
    thread.start()
    return datetime.now(tz=UTC)


def _redrive_execution(self: Any) -> Any:
    arn = self._get_param("executionArn")
    execution = self.stepfunction_backend.describe_execution(arn)
    return _ActionResult({"redriveDate": redrive(execution)})


def close() -> None:
    """Answer RedriveExecution."""
    _Response.redrive_execution = _redrive_execution

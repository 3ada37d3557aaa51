"""States that start executions of other state machines and wait for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sfn_fragments.states.asl import state
from sfn_fragments.states.naming import state_name
from sfn_fragments_asl.model.jsonata_source import Expression, render
from sfn_fragments_asl.model.retriers import DISTRIBUTED_MAP_RETRY, STEP_FUNCTIONS_RETRY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk.aws_stepfunctions import CustomState
    from constructs import Construct

#: How many executions a Map keeps running, unless told otherwise. Each submits jobs, of which
#: Batch takes 50 a second from all of an account.
DEFAULT_CONCURRENCY = 20

#: How many iterations an inline Map runs at a time:
#: https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html
MOST_CONCURRENCY = 40

#: How many child executions a distributed Map runs at a time:
#: https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
MOST_DISTRIBUTED = 10_000

#: By this field of an execution's input, the console shows which execution started it.
STARTED_BY = "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID"
_PARENT = Expression("$states.context.Execution.Id")


def execution_task(machine_arn: str, execution_input: Any) -> dict[str, Any]:
    """The fields of a task that runs an execution.

    Args:
        machine_arn: ARN of the state machine.
        execution_input: Its input: an object, or an expression of one.

    Returns:
        The fields, without ``Output`` and ``Assign``. ``$states.result.Output`` is the
        execution's output.
    """
    if isinstance(execution_input, Expression):
        started_by = f'{{"{STARTED_BY}": {_PARENT}}}'
        sent: Any = Expression(f"$merge([{execution_input}, {started_by}])")
    else:
        sent = {**execution_input, STARTED_BY: _PARENT}
    return {
        "Type": "Task",
        "QueryLanguage": "JSONata",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Arguments": {"StateMachineArn": machine_arn, "Input": render(sent)},
        # What went wrong within the execution is not retried: it has retries of its own.
        "Retry": STEP_FUNCTIONS_RETRY,
    }


def execution_for_each(
    scope: Construct,
    label: str,
    item_label: str,
    items: Expression,
    machine_arn: str,
    execution_input: Mapping[str, Any] | Expression,
    max_concurrency: int,
) -> CustomState:
    """A Map that runs one execution for each item, and passes its own input on.

    Args:
        scope: The construct that holds the state.
        label: What the Map does, unique in the scope.
        item_label: What one execution does, unique in the scope.
        items: The items.
        machine_arn: ARN of the state machine.
        execution_input: Input of an execution; the item is ``$states.input`` in it.
        max_concurrency: How many executions run at a time.

    Returns:
        The state.
    """
    task = state_name(scope, item_label)
    return state(
        scope,
        label,
        {
            "Type": "Map",
            "QueryLanguage": "JSONata",
            "Items": render(items),
            "MaxConcurrency": max_concurrency,
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "INLINE"},
                "StartAt": task,
                "States": _one_execution(task, machine_arn, execution_input),
            },
            "Output": render(Expression("$states.input")),
        },
    )


def execution_for_each_in_s3(
    scope: Construct,
    label: str,
    item_label: str,
    items: Mapping[str, str],
    machine_arn: str,
    limits: Mapping[str, Any],
) -> CustomState:
    """A distributed Map that runs one execution for each item of a list in S3.

    Args:
        scope: The construct that holds the state.
        label: What the Map does, unique in the scope.
        item_label: What one execution does, unique in the scope.
        items: ``Bucket`` and ``Key.$`` of the list, which is JSON.
        machine_arn: ARN of the state machine; its input is the item.
        limits: ``MaxConcurrency``, and how many failures are tolerated.

    Returns:
        The state, in JSONPath; it passes its input on.
    """
    task = state_name(scope, item_label)
    item = Expression("$states.input")
    return state(
        scope,
        label,
        {
            "Type": "Map",
            "ItemReader": {
                "Resource": "arn:aws:states:::s3:getObject",
                "ReaderConfig": {"InputType": "JSON"},
                "Parameters": dict(items),
            },
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": task,
                "States": _one_execution(task, machine_arn, item),
            },
            "ResultPath": None,
            "Retry": DISTRIBUTED_MAP_RETRY,
            **limits,
        },
    )


def _one_execution(task: str, machine_arn: str, execution_input: Any) -> dict[str, Any]:
    # What the executions return is not needed, and might be more than a state may hold.
    return {task: {**execution_task(machine_arn, execution_input), "Output": {}, "End": True}}

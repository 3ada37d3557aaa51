"""A submission that does not wait in its queue for longer than it may.

Batch's own ``jobStateTimeLimitActions`` are the queue's, end what waits at its head, and know some
reasons of waiting. This looks at one job, whatever it waits for, until it has started.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import Duration
from aws_cdk.aws_stepfunctions import (
    Choice,
    Condition,
    StateGraph,
    Succeed,
    Wait,
    WaitTime,
)

from sfn_fragments.states.asl import chain, state
from sfn_fragments.states.naming import state_name, variable_name
from sfn_fragments_asl.model.jsonata_source import Expression, field, render, source
from sfn_fragments_asl.model.retriers import BATCH_RETRY

if TYPE_CHECKING:
    from aws_cdk.aws_stepfunctions import CustomState

    from sfn_fragments.fragments import EnvBaseStateMachineFragment

#: Seconds between two looks.
INTERVAL = 60


def watched(
    scope: EnvBaseStateMachineFragment,
    submit: CustomState,
    *,
    name: Any,
    queue: Any,
    limit: int,
    assign: Any,
) -> CustomState:
    """A submission, and beside it a look at the job each minute until it has started.

    Enters 5 states more than the submission, and 3 for each minute that the job waits.

    Args:
        scope: The fragment.
        submit: The state that submits the job and waits for its end.
        name: Name of the job, which no other has.
        queue: Its queue.
        limit: Seconds that it may wait.
        assign: Variables to assign after its end.

    Returns:
        A Parallel state with the output, the error and the cause of the submission. A job that
        waited too long is terminated; its status reason says how long it waited, and where.
    """
    waiting = field(variable_name(scope, "waiting"))
    wait = Wait.jsonata(
        scope,
        state_name(scope, "Wait for start"),
        time=WaitTime.duration(Duration.seconds(min(INTERVAL, limit))),
    )
    jobs = "$states.result.JobSummaryList"
    newest = f"$sort({jobs}, function($a, $b) {{ $a.CreatedAt < $b.CreatedAt }})[0]"
    look = _task(
        scope,
        "Look at job",
        "arn:aws:states:::aws-sdk:batch:listJobs",
        {"JobQueue": queue, "Filters": [{"Name": "JOB_NAME", "Values": [name]}]},
        Assign={
            waiting[1:]: Expression(
                f"($job := {newest}; {{"
                "'JobId': $exists($job) ? $job.JobId : '', "
                # Batch may not list it yet.
                "'Waits': $not($exists($job)) or $job.Status in ['SUBMITTED', 'PENDING', "
                "'RUNNABLE'], "
                "'Seconds': $exists($job) ? $floor(($millis() - $job.CreatedAt) / 1000) : 0})"
            )
        },
        Output=Expression("$states.input"),
    )
    reason = Expression(
        f"'Waited ' & $string({waiting}.Seconds) & ' seconds in job queue ' & {source(queue)} & "
        f"', and may wait {limit}'"
    )
    end = _task(
        scope,
        "End waiting job",
        "arn:aws:states:::aws-sdk:batch:terminateJob",
        {"JobId": field(waiting[1:], "JobId"), "Reason": reason},
    )
    started = Choice.jsonata(scope, state_name(scope, "Has it started"))
    waits = f"{waiting}.Waits"
    started.when(Condition.jsonata(f"{{% {waits} and {waiting}.Seconds >= {limit} %}}"), end)
    started.when(Condition.jsonata(f"{{% {waits} %}}"), wait)
    started.otherwise(Succeed.jsonata(scope, state_name(scope, "Started")))
    wait.next(look).next(started)
    branches = [
        StateGraph(chain(submit).start_state, "The job").to_graph_json(),
        StateGraph(wait, "What looks at it").to_graph_json(),
    ]
    return state(
        scope,
        "Run job",
        {
            "Type": "Parallel",
            "QueryLanguage": "JSONata",
            "Branches": branches,
            "Output": render(Expression("$states.result[0]")),
            **({"Assign": render(assign)} if assign else {}),
        },
    )


def _task(
    scope: EnvBaseStateMachineFragment, label: str, resource: str, arguments: Any, **fields: Any
) -> CustomState:
    return state(
        scope,
        label,
        {
            "Type": "Task",
            "QueryLanguage": "JSONata",
            "Resource": resource,
            "Arguments": render(arguments),
            "Retry": BATCH_RETRY,
            **render(fields),
        },
    )

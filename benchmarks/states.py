"""States entered in one execution, counted from the history on the embedded engine.

The jobs are the real ones, so that each execution goes the way it goes on AWS.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks import fragments
from benchmarks.libraries import OURS, REFERENCE, Library
from benchmarks.measure import Measure
from sfn_fragments.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.fragments import Case
    from sfn_fragments_local import Engine, ExecutionResult

GROUP = "States entered in one execution"

#: Name of the state machine that is executed.
MACHINE = "benchmark"

#: Ends the name of a case whose job definition is not registered in the run.
IN_THE_STACK = "; job definition in the stack"
DEPLOYED = {"deploy_job_definition": True}


@dataclass(frozen=True)
class Comparison:
    """What a case is compared with.

    Attributes:
        case: The case.
        goal: The most states, with the job definition registered for each run; None without one.
        service_calls: The least: one state for each call of a service.
        stored_reference: What the other library enters, as measured once, for where it is not
            installed or cannot be run by the same script.
        deployed_goal: The most states, with the job definition in the stack.
        job_definitions: How many are registered and deregistered in a run.
        reference_case: What the other library can run, where that is not the case.
    """

    case: Case
    goal: int | None
    service_calls: int
    stored_reference: int | None
    deployed_goal: int | None = None
    job_definitions: int = 1
    reference_case: Case | None = None


COMPARISONS = (
    Comparison(fragments.LAMBDA, 6, 5, 22, 4),
    Comparison(
        fragments.LAMBDA_WITH_DEFAULTS,
        7,
        5,
        29,
        4,
        reference_case=fragments.LAMBDA_WITH_DEFAULTS_AND_NO_MOUNTS,
    ),
    Comparison(fragments.SUBMIT_JOB, 4, 3, None),
    Comparison(fragments.SYNC, 7, 5, 31, 5, reference_case=fragments.SYNC_WITH_FILE_SYSTEM),
    Comparison(fragments.DISTRIBUTED_SYNC, 14, 9, 48, 12, 2),
    Comparison(fragments.distributed(4), 32, 15, 114, 24, 2),
    Comparison(fragments.PATH_STATS, 6, 5, 22),
    Comparison(fragments.SCANNER, 6, 5, 22),
    Comparison(fragments.REMOVAL, 6, 5, 22),
    Comparison(fragments.CLEAN_FILE_SYSTEM, 13, 10, 49, None, 2),
    Comparison(fragments.PAYLOAD, 3, 2, 7),
    Comparison(fragments.PAYLOAD_INTO_INPUT, None, 2, 7),
    # Its own job: register, submit, deregister; four handlers of six: the call and their five.
    Comparison(fragments.DEMAND, 70, 27, 210, None, 5),
)


def count_states(case: Case, library: Library, **options: Any) -> int:
    """Build a fragment, deploy it to an engine of its own, and execute it.

    Args:
        case: The fragment.
        library: Which library's.
        **options: Further constructor arguments.

    Returns:
        The states entered, those of nested executions and of the children of a Map included.

    Raises:
        Exception: It cannot be built, or its execution fails.
    """
    from sfn_fragments_local import Engine

    sandbox = Sandbox("dev-bench")
    define_machine(case, library, sandbox, options)
    # The machine has the role that CDK makes, which allows none of a fragment's calls.
    with Engine(enforce_iam=False) as engine:
        prepare(engine, case, sandbox)
        result = engine.execute(case.input, MACHINE).raise_for_status()
        return len(result.states) + sum(_nested(engine, result))


def define_machine(case: Case, library: Library, sandbox: Sandbox, options: Any) -> None:
    """Put a fragment into a state machine that is the same for every library."""
    stack = sandbox.stack
    from aws_cdk.aws_stepfunctions import DefinitionBody, StateMachine

    fragment = case.build(library, sandbox, options)
    body = DefinitionBody.from_chainable(fragment)
    StateMachine(stack, "Benchmark", state_machine_name=MACHINE, definition_body=body)


def prepare(engine: Engine, case: Case, sandbox: Sandbox) -> None:
    """Deploy a sandbox's stack, and put what an execution of the case reads."""
    engine.deploy(sandbox.stack)
    engine.create_job_queue(sandbox.job_queue)
    for bucket in ("source", "results"):
        engine.create_bucket(bucket)
    for key, text in case.objects.items():
        engine.client("s3").put_object(Bucket="source", Key=key, Body=text.encode())
    if case.files:
        (system,) = engine.client("efs").describe_file_systems()["FileSystems"]
        folder = engine.file_system_folder(system["FileSystemId"])
        for path, text in case.files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)


def _nested(engine: Engine, result: ExecutionResult) -> Iterator[int]:
    client = engine.client("stepfunctions")
    for machine in client.list_state_machines()["stateMachines"]:
        listed = client.list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]
        for execution in listed:
            if execution["executionArn"] == result.arn or execution.get("mapRunArn"):
                continue
            pages = client.get_paginator("get_execution_history").paginate(
                executionArn=execution["executionArn"]
            )
            yield sum(
                event["type"].endswith("StateEntered") for page in pages for event in page["events"]
            )


def measure() -> list[Measure]:
    """Count every case, with each library that is installed and runs it."""
    measures = []
    for comparison in COMPARISONS:
        case = comparison.case
        ours, ours_failed = _attempt(case, OURS)
        reference, failed = _attempt(comparison.reference_case or case, REFERENCE)
        note, goal = ours_failed, comparison.goal
        offers_deployed = case.can_deploy_job_definitions(OURS)
        if comparison.deployed_goal is not None and not offers_deployed:
            goal = comparison.deployed_goal
            note = "; ".join(filter(None, [note, "goal: that for job definitions in the stack"]))
        if reference is None:
            reference = comparison.stored_reference
            stored = "reference: not runnable" if reference is None else "reference: stored figure"
            note = "; ".join(filter(None, [note, f"{stored} ({failed})"]))
        measures.append(
            Measure(
                GROUP,
                case.name,
                ours,
                goal,
                reference,
                comparison.service_calls,
                "states",
                note,
            )
        )
        if offers_deployed:
            deployed, deployed_failed = _attempt(case, OURS, **DEPLOYED)
            measures.append(
                Measure(
                    GROUP,
                    case.name + IN_THE_STACK,
                    deployed,
                    comparison.deployed_goal,
                    reference,
                    comparison.service_calls - 2 * comparison.job_definitions,
                    "states",
                    deployed_failed,
                )
            )
    return measures


def _attempt(case: Case, library: Library, **options: Any) -> tuple[int | None, str]:
    if library.version is None:
        return None, "not installed"
    try:
        return count_states(case, library, **options), ""
    except Exception as error:  # whatever a library does wrong must not end the run
        return None, f"{library.key}: {_first_line(error)}"


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {lines[0][:160]}"

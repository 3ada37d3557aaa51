"""How many inputs a demand execution takes: measured on the engine, then computed."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from benchmarks import fragments
from benchmarks.libraries import OURS
from benchmarks.measure import Measure
from benchmarks.processes import call
from benchmarks.states import MACHINE, define_machine, prepare
from benchmarks.stub_jobs import AnsweringRunner
from sfn_fragments.sandbox import Sandbox
from sfn_fragments_asl.forecast.payload import largest_input
from sfn_fragments_asl.model.limits import MAX_EVENTS, MAX_PAYLOAD

if TYPE_CHECKING:
    from benchmarks.fragments import Case
    from sfn_fragments_local import Engine

GROUP = "Scale of demand execution"

#: Bytes of a job definition: https://docs.aws.amazon.com/batch/latest/userguide/service_limits.html
MAX_JOB_DEFINITION = 24 * 1024

# Part of the names of the jobs that copy.
_SYNC = "-data-sync-"


@dataclass(frozen=True)
class Run:
    """One execution, measured.

    Attributes:
        inputs: How many inputs it had, besides one output.
        events: Events of the execution itself.
        largest_input: Size of the largest state input of the execution itself, in bytes.
        child_events: Events of the child that copies one input; 0 where it has no child.
        plan_bytes: Size of the handler's plan, as the text that a state would receive.
        job_bytes: Size of the job in it, of which the job definition is made.
    """

    inputs: int
    events: int
    largest_input: int
    child_events: float
    plan_bytes: int
    job_bytes: int


def run(inputs: int, keep_plan_in_s3: bool) -> dict[str, Any]:
    """Execute a demand execution, the jobs that copy its inputs stubbed.

    The handler that plans is the published one.

    Args:
        inputs: How many objects it is to copy.
        keep_plan_in_s3: Whether the plan stays in S3.

    Returns:
        A :class:`Run`, as JSON holds it.
    """
    from sfn_fragments_local import Engine

    case = _case(inputs)
    sandbox = Sandbox("dev-bench")
    define_machine(case, OURS, sandbox, {"keep_plan_in_s3": keep_plan_in_s3})
    with Engine(runners=[AnsweringRunner(_SYNC)], enforce_iam=False) as engine:
        prepare(engine, case, sandbox)
        result = engine.execute(case.input, MACHINE, timeout=3600).raise_for_status()
        (plan,) = [text for text in _responses(engine, sandbox) if "setup_configs" in text]
    # One more copies the output.
    copies = sum(_SYNC in job.name for job in result.jobs)
    assert copies == inputs + 1, f"{copies} copies of {inputs} inputs and an output"
    children = [event for events in result.map_run_histories for event in events]
    return asdict(
        Run(
            inputs=inputs,
            events=len(result.history),
            largest_input=largest_input(result.history),
            child_events=len(children) / copies,
            plan_bytes=len(json.dumps(plan).encode()),
            job_bytes=len(json.dumps(json.loads(plan)["setup_configs"]["batch_create_request"])),
        )
    )


def _case(inputs: int) -> Case:
    names = [f"table_{number:05}" for number in range(inputs)]
    parameters = {
        "command": ["echo 1 > ${COUNT}"],
        "params": {
            **{name: f"s3://source/{name}.csv" for name in names},
            "count": "count.txt @ s3://results/count.txt",
        },
        "inputs": names,
        "outputs": ["count"],
    }
    return replace(
        fragments.DEMAND,
        input={**fragments.DEMAND.input, "execution_parameters": parameters},
        objects={f"{name}.csv": "1\n" for name in names},
    )


def _responses(engine: Engine, sandbox: Sandbox) -> list[str]:
    s3, bucket = engine.client("s3"), f"{sandbox.env_base}-scaffolding"
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    keys = [one["Key"] for page in pages for one in page.get("Contents", [])]
    return [
        s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
        for key in keys
        if key.endswith("response.json")
    ]


def measure(inputs: int) -> list[Measure]:
    """Run with the plan in the state and with the plan in S3, and compute where the limits are.

    Args:
        inputs: How many inputs; at least 8.

    Returns:
        The measures.
    """
    in_state = [Run(**call("scale_demand.run", number, False)) for number in (2, 8)]
    in_s3 = [Run(**call("scale_demand.run", number, True)) for number in (inputs // 4, inputs)]
    most_in_state = _until(in_state, "plan_bytes", MAX_PAYLOAD)
    most_in_s3 = _until(in_s3, "largest_input", MAX_PAYLOAD)
    figures = (
        ("plan in the state: inputs until it has 256 KiB", in_state, most_in_state),
        ("plan in S3: inputs until the input of a state has 256 KiB", in_s3, most_in_s3),
    )
    bounded = (
        ("plan in the state: events of the execution", in_state, "events", "events"),
        ("plan in S3: events of the execution", in_s3, "events", "events"),
        ("plan in S3: events of the child of one input", in_s3, "child_events", "events"),
        ("plan in S3: size of the job definition", in_s3, "job_bytes", "bytes"),
    )
    limits = {"events": MAX_EVENTS, "bytes": MAX_JOB_DEFINITION}
    return [
        *(
            Measure(GROUP, name, most, unit="inputs", note=_note(runs))
            for name, runs, most in figures
        ),
        *(
            Measure(
                GROUP,
                f"{name}, {most:,} inputs",
                round(_at(runs, field, most)),
                limits[unit],
                unit=unit,
                note=_note(runs),
            )
            for name, runs, field, unit in bounded
            for most in [most_in_state if runs is in_state else most_in_s3]
        ),
    ]


def _note(runs: list[Run]) -> str:
    few, more = (run.inputs for run in runs)
    return f"computed from {few:,} and {more:,} inputs on the engine; a folder is one input"


def _slope(runs: list[Run], name: str) -> float:
    few, more = runs
    slope: float = (getattr(more, name) - getattr(few, name)) / (more.inputs - few.inputs)
    return slope


def _at(runs: list[Run], name: str, inputs: int) -> float:
    """A figure along the line through two runs."""
    value: float = getattr(runs[0], name) + _slope(runs, name) * (inputs - runs[0].inputs)
    return value


def _until(runs: list[Run], name: str, limit: int) -> int:
    """How many inputs there may be until a figure reaches its limit."""
    return runs[0].inputs + int((limit - getattr(runs[0], name)) / _slope(runs, name))

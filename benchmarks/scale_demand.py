"""How many inputs a demand execution takes: measured with the published handlers, then computed."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from benchmarks import fragments
from benchmarks.libraries import OURS
from benchmarks.measure import Measure
from benchmarks.processes import call
from benchmarks.scale import MAX_EVENTS, MAX_INPUT
from benchmarks.states import MACHINE, define_machine, prepare
from sfn_fragments.sandbox import Sandbox

if TYPE_CHECKING:
    from benchmarks.fragments import Case
    from sfn_fragments_local import Engine

GROUP = "Scale of demand execution"

_FEW, _MORE = 1, 4


@dataclass(frozen=True)
class Run:
    """One execution, measured.

    Attributes:
        inputs: How many inputs it had, besides one output.
        events: Events of the execution itself.
        plan_bytes: Size of the handler's plan, as the text that a state receives.
    """

    inputs: int
    events: int
    plan_bytes: int


def run(inputs: int) -> dict[str, Any]:
    """Execute a demand execution.

    Args:
        inputs: How many objects it copies and counts the lines of.

    Returns:
        A :class:`Run`, as JSON holds it.
    """
    from sfn_fragments_local import Engine

    case = _case(inputs)
    sandbox = Sandbox("dev-bench")
    define_machine(case, OURS, sandbox, {})
    with Engine() as engine:
        prepare(engine, case, sandbox)
        result = engine.execute(case.input, MACHINE).raise_for_status()
        (plan,) = [text for text in _responses(engine, sandbox) if "setup_configs" in text]
    # A state receives the object as a text within JSON.
    return asdict(Run(inputs, len(result.history), len(json.dumps(plan).encode())))


def _case(inputs: int) -> Case:
    names = [f"table_{number}" for number in range(inputs)]
    parameters = {
        "command": ["cat " + " ".join(f"${{{name.upper()}}}" for name in names) + " > ${COUNT}"],
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


def measure() -> list[Measure]:
    """Run with few inputs and with more, and compute where the limits of AWS are.

    Returns:
        The measures.
    """
    few, more = (Run(**call("scale_demand.run", number)) for number in (_FEW, _MORE))
    further = more.inputs - few.inputs
    plan_bytes = (more.plan_bytes - few.plan_bytes) / further
    most = few.inputs + int((MAX_INPUT - few.plan_bytes) / plan_bytes)
    events = few.events + (most - few.inputs) * (more.events - few.events) / further
    note = f"computed from {few.inputs} and {more.inputs} inputs on the engine"
    return [
        Measure(
            GROUP,
            "inputs until the plan has 256 KiB",
            most,
            unit="inputs",
            note=f"{note}: {plan_bytes:.0f} bytes an input; a folder is one input",
        ),
        Measure(
            GROUP,
            f"events of the execution, {most:,} inputs",
            round(events),
            MAX_EVENTS,
            unit="events",
            note=note,
        ),
    ]

"""How far the distributed data sync scales: measured by batches with stub jobs, then computed."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from math import log10
from typing import TYPE_CHECKING, Any

from benchmarks import fragments
from benchmarks.libraries import OURS
from benchmarks.measure import Measure
from benchmarks.processes import call
from benchmarks.states import MACHINE, define_machine, prepare
from benchmarks.stub_jobs import AnsweringRunner
from sfn_fragments.sandbox import Sandbox
from sfn_fragments_asl.forecast.payload import largest_input, size_of
from sfn_fragments_asl.model.limits import MAX_EVENTS, MAX_PAYLOAD

if TYPE_CHECKING:
    from collections.abc import Callable

GROUP = "Scale of the distributed data sync"

MANY = 100_000
#: Events of the other library's execution, as measured once: some, and some for each batch.
_STORED_REFERENCE = (84, 72)
#: SubmitJob calls that Batch takes in a second.
_SUBMISSIONS = 50


@dataclass(frozen=True)
class Run:
    """One execution, measured.

    Attributes:
        batches: How many batches it had.
        parent_events: Events of the execution itself.
        parent_bytes: Their size as JSON.
        parent_input: Size of the largest state input of the execution itself, in bytes.
        child_events: Events of the child of one batch, each an execution of its own.
        child_bytes: Their size as JSON.
        child_input: Size of the largest state input of a child, in bytes.
        list_bytes: Size of the list of requests in S3, which the Map reads.
        response_bytes: Size of all the responses that the batches left in S3.
        seconds: How long it took.
    """

    batches: int
    parent_events: int
    parent_bytes: int
    parent_input: int
    child_events: float
    child_bytes: float
    child_input: int
    list_bytes: int
    response_bytes: int
    seconds: float


def run(batches: int) -> dict[str, Any]:
    """Execute a distributed data sync, the jobs of its batches stubbed.

    The handler that prepares the batches is the published one.

    Args:
        batches: How many batches.

    Returns:
        A :class:`Run`, as JSON holds it.
    """
    from sfn_fragments_local import Engine

    case = fragments.distributed(batches)
    sandbox = Sandbox("dev-bench")
    define_machine(case, OURS, sandbox, {})
    with Engine(runners=[AnsweringRunner("-batch-data-sync-")], enforce_iam=False) as engine:
        prepare(engine, case, sandbox)
        start = time.perf_counter()
        result = engine.execute(case.input, MACHINE, timeout=3600).raise_for_status()
        seconds = time.perf_counter() - start
        s3 = engine.client("s3")
        pages = s3.get_paginator("list_objects_v2").paginate(
            Bucket=sandbox.env_base + "-scaffolding"
        )
        sizes = {one["Key"]: one["Size"] for page in pages for one in page.get("Contents", [])}
    children = [event for events in result.map_run_histories for event in events]
    assert len(result.jobs) == batches + 1, f"{len(result.jobs) - 1} jobs of {batches} batches"
    return asdict(
        Run(
            batches=batches,
            parent_events=len(result.history),
            parent_bytes=sum(map(size_of, result.history)),
            parent_input=largest_input(result.history),
            child_events=len(children) / batches,
            child_bytes=sum(map(size_of, children)) / batches,
            child_input=largest_input(children),
            list_bytes=sum(size for key, size in sizes.items() if key.endswith("response.json")),
            response_bytes=sum(size for key, size in sizes.items() if "/responses/" in key),
            seconds=seconds,
        )
    )


def extrapolate(small: Run, large: Run, batches: int) -> dict[str, float]:
    """Compute what a number of batches takes, from two measured runs.

    What the whole execution has is taken along a line. What a child has grows with the digits of
    its number only, so along a line over the logarithm.

    Args:
        small: A run with fewer batches.
        large: One with more.
        batches: For how many to compute.

    Returns:
        Name of a figure to its value.
    """

    def line(name: str, scale: Callable[[float], float] = float) -> float:
        first, second = getattr(small, name), getattr(large, name)
        slope = (second - first) / (scale(large.batches) - scale(small.batches))
        computed: float = second + slope * (scale(batches) - scale(large.batches))
        return round(computed, 1)

    return {
        "batches": batches,
        "events of the execution": line("parent_events"),
        "largest state input of the execution, bytes": line("parent_input"),
        "history of the execution, bytes": line("parent_bytes"),
        "events of the child of one batch": line("child_events", log10),
        "largest state input of a child, bytes": line("child_input", log10),
        "history of a child, bytes": line("child_bytes", log10),
        "list of requests in S3, bytes": line("list_bytes"),
        "responses in S3, bytes": line("response_bytes"),
        "least time to submit all jobs, seconds": batches / _SUBMISSIONS,
    }


def measure(batches: int) -> tuple[list[Measure], list[dict[str, float]]]:
    """Run a quarter of the batches, and all of them.

    Args:
        batches: How many; at least 8.

    Returns:
        The measures, and a table: figures by number of batches, the last row computed.
    """
    try:
        small, large = (Run(**call("scale.run", number)) for number in (batches // 4, batches))
    except RuntimeError as error:  # what else was measured must not be lost
        last = str(error).splitlines()[-1]
        name = f"failed executions with {batches:,} batches or a quarter of them"
        return [Measure(GROUP, name, 1, 0, note=last)], []
    rows = [extrapolate(small, large, number) for number in (small.batches, large.batches, MANY)]
    note = f"computed from {small.batches} and {large.batches} batches on the engine"
    many = rows[-1]
    names = {
        "events of the execution": (MAX_EVENTS, "events"),
        "events of the child of one batch": (MAX_EVENTS, "events"),
        "largest state input of the execution, bytes": (MAX_PAYLOAD, "bytes"),
        "largest state input of a child, bytes": (MAX_PAYLOAD, "bytes"),
    }
    first, each = _STORED_REFERENCE
    reference = {"events of the execution": first + each * MANY}
    measures = [
        Measure(
            GROUP,
            f"{name.removesuffix(', bytes')}, {MANY:,} batches",
            many[name],
            limit,
            reference.get(name),
            unit=unit,
            note=f"{note}; reference: stored figure" if name in reference else note,
        )
        for name, (limit, unit) in names.items()
    ]
    measures.append(
        Measure(
            GROUP,
            f"{large.batches} batches with stub jobs, on the engine",
            large.seconds,
            unit="s",
            note="the handler that prepares them is the published one",
        )
    )
    return measures, rows

"""The embedded engine: what it adds to a job, many executions at once, and memory."""

from __future__ import annotations

import ctypes
import gc
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import linear_regression, median
from typing import TYPE_CHECKING

from benchmarks import fragments
from benchmarks.libraries import OURS
from benchmarks.measure import Measure
from benchmarks.processes import call, median_ratio
from benchmarks.states import MACHINE, define_machine, prepare
from benchmarks.stub_jobs import EchoRunner
from sfn_fragments.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfn_fragments_local import Engine

GROUP = "Embedded engine"
SIDE_BY_SIDE = 50
EXECUTIONS = 500
_SAMPLE_EVERY = 25
#: KiB an execution that count as none: what allocators and the clock of the collector leave.
_NO_GROWTH = 1.0
#: The parameter of glibc's ``mallopt`` by which there is one arena for all threads.
_M_ARENA_MAX = -8
#: Executions before the slope is taken: caches and thread pools fill once, and the engine keeps
#: the newest 100 executions and jobs.
_WARM_UP = 150


def against_bare_handler(rounds: int) -> tuple[float, float, float]:
    """Time a data sync, and the process of its handler with the same request, in turn.

    Args:
        rounds: How often each, besides once to warm the caches.

    Returns:
        The median of the ratios, and the median seconds of the execution and of the process.
    """
    from sfn_fragments_local import Engine

    sandbox = Sandbox("dev-bench")
    define_machine(fragments.SYNC, OURS, sandbox, {})
    executions, processes = [], []
    with Engine(enforce_iam=False) as engine:
        prepare(engine, fragments.SYNC, sandbox)
        result = engine.execute(fragments.SYNC.input, MACHINE).raise_for_status()
        handler = result.jobs[0].environment["AWS_LAMBDA_FUNCTION_HANDLER"]
        _run_handler(engine, handler)
        for _ in range(rounds):
            start = time.perf_counter()
            engine.execute(fragments.SYNC.input, MACHINE).raise_for_status()
            executions.append(time.perf_counter() - start)
            start = time.perf_counter()
            _run_handler(engine, handler)
            processes.append(time.perf_counter() - start)
    return median_ratio(executions, processes), median(executions), median(processes)


def _run_handler(engine: Engine, handler: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "aibs_informatics_aws_lambda.main"],
        env={
            **os.environ,
            **engine.environment,
            "AWS_LAMBDA_FUNCTION_NAME": "data-sync",
            "AWS_LAMBDA_FUNCTION_HANDLER": handler,
            "AWS_LAMBDA_EVENT_PAYLOAD": json.dumps(fragments.SYNC.input),
            "AWS_LAMBDA_EVENT_RESPONSE_LOCATION": "s3://results/response.json",
            "env_base": "dev-bench",
            "AWS_ACCOUNT_ID": engine.account,
        },
        check=True,
        capture_output=True,
    )


def side_by_side(number: int) -> int:
    """Start executions of a data sync at once, with jobs that answer with their request.

    Args:
        number: How many.

    Returns:
        How many succeeded with the answer that is theirs.
    """
    from sfn_fragments_local import Engine

    sandbox = Sandbox("dev-bench")
    define_machine(fragments.SYNC, OURS, sandbox, {})
    requests = [{**fragments.SYNC.input, "number": index} for index in range(number)]
    with Engine(runners=[EchoRunner()], enforce_iam=False) as engine:
        prepare(engine, fragments.SYNC, sandbox)
        running = [engine.start(request, MACHINE) for request in requests]
        results = [execution.wait() for execution in running]
        left = len(engine.job_definitions())
    whole = [
        result.succeeded and result.output["number"] == request["number"]
        for request, result in zip(requests, results, strict=True)
    ]
    return sum(whole) if left == 0 else 0


def memory_growth(executions: int) -> float:
    """Execute a data sync many times, and watch this process, which should be a fresh one.

    Its jobs answer with their request. What an execution leaves in S3 is its user's, who looks at
    it or deletes it; here it is deleted after each.

    Args:
        executions: How many.

    Returns:
        Growth of the resident set in KiB per execution: the slope of a line through samples.
    """
    # Of glibc: with an arena for each of many threads, it keeps more and more of what is free.
    ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)
    samples = list(_memory_samples(executions))
    settled = [sample for sample in samples if sample[0] > _WARM_UP]
    return linear_regression(*zip(*settled, strict=True)).slope / 1024


def _memory_samples(executions: int) -> Iterator[tuple[float, float]]:
    from sfn_fragments_local import Engine

    sandbox = Sandbox("dev-bench")
    define_machine(fragments.SYNC, OURS, sandbox, {})
    with Engine(runners=[EchoRunner()], enforce_iam=False) as engine:
        prepare(engine, fragments.SYNC, sandbox)
        for number in range(1, executions + 1):
            engine.execute(fragments.SYNC.input, MACHINE).raise_for_status()
            _empty(engine, "dev-bench-scaffolding")
            if number % _SAMPLE_EVERY == 0:
                gc.collect()
                yield float(number), float(_resident_bytes())


def _empty(engine: Engine, bucket: str) -> None:
    s3 = engine.client("s3")
    for left in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
        s3.delete_object(Bucket=bucket, Key=left["Key"])


def _resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def measure(rounds: int) -> list[Measure]:
    """Measure all three.

    Args:
        rounds: How often the times are taken.
    """
    ratio, execution, process = call("engine.against_bare_handler", rounds)
    measures = [
        Measure(
            GROUP,
            "data sync / process of its handler with the same request",
            ratio,
            1.5,
            floor=1.0,
            unit="ratio",
            note=f"medians of {rounds}: {execution:.2f} s and {process:.2f} s",
        ),
        Measure(
            GROUP,
            f"executions lost of {SIDE_BY_SIDE} side by side",
            SIDE_BY_SIDE - call("engine.side_by_side", SIDE_BY_SIDE),
            0,
            floor=0,
            unit="executions",
            note="data syncs, whose jobs answer with their own request",
        ),
    ]
    if sys.platform == "linux":
        measures.append(
            Measure(
                GROUP,
                f"growth of memory over {EXECUTIONS} executions",
                call("engine.memory_growth", EXECUTIONS),
                _NO_GROWTH,
                floor=0,
                unit="KiB an execution",
                note=(
                    "data syncs, whose jobs answer with their request, and whose objects are "
                    "deleted; slope of the resident set, one malloc arena, sampled every "
                    f"{_SAMPLE_EVERY} executions after a collection, the first {_WARM_UP} left out"
                ),
            )
        )
    return measures

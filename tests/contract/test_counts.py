"""Counts that must not grow: jsii round trips, states entered, heavy modules imported.

A change that lowers one lowers the figure here too. Times are measured by ``benchmarks``, whose
builders these are. States entered with a job definition registered in the run are asserted by the
tests of each fragment.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.proofs import long_proof

ROOT = Path(__file__).resolve().parents[2]

#: Requests to Node.js to build a fragment and its state machine, one after the other. Six of a
#: machine ask whether what it refers to as a bucket is one, and not an access point.
ROUND_TRIPS = {
    "lambda on Batch": 54,
    "data sync": 51,
    "distributed data sync": 71,
    "clean file system": 83,
    # Of each of its three machines it is asked what the names in it are the names of.
    "demand execution": 196,
}

#: States entered by one execution, with the job definition in the stack.
STATES = {
    "LAMBDA": 4,
    "EXECUTOR": 4,
    "SUBMIT_JOB": 2,
    "SYNC": 4,
    "DISTRIBUTED_SYNC": 6,
}

#: Modules that cost tens of milliseconds and more.
HEAVY = ["aibs_informatics_core", "aws_cdk", "boto3", "constructs", "jsii", "moto", "pydantic"]
#: How many of them are imported by importing a package.
HEAVY_IMPORTS = {
    "sfn_fragments": 0,
    "sfn_fragments.fragments": 0,
    "sfn_fragments.states": 0,
    "sfn_fragments.utils": 0,
    "sfn_fragments_batch": 0,
    "sfn_fragments_data_sync": 0,
    "sfn_fragments_efs": 0,
    "sfn_fragments_demand_execution": 0,
    "sfn_fragments_local": 0,
}
#: Modules of CDK's services that a process has imported when it has built a data sync.
SERVICE_MODULES = [
    "aws_events",
    "aws_iam",
    "aws_kms",
    "aws_logs",
    "aws_s3",
    "aws_stepfunctions",
]

COUNT_ROUND_TRIPS = """
import json
from benchmarks import round_trips
print(json.dumps({name: round_trips.count("ours", name) for name in round_trips.CASES}))
"""
COUNT_SERVICE_MODULES = """
import json, sys
from benchmarks import round_trips
round_trips.count("ours", "data sync")
parts = [name.split(".") for name in sys.modules]
print(json.dumps(sorted(p[1] for p in parts if len(p) == 2 and p[1].startswith("aws_"))))
"""
COUNT_STATES = f"""
import json
from benchmarks import fragments
from benchmarks.libraries import OURS
from benchmarks.states import DEPLOYED, count_states
counts = {{n: count_states(getattr(fragments, n), OURS, **DEPLOYED) for n in {list(STATES)}}}
print(json.dumps(counts))
"""
COUNT_HEAVY_IMPORTS = f"""
import json, sys
from importlib import import_module
counts = {{}}
for name in {list(HEAVY_IMPORTS)}:
    before = set(sys.modules)
    import_module(name)
    counts[name] = len((set(sys.modules) - before) & set({HEAVY}))
print(json.dumps(counts))
"""


def counted(script: str) -> Any:
    """What a script prints in a process of its own, where no other test has imported anything."""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def grown(found: dict[str, int], stored: dict[str, int]) -> dict[str, tuple[int, int]]:
    """What is more than the stored figure: name to found and stored."""
    assert set(found) == set(stored)
    return {name: (found[name], stored[name]) for name in stored if found[name] > stored[name]}


@long_proof
def test_round_trips() -> None:
    assert grown(counted(COUNT_ROUND_TRIPS), ROUND_TRIPS) == {}


@long_proof
def test_states_with_a_job_definition_in_the_stack() -> None:
    assert grown(counted(COUNT_STATES), STATES) == {}


def test_heavy_imports() -> None:
    assert grown(counted(COUNT_HEAVY_IMPORTS), HEAVY_IMPORTS) == {}


def test_service_modules_of_a_data_sync() -> None:
    assert set(counted(COUNT_SERVICE_MODULES)) <= set(SERVICE_MODULES)


def test_growth_is_seen() -> None:
    assert grown({"a": 2, "b": 1}, {"a": 1, "b": 1}) == {"a": (2, 1)}
    with pytest.raises(AssertionError):
        grown({"a": 1}, {"a": 1, "b": 1})

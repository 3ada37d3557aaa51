"""Fresh processes: what they take, and what they answer."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.libraries import REFERENCE
from benchmarks.measure import Measure
from sfn_fragments.node import find_node

if TYPE_CHECKING:
    from collections.abc import Mapping

GROUP = "Whole process that synthesizes"
ROOT = Path(__file__).resolve().parent.parent

#: A process takes a tenth more or less than the next, as much as is to be told of a ratio.
TIMES_ROUNDS = 6

_BARE = """
from aws_cdk import App, Stack
from aws_cdk.aws_stepfunctions import DefinitionBody, Pass, StateMachine
app = App()
stack = Stack(app, "Stack")
StateMachine(stack, "Machine", definition_body=DefinitionBody.from_chainable(Pass(stack, "Pass")))
app.synth()
"""
_OURS = """
from sfn_fragments import get_registry
from aibs_informatics_core.env import EnvBase
from aws_cdk import App, Stack
app = App()
stack = Stack(app, "Stack")
get_registry().create(
    "data_sync.sync", stack, "Sync", env_base=EnvBase("dev-x"),
    aibs_informatics_docker_asset="image", batch_job_queue="queue", scaffolding_bucket="bucket",
).to_state_machine("sync")
app.synth()
"""
_REFERENCE = """
from aibs_informatics_cdk_lib.constructs_.sfn.fragments.informatics import DataSyncFragment
from aibs_informatics_core.env import EnvBase
from aws_cdk import App, Stack
from aws_cdk.aws_s3 import Bucket
app = App()
stack = Stack(app, "Stack")
DataSyncFragment(
    stack, "Sync", env_base=EnvBase("dev-x"),
    aibs_informatics_docker_asset="image", batch_job_queue="queue",
    scaffolding_bucket=Bucket.from_bucket_name(stack, "Bucket", "bucket"),
).to_state_machine("sync")
app.synth()
"""


def run(script: str, environment: Mapping[str, str] | None = None) -> tuple[float, str]:
    """Run a script in a Python of its own.

    Args:
        script: Its text.
        environment: Its environment. Defaults to that of this process.

    Returns:
        Seconds from start to end, and what it printed.

    Raises:
        RuntimeError: It failed; the text is what it wrote.
    """
    kept = _with_bytecode(os.environ if environment is None else environment)
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=kept,
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - start
    if done.returncode:
        raise RuntimeError(done.stderr.strip()[-2000:])
    return seconds, done.stdout


def _with_bytecode(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment in which modules are compiled once, as they are on a user's machine.

    Images of containers often forbid it, and compiling CDK takes as long as importing it.
    """
    kept = {name: text for name, text in environment.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": _bytecode_folder()}


@cache
def _bytecode_folder() -> str:
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def call(function: str, *arguments: Any) -> Any:
    """Call a function of this package in a process of its own.

    Args:
        function: ``module.function``, the module one of this package.
        *arguments: What JSON can hold.

    Returns:
        Its result, as JSON holds it.
    """
    module, _, name = function.partition(".")
    script = (
        "import json; "
        f"from benchmarks.{module} import {name}; "
        f"print(json.dumps({name}(*json.loads({json.dumps(arguments)!r}))))"
    )
    return json.loads(run(script)[1].splitlines()[-1])


def environment_with_node() -> dict[str, str]:
    """This process's environment, with a Node.js on PATH, as users of CDK have it."""
    node = find_node()
    folder = [str(Path(node.path).parent)] if node else []
    path = os.pathsep.join([*folder, os.environ.get("PATH", os.defpath)])
    return {name: text for name, text in os.environ.items() if name != "JSII_NODE"} | {"PATH": path}


def in_turn(
    scripts: Mapping[str, str], rounds: int, environment: Mapping[str, str]
) -> dict[str, list[float]]:
    """Time scripts in turn, so that what else the machine does falls on all of them.

    Args:
        scripts: Name to script.
        rounds: How often each is run, besides once to warm the caches.
        environment: Environment of the processes.

    Returns:
        Name to seconds, one for each round.
    """
    seconds: dict[str, list[float]] = {name: [] for name in scripts}
    for turn in range(rounds + 1):
        for name, script in scripts.items():
            took, _ = run(script, environment)
            if turn:
                seconds[name].append(took)
    return seconds


def median_ratio(numerators: list[float], denominators: list[float]) -> float:
    """The median of the ratios of what was measured in the same round."""
    return median(a / b for a, b in zip(numerators, denominators, strict=True))


def measure(rounds: int) -> list[Measure]:
    """Time the synthesis of a data sync against a bare CDK app.

    Args:
        rounds: How often.
    """
    scripts = {"bare": _BARE, "ours": _OURS}
    if REFERENCE.version:
        scripts["reference"] = _REFERENCE
    rounds *= TIMES_ROUNDS
    seconds = in_turn(scripts, rounds, environment_with_node())
    bare = seconds["bare"]
    medians = ", ".join(f"{name} {median(taken):.2f} s" for name, taken in seconds.items())
    return [
        Measure(
            GROUP,
            "data sync through the registry / bare app with one Pass state",
            median_ratio(seconds["ours"], bare),
            1.10,
            median_ratio(seconds["reference"], bare) if REFERENCE.version else 2.15,
            1.0,
            "ratio",
            f"medians of {rounds}: {medians}",
        )
    ]

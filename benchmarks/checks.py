"""The time to check many definitions in one call, beside cfn-lint's on the same files."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.measure import Measure

GROUP = "Checking 300 templates in one call"
COUNT = 300
#: The most of cfn-lint's time that a check may take.
GOAL = 0.1

_RETRY = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 2, "MaxAttempts": 3}]


def _task(number: int) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": f"function-{number}", "Payload.$": "$.detail.records"},
        "ResultSelector": {"body.$": "States.StringToJson($.Payload.body)"},
        "ResultPath": f"$.results.step{number}",
        "Retry": _RETRY,
        "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Failed"}],
    }


def _definition(number: int) -> dict[str, Any]:
    """A chain of a dozen states with a choice, a Map and a catcher, half of them in JSONata."""
    names = [f"Step {at}" for at in range(8 + number % 8)]
    states: dict[str, Any] = {name: _task(at) for at, name in enumerate(names)}
    for name, following in pairwise(names):
        states[name]["Next"] = following
    item = {"StartAt": "Item", "States": {"Item": {"Type": "Pass", "End": True}}}
    states[names[-1]]["Next"] = "Each"
    states["Each"] = {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": item, "Next": "Done?"}
    rule = {"Variable": "$.status", "StringEquals": "DONE", "Next": "Report"}
    states["Done?"] = {"Type": "Choice", "Choices": [rule], "Default": "Rest"}
    states["Rest"] = {"Type": "Wait", "Seconds": 30, "Next": "Done?"}
    output = {"id": "{% $states.input.id %}", "sum": "{% $sum($states.input.results.n) %}"}
    states["Report"] = {
        "Type": "Pass",
        "QueryLanguage": "JSONata",
        "Output": output if number % 2 else "{% $states.input %}",
        "End": True,
    }
    states["Failed"] = {"Type": "Fail", "ErrorPath": "$.error.Error", "CausePath": "$.error.Cause"}
    return {"StartAt": names[0], "States": states}


def _write(folder: Path) -> list[str]:
    files = []
    for number in range(COUNT):
        properties = {
            "RoleArn": "arn:aws:iam::123456789012:role/r",
            "Definition": _definition(number),
        }
        machine = {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}
        file = folder / f"machine{number:03}.template.json"
        file.write_text(json.dumps({"Resources": {"Machine": machine}}, indent=1))
        files.append(str(file))
    return files


def _seconds(*command: str) -> float:
    started = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True)
    if "Traceback" in done.stderr:
        raise RuntimeError(f"{command[:4]} failed: {done.stderr[-2000:]}")
    return time.monotonic() - started


def measure() -> list[Measure]:
    """Time both commands over the same files, one after the other."""
    programs = Path(sys.executable).parent
    with tempfile.TemporaryDirectory() as name:
        files = _write(Path(name))
        ours = _seconds(str(programs / "sfn-asl"), "check", name)
        theirs = _seconds(str(programs / "cfn-lint"), "--non-zero-exit-code", "none", *files)
    return [
        Measure(
            GROUP,
            f"sfn-asl check / cfn-lint, {COUNT} templates",
            ours / theirs,
            GOAL,
            1.0,
            None,
            "ratio",
            f"one call of each: {ours:.1f} s, {theirs:.1f} s",
        )
    ]

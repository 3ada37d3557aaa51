"""What a run does on the engine lies within what is forecast of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sfn_fragments import get_registry
from sfn_fragments.sandbox import Sandbox
from sfn_fragments_asl.forecast.events import EXECUTION_EVENTS
from sfn_fragments_asl.forecast.forecast import Forecast, forecast
from sfn_fragments_asl.forecast.payload import largest_input
from sfn_fragments_asl.model.machine import Machine
from sfn_fragments_local import Engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfn_fragments_local import ExecutionResult

ROLE = "arn:aws:iam::123456789012:role/any"
LIST = "arn:aws:states:::aws-sdk:s3:listBuckets"
GET = "arn:aws:states:::aws-sdk:s3:getObject"
GIVEN = {"list": [1, 2, 3], "none": [], "kind": "b"}


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine(enforce_iam=False) as started:
        started.create_bucket("bucket")
        body = json.dumps(["a", "b"]).encode()
        started.client("s3").put_object(Bucket="bucket", Key="list.json", Body=body)
        yield started


def machine(**states: Any) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states}


def step(following: str | None = None, kind: str = "Pass", **fields: Any) -> dict[str, Any]:
    follows: dict[str, Any] = {"Next": following} if following else {"End": True}
    return {"Type": kind, **fields, **follows}


ITEM = machine(Item=step("Then", "Task", Resource=LIST), Then=step())
STANDARD = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
CHOICE = {
    "Type": "Choice",
    "Choices": [{"Variable": "$.kind", "StringEquals": "b", "Next": "B"}],
    "Default": "C",
}
FAILS = {"Bucket": "bucket", "Key": "nothing"}
UNDO = [{"ErrorEquals": ["States.ALL"], "Next": "Undo"}]
READER = {
    "Resource": "arn:aws:states:::s3:getObject",
    "ReaderConfig": {"InputType": "JSON", "MaxItems": 5},
    "Parameters": {"Bucket": "bucket", "Key": "list.json"},
}

#: Definition, numbers of items that are assumed, and whether nothing is left to the input.
CASES: dict[str, tuple[dict[str, Any], dict[str, int], bool]] = {
    "chain": (
        machine(
            A=step("B"),
            B=step("C", "Task", Resource=LIST, ResultPath=None),
            C=step("D", "Wait", Seconds=0),
            D={"Type": "Succeed"},
        ),
        {},
        True,
    ),
    "fail": (machine(A=step("F"), F={"Type": "Fail", "Error": "Known"}), {}, True),
    "choice": (machine(A=CHOICE, B=step("C"), C=step()), {}, False),
    "caught": (
        machine(
            A=step("B", "Task", Resource=GET, Parameters=FAILS, Catch=UNDO),
            B=step(),
            Undo=step("Tell"),
            Tell=step(),
        ),
        {},
        False,
    ),
    "parallel": (
        machine(P=step("Z", "Parallel", Branches=[ITEM, machine(X=step())]), Z=step()),
        {},
        True,
    ),
    "parallel that fails": (
        machine(
            P=step(None, "Parallel", Branches=[machine(F={"Type": "Fail"})], Catch=UNDO),
            Undo=step(),
        ),
        {},
        False,
    ),
    "inline": (machine(M=step(None, "Map", ItemsPath="$.list", ItemProcessor=ITEM)), {}, False),
    "inline, told": (
        machine(M=step(None, "Map", ItemsPath="$.list", ItemProcessor=ITEM)),
        {"M": 3},
        True,
    ),
    "inline, none": (
        machine(M=step(None, "Map", ItemsPath="$.none", ItemProcessor=ITEM)),
        {"M": 0},
        True,
    ),
    "inline, listed": (
        machine(A=step("M", Result=[1, 2]), M=step(None, "Map", ItemProcessor=machine(I=step()))),
        {},
        True,
    ),
    "inline, listed in JSONata": (
        {
            "QueryLanguage": "JSONata",
            **machine(
                M=step(None, "Map", Items=[1, "{% 1 + 1 %}"], ItemProcessor=machine(I=step()))
            ),
        },
        {},
        True,
    ),
    "distributed": (
        machine(
            M=step(
                None, "Map", ItemsPath="$.list", ItemProcessor={"ProcessorConfig": STANDARD, **ITEM}
            )
        ),
        {"M": 3},
        True,
    ),
    "distributed, read": (
        machine(
            M=step(
                None, "Map", ItemReader=READER, ItemProcessor={"ProcessorConfig": STANDARD, **ITEM}
            )
        ),
        {},
        False,
    ),
    "loop": (
        machine(
            A=step("B", Result=0, ResultPath="$.round"),
            B=step("C", Parameters={"round.$": "States.MathAdd($.round, 1)"}),
            C={
                "Type": "Choice",
                "Choices": [{"Variable": "$.round", "NumericLessThan": 3, "Next": "B"}],
                "Default": "D",
            },
            D=step(),
        ),
        {},
        False,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_run_lies_within_its_forecast(engine: Engine, name: str) -> None:
    definition, items, exact = CASES[name]
    found = forecast(Machine(definition), items=items)
    unique = name.replace(" ", "-").replace(",", "")
    engine.client("stepfunctions").create_state_machine(
        name=unique, definition=json.dumps(definition), roleArn=ROLE
    )
    result = engine.execute(GIVEN, unique)
    assert result.status == ("FAILED" if name == "fail" else "SUCCEEDED")
    check(found, result)
    assert found.states.exact is exact
    assert found.events.exact or not exact


def check(found: Forecast, result: ExecutionResult) -> None:
    """Compare a forecast with a run, figure by figure and state by state."""
    assert len(result.states) in found.states
    assert len(result.history) in found.events
    inputs = [largest_input(events) for events in (result.history, *result.map_run_histories)]
    assert found.payload.most is None or max(inputs) <= found.payload.most
    # Where an error was caught, the run went a way that the least of a state leaves out.
    quiet = not any(event["type"].endswith("Failed") for event in result.history)
    for part in found.parts if quiet else ():
        assert sum(visit.name == part.name for visit in result.states) in part.entered, part
    for child, events in zip(found.children, result.map_run_histories, strict=True):
        # The engine leaves out that each child started, and ended.
        executions = child.executions.least if child.executions.exact else 2
        assert executions in child.executions
        own = child.events.least - EXECUTION_EVENTS
        assert child.events.exact
        assert len(events) == executions * own
        assert child.states.least * executions == len(result.states) - 1


def test_a_fragment_runs_as_forecast(engine: Engine) -> None:
    sandbox = Sandbox("dev-forecast")
    registry = get_registry()
    built = sandbox.build(registry, "batch.submit_job")
    example = registry.resolve(registry.spec("batch.submit_job").example or "")
    engine.deploy(sandbox.stack)
    engine.create_job_queue(sandbox.job_queue)
    result = engine.execute(example.input, built.state_machine_name).raise_for_status()
    found = forecast(Machine(built.definition))
    check(found, result)
    # Its ways apart that undo after an error, nothing is left to the input.
    assert found.states.least == len(result.states)
    assert found.events.least == len(result.history)

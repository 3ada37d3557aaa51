"""What holds for any definition: valid ones have no finding, and no input makes a rule raise."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.proofs import few, some

from sfn_fragments_asl.checks import CheckedDefinition, builtin_checks, run_checks
from sfn_fragments_asl.model.transient_errors import TRANSIENT_ERRORS


def retrier(service: str) -> list[dict[str, Any]]:
    return [{"ErrorEquals": list(TRANSIENT_ERRORS[service]), "JitterStrategy": "FULL"}]


BATCH_RETRY = retrier("batch")
LAMBDA_RETRY = retrier("lambda")
S3_RETRY = retrier("s3")

CHECKS = builtin_checks()
CALLS = {
    "arn:aws:states:::aws-sdk:s3:putObject": S3_RETRY,
    "arn:aws:states:::batch:submitJob.sync": BATCH_RETRY,
    "arn:aws:states:::lambda:invoke": LAMBDA_RETRY,
    "arn:aws:lambda:us-west-2:123456789012:function:f": LAMBDA_RETRY,
}
WORDS = st.text(st.characters(codec="ascii", categories=["L", "N", "Zs"]), min_size=1, max_size=20)


@st.composite
def valid_machine(draw: st.DrawFn, depth: int = 2, prefix: str = "") -> dict[str, Any]:
    """A chain of states of all kinds, with catchers, choices forwards, and nested machines."""
    count = draw(st.integers(1, 5))
    names = [f"{prefix}{index} {draw(WORDS)}" for index in range(count)]
    states: dict[str, Any] = {}
    for index, name in enumerate(names):
        last = index == count - 1
        following = None if last else names[index + 1]
        follows: dict[str, Any] = {"End": True} if last else {"Next": following}
        kinds = ["Task", "Pass", "Wait", "JSONata"]
        kinds += ["Succeed"] if last else ["Choice"]
        kinds += ["Parallel", "Map"] if depth else []
        kind = draw(st.sampled_from(kinds))
        inner = f"{prefix}{index}."
        if kind == "Task":
            resource, retry = draw(st.sampled_from(sorted(CALLS.items())))
            states[name] = {"Type": "Task", "Resource": resource, "Retry": retry, **follows}
            if not last:
                later = draw(st.sampled_from(names[index + 1 :]))
                states[name]["Catch"] = [{"ErrorEquals": ["States.ALL"], "Next": later}]
        elif kind == "Pass":
            states[name] = {"Type": "Pass", "Parameters": {"a.$": "$.a"}, **follows}
        elif kind == "Wait":
            states[name] = {"Type": "Wait", "Seconds": draw(st.integers(0, 9)), **follows}
        elif kind == "JSONata":
            output = draw(st.sampled_from(["{% $states.input %}", {"a": 1}, "a"]))
            states[name] = {"Type": "Pass", "QueryLanguage": "JSONata", "Output": output, **follows}
        elif kind == "Succeed":
            states[name] = {"Type": "Succeed"}
        elif kind == "Choice":
            later = draw(st.sampled_from(names[index + 1 :]))
            rule = {"Variable": "$.a", "IsPresent": True, "Next": later}
            states[name] = {"Type": "Choice", "Choices": [rule], "Default": following}
        elif kind == "Parallel":
            branches = [
                draw(valid_machine(depth=depth - 1, prefix=f"{inner}{branch}."))
                for branch in range(draw(st.integers(1, 3)))
            ]
            states[name] = {
                "Type": "Parallel",
                "Branches": branches,
                "ResultPath": None,
                **follows,
            }
        else:
            # Each item in an execution of its own: no history is too long.
            config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
            processor = draw(valid_machine(depth=depth - 1, prefix=inner))
            states[name] = {
                "Type": "Map",
                "ItemProcessor": {"ProcessorConfig": config, **processor},
                "ResultPath": None,
                **follows,
            }
    return {"StartAt": names[0], "States": states}


@given(valid_machine())
def test_a_valid_chain_has_no_finding(definition: dict[str, Any]) -> None:
    report = run_checks(CheckedDefinition(definition), CHECKS)
    assert report.problems == ()
    assert [(check.id, finding) for check, finding in report.findings] == []


@given(valid_machine(), st.data())
def test_a_broken_transition_is_found_where_it_is(
    definition: dict[str, Any], data: st.DataObject
) -> None:
    checked = CheckedDefinition(definition)
    state = data.draw(st.sampled_from(list(checked.states())))
    if "Next" not in state.fields:
        return
    assert isinstance(state.fields, dict)
    state.fields["Next"] = "nowhere"
    report = run_checks(CheckedDefinition(definition), CHECKS)
    places = [f.place for check, f in report.findings if check.id == "asl.transition-target"]
    assert places == [state.name]


FIELDS = st.sampled_from(
    [
        "Arguments", "Assign", "Branches", "Catch", "Choices", "Default", "End", "ErrorEquals",
        "ItemBatcher", "ItemProcessor", "Items", "ItemsPath", "Iterator", "MaxAttempts", "Next",
        "Output", "OutputPath", "Parameters", "ProcessorConfig", "QueryLanguage", "Resource",
        "Result", "ResultPath", "Retry", "Seconds", "StartAt", "States", "TimeoutSeconds", "Type",
        "Mode", "MaxItemsPerBatch", "A", "B", "x.$",
    ]
)  # fmt: skip
TEXTS = st.sampled_from(
    [
        "A", "B", "Task", "Pass", "Map", "Parallel", "Choice", "Wait", "DISTRIBUTED", "JSONata",
        "arn:aws:states:::aws-sdk:batch:registerJobDefinition", "{% $x & $y %}", "$x", "States.ALL",
        "arn:aws:states:::batch:submitJob.sync", "",
    ]
)  # fmt: skip
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=6),
    max_leaves=20,
)


@given(
    st.dictionaries(FIELDS, ANYTHING, max_size=4),
    st.dictionaries(st.sampled_from("AB"), st.dictionaries(FIELDS, ANYTHING, max_size=8)),
)
def test_no_definition_makes_a_rule_raise(
    top: dict[str, Any], states: dict[str, dict[str, Any]]
) -> None:
    for definition in (top, {**top, "StartAt": "A", "States": states}):
        assert run_checks(CheckedDefinition(definition), CHECKS).problems == ()


def test_a_chain_longer_than_the_stack_is_walked() -> None:
    names = [f"S{index}" for index in range(5000)]
    states: dict[str, Any] = {
        name: {"Type": "Pass", "Next": f"S{index + 1}"} for index, name in enumerate(names[:-1])
    }
    states[names[-1]] = {"Type": "Pass", "Next": "S0"}
    definition = {"StartAt": "S0", "States": states}
    report = run_checks(CheckedDefinition(definition), CHECKS)
    assert report.problems == ()
    ids = [check.id for check, _ in report.findings]
    assert ids == ["asl.end-state", "asl.unbounded-loop"]


def large(count: int, first: str = "S", **fields: Any) -> dict[str, Any]:
    """A chain of so many states, whose fields have the number of the state for ``#``."""
    states: dict[str, Any] = {
        f"{first}{index}": {
            "Type": "Pass",
            "Next": f"{first}{index + 1}",
            **json.loads(json.dumps(fields).replace("#", str(index))),
        }
        for index in range(count)
    }
    return {"StartAt": f"{first}0", "States": {**states, f"{first}{count}": {"Type": "Succeed"}}}


LARGE = {
    "variables": large(2000, Assign={"v#": "#"}),
    "variables in a Map": {
        "StartAt": "Each",
        "States": {
            **large(1000, Assign={"outer#": 1})["States"],
            "Each": {
                "Type": "Map",
                "ItemProcessor": large(1000, "I", Assign={"inner#": 1}),
                "Next": "S0",
            },
        },
    },
    "no targets": {
        "StartAt": "S0",
        "States": {f"S{index}": {"Type": "Pass", "Next": f"T{index}"} for index in range(2000)},
    },
    "functions": large(2000, Parameters={"a.$": "States.Format('{}-{}', $.a#, $.b)"}),
    "JSONata": large(
        500, QueryLanguage="JSONata", Output={"a": "{% $states.input.a[b = #].c & 'x' %}"}
    ),
}


@few(1)
@pytest.mark.parametrize("shape", some([*LARGE], 0, 1, -1))
def test_a_large_definition_takes_seconds(shape: str) -> None:
    started = time.process_time()
    report = run_checks(CheckedDefinition(LARGE[shape]), CHECKS)
    assert report.problems == ()
    # What takes the square of the number of states takes a minute and more.
    assert time.process_time() - started < 15

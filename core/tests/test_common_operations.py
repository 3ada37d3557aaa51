"""Merging against a plain model of it, and enclosing."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Literal

import pytest
from aws_cdk.aws_stepfunctions import Pass
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.proofs import few

from sfn_fragments.states import CommonOperation
from sfn_fragments.utils import JsonReferencePath, enclosed_chain

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfn_fragments_local import ExecutionResult

KEYS = st.sampled_from(["a", "b", "c"])
VALUES = st.one_of(st.integers(0, 9), st.text("xyz", max_size=3), st.just({"n": 1}), st.none())
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=3)
PATHS = st.sampled_from(["$", "$.in", "$.in.deep"])


def get(data: Any, path: str) -> Any:
    for name in filter(None, JsonReferencePath(path).split(".")):
        data = data[name]
    return data


def put(data: Any, path: str, value: Any) -> Any:
    names = [name for name in JsonReferencePath(path).split(".") if name]
    if not names:
        return value
    data = copy.deepcopy(data)
    place = data
    for name in names[:-1]:
        place = place.setdefault(name, {})
    place[names[-1]] = value
    return data


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    defaults=OBJECTS,
    target=st.none() | OBJECTS,
    input_path=PATHS,
    target_path=st.sampled_from(["$", "$.t", "$.t.u"]),
    result_path=st.none() | st.sampled_from(["$", "$.r", "$.r.s"]),
    order=st.sampled_from(["target", "default"]),
)
def test_merging_does_what_the_model_does(
    sfn_run: Callable[..., ExecutionResult],
    defaults: dict[str, Any],
    target: dict[str, Any] | None,
    input_path: str,
    target_path: str,
    result_path: str | None,
    order: Literal["target", "default"],
) -> None:
    place = (JsonReferencePath(input_path) + target_path).as_reference
    present = target is not None or target_path == "$"
    data: Any = put({"other": 1}, input_path, {"kept": True})
    if target is not None:
        data = put(data, place, target)
    have = get(data, place) if present else {}
    merged = {**defaults, **have} if order == "target" else {**have, **defaults}
    result = sfn_run(
        lambda stack: CommonOperation.merge_defaults(
            stack,
            "Merge",
            defaults,
            input_path,
            target_path,
            result_path,
            order,
            check_if_target_present=True,
        ),
        data,
    )
    assert result.status == "SUCCEEDED", result.cause
    assert result.output == put(data, result_path or place, merged)
    assert len(result.states) <= 3


def test_defaults_are_evaluated_relative_to_the_input_path(
    sfn_run: Callable[..., ExecutionResult],
) -> None:
    result = sfn_run(
        lambda stack: CommonOperation.merge_defaults(
            stack,
            "Merge",
            {"name": "$.who", "greeting": "States.Format('Hello {}', $.who)", "memory": 1},
            input_path="$.in",
            target_path="$.job",
        ),
        {"in": {"who": "Ada", "job": {"memory": 2}}},
    )
    assert result.output["in"]["job"] == {"name": "Ada", "greeting": "Hello Ada", "memory": 2}
    assert len(result.states) == 2


def test_a_target_that_is_null_counts_as_absent(sfn_run: Callable[..., ExecutionResult]) -> None:
    result = sfn_run(
        lambda stack: CommonOperation.merge_defaults(
            stack, "Merge", {"a": 1}, target_path="$.t", check_if_target_present=True
        ),
        {"t": None},
    )
    assert result.output == {"t": {"a": 1}}


def test_an_absent_target_fails_where_it_is_not_checked(
    sfn_run: Callable[..., ExecutionResult],
) -> None:
    result = sfn_run(
        lambda stack: CommonOperation.merge_defaults(stack, "Merge", {"a": 1}, target_path="$.t")
    )
    assert result.status == "FAILED"
    assert "$.t" in str(result.cause)


def test_merges_can_be_chained_in_one_scope(sfn_run: Callable[..., ExecutionResult]) -> None:
    result = sfn_run(
        lambda stack: CommonOperation.merge_defaults(
            stack, "First", {"a": 1}, check_if_target_present=True
        ).next(CommonOperation.merge_defaults(stack, "Second", {"b": 2})),
        {"c": 3},
    )
    assert result.output == {"a": 1, "b": 2, "c": 3}


def test_an_unknown_order_is_refused(sfn_run: Callable[..., ExecutionResult]) -> None:
    unknown: Any = "mine"
    with pytest.raises(ValueError, match="give 'target' or 'default'"):
        sfn_run(
            lambda stack: CommonOperation.merge_defaults(
                stack,
                "Merge",
                {},
                order_of_preference=unknown,
            )
        )


@few(4)
@pytest.mark.parametrize(
    ("input_path", "result_path", "expected"),
    [
        (None, None, {"x": 1}),
        ("$.in", None, {"in": {"x": 1}, "other": 2}),
        ("$.in", "$.out", {"in": {"y": 0}, "other": 2, "out": {"x": 1}}),
        ("$.in", "$", {"x": 1}),
    ],
)
@pytest.mark.parametrize("enclose", [CommonOperation.enclose_chainable, enclosed_chain])
def test_enclosing(
    sfn_run: Callable[..., ExecutionResult],
    enclose: Any,
    input_path: str | None,
    result_path: str | None,
    expected: Any,
) -> None:
    result = sfn_run(
        lambda stack: enclose(
            stack,
            "Enclosed",
            Pass(stack, "Work", parameters={"x": 1}),
            input_path=input_path,
            result_path=result_path,
        ),
        {"in": {"y": 0}, "other": 2},
    )
    assert result.output == expected

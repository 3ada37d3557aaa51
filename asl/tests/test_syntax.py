"""The form of reference paths and intrinsic functions."""

from __future__ import annotations

import pytest

from sfn_fragments_asl.model.intrinsics import dynamic_problem
from sfn_fragments_asl.model.paths import path_problem

SINGLE = [
    "$",
    "$.a",
    "$.a-b.c_1",
    "$.a[0].b",
    "$['a b'][0]",
    '$["a"]',
    "$$",
    "$$.Execution.Name",
    "$variable",
    "$variable.a[3]",
    "$.a['it\\'s']",
]
MANY = [
    "$..a",
    "$.a[*].b",
    "$.*",
    "$.a[-1]",
    "$.a[0:2]",
    "$.a[0,1]",
    "$['a','b']",
    "$.a[?(@.b == 'x)')]",
    "$.a[?(@.b[0] > 1)].c",
    "$.a.length()",
]
MALFORMED = [
    "",
    "a",
    "$.",
    "$..",
    "$.a.",
    "$.a b",
    "$.a[",
    "$.a[0",
    "$.a]",
    "$.a[]",
    "$.a[b]",
    "$.a['b]",
    "$.a[?(@.b]",
    "$HOME/x",
    "$.a\n",
    "$.a'",
]


@pytest.mark.parametrize("path", SINGLE)
def test_paths_to_a_single_place(path: str) -> None:
    assert path_problem(path) is None
    assert path_problem(path, single=True) is None


@pytest.mark.parametrize("path", MANY)
def test_paths_to_several_places(path: str) -> None:
    assert path_problem(path) is None
    assert path_problem(path, single=True)


@pytest.mark.parametrize("path", MALFORMED)
def test_malformed_paths(path: str) -> None:
    assert path_problem(path)
    assert path_problem(path, single=True)


@pytest.mark.parametrize(
    "call",
    [
        "States.UUID()",
        "States.UUID( )",
        "States.Array()",
        "States.Array(1, -2.5, 'a', true, null, $.a[0])",
        r"States.Format('it\'s \{x\}, {}', $.a)",
        "States.Format('{}-{}', $.a, States.MathAdd($.b, 1))",
        "States.JsonMerge($.a, $$.Execution.Input, false)",
    ],
)
def test_calls_of_intrinsic_functions(call: str) -> None:
    assert dynamic_problem(call) is None


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        ("States.", "is called like"),
        ("States.Uuid()", "no intrinsic function States.Uuid"),
        ("States.UUID($.a)", "takes 0 arguments, and not 1"),
        ("States.MathRandom(1, 2, 3, 4)", "takes 2 to 3 arguments, and not 4"),
        ("States.UUID(", "is no path"),
        ("States.Array(1", "not closed"),
        ("States.Array(1 2)", "not closed"),
        ("States.Format('{}, $.a)", "is no path"),
        ("States.Array($.a[)", "the bracket"),
        ("States.UUID() and more", "follows the call"),
    ],
)
def test_malformed_calls(call: str, problem: str) -> None:
    assert problem in str(dynamic_problem(call))

"""The values of paths: what Jayway's JsonPath, which AWS uses, finds."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfn_fragments_asl.model.evaluation import NothingFoundError, evaluate
from sfn_fragments_asl.model.json_data import below
from sfn_fragments_asl.model.paths import MalformedError, parse_path

DATA: Any = {
    "a": {"b": [1, 2, 3], "c d": {"é": "x"}, "null": None},
    "list": [
        {"n": 1, "s": "x", "on": True},
        {"n": 2, "s": "y"},
        {"n": 3, "s": "x", "m": None},
        "text",
    ],
    "limit": 2,
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$", DATA),
        ("$.a.b[0]", 1),
        ("$.a.b[-1]", 3),
        ("$['a']['c d'].é", "x"),
        ("$.a.null", None),
        ("$.a.b[0,2]", [1, 3]),
        ("$.a.b[1:]", [2, 3]),
        ("$.a.b[::2]", [1, 3]),
        ("$.a.b[5:]", []),
        ("$.list[*].n", [1, 2, 3]),
        ("$.a.*", [[1, 2, 3], {"é": "x"}, None]),
        ("$..s", ["x", "y", "x"]),
        ("$..['n','s']", [1, "x", 2, "y", 3, "x"]),
        ("$['limit','absent']", {"limit": 2}),
        ("$.list[?(@.n > 1)].s", ["y", "x"]),
        ("$.list[?(@.n >= $.limit)].n", [2, 3]),
        ("$.list[?(@.s == 'x' && @.n < 3)].n", [1]),
        ("$.list[?(@.s == 'y' || @.n == 3)].n", [2, 3]),
        ("$.list[?(@.m)].n", [3]),
        ("$.list[?(!@.on)].s", ["y", "x"]),
        ("$.list[?(@.m == null)].n", [3]),
        # A text is not ordered beside a number, and true is not 1.
        ("$.list[?(@.s > 1)]", []),
        ("$.list[?(@.on == 1)]", []),
        ("$.absent[*].x", []),
        ("$.absent..x", []),
        ("$.absent[0:1]", []),
        ("$.list[?(@.n == 9)]", []),
        ("$.a.b.length()", 3),
        ("$.list[*].n.max()", 3),
        ("$.a.b.sum()", 6),
    ],
)
def test_what_a_path_finds(path: str, value: Any) -> None:
    assert evaluate(parse_path(path), DATA) == value


@pytest.mark.parametrize(
    "path", ["$.absent", "$.a.absent.x", "$.a.b[3]", "$.list.n", "$.limit.x", "$.list[0].s[0]"]
)
def test_a_single_place_that_is_not_there(path: str) -> None:
    with pytest.raises(NothingFoundError, match="leads to nothing"):
        evaluate(parse_path(path), DATA)


@pytest.mark.parametrize("path", ["$.list[?(@.n in [1])]", "$.list[?(]", "$.a.shuffle()"])
def test_what_cannot_be_evaluated_is_said(path: str) -> None:
    with pytest.raises(MalformedError):
        evaluate(parse_path(path), DATA)


json_data = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


def places(value: Any, path: str = "$", pointer: str = "") -> Any:
    """Every place of a value: its path, its JSON Pointer and what is there."""
    yield path, pointer, value
    if isinstance(value, dict):
        for name, item in value.items():
            if name:
                quoted = name.replace("\\", "\\\\").replace("'", "\\'")
                yield from places(item, f"{path}['{quoted}']", below(pointer, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from places(item, f"{path}[{index}]", below(pointer, index))


@given(json_data)
@settings(deadline=None)
def test_every_place_is_found_by_its_path(data: Any) -> None:
    for path, _, value in places(data):
        assert evaluate(parse_path(path), data) is value

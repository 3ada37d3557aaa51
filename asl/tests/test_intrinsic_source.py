"""Values as arguments of intrinsic functions, by their form; the core's tests execute them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfn_fragments_asl.model.intrinsic_source import Source, argument
from sfn_fragments_asl.model.intrinsics import dynamic_problem


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20))
def test_any_text_survives(text: str) -> None:
    escaped = argument(text)
    # What the language reads: a backslash takes the next character as it is.
    read, characters = "", iter(escaped[1:-1])
    for character in characters:
        assert character not in "'{}"
        read += next(characters) if character == "\\" else character
    assert read == text


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text("a'{}\\\" ", max_size=4)
    | st.just(Source("$.b")),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("k'{", max_size=2), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.lists(VALUES, min_size=1, max_size=3))
def test_every_list_is_a_well_formed_function(values: list[Any]) -> None:
    assert dynamic_problem(argument(values)) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([1, True, Source("$.b")], "States.Array(1, true, $.b)"),
        ([None], "States.Array(States.StringToJson('null'))"),
        ([[], {}], r"States.Array(States.StringToJson('[]'), States.StringToJson('\{\}'))"),
        (
            {"a": [Source("$.b"), 5]},
            r"""States.StringToJson(States.Format('\{"a":[{},5]\}', States.JsonToString($.b)))""",
        ),
    ],
)
def test_forms(value: Any, expected: str) -> None:
    assert argument(value) == expected


def test_what_is_replaced_later_is_kept() -> None:
    assert argument("a'${Name}'", re.compile(r"(\$\{\w+\})")) == r"'a\'${Name}\''"

"""FragmentSpec: what is accepted, and what is refused with which words."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfn_fragments import Example, FragmentSpec

part = st.from_regex(r"[a-z][a-z0-9_]{0,10}", fullmatch=True)
names = st.lists(part, min_size=2, max_size=4).map(".".join)
identifier = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,10}", fullmatch=True)
dotted = st.lists(identifier, min_size=1, max_size=3).map(".".join)
targets = st.tuples(dotted, dotted).map(":".join)


@given(names, targets, targets | st.none())
def test_well_formed_names_and_targets_are_kept(name: str, target: str, model: str | None) -> None:
    spec = FragmentSpec(name, target, "Does it.", request=model, response=model, example=model)
    assert (spec.name, spec.target) == (name, target)
    assert spec.request == spec.response == spec.example == model


@given(st.text())
def test_any_name_is_kept_or_refused_by_name(name: str) -> None:
    if re.fullmatch(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+", name):
        assert FragmentSpec(name, "m:C", "Does it.").name == name
    else:
        with pytest.raises(ValueError, match=re.escape(repr(name))):
            FragmentSpec(name, "m:C", "Does it.")


@given(
    st.text(alphabet="ab.:_ -1\n"), st.sampled_from(["target", "request", "response", "example"])
)
def test_any_target_can_be_split_or_is_refused_by_name(target: str, label: str) -> None:
    arguments: dict[str, Any] = {
        "name": "a.b",
        "target": "m:C",
        "summary": "Does it.",
        label: target,
    }
    module, colon, path = target.partition(":")
    if colon and all(piece.isidentifier() for piece in [*module.split("."), *path.split(".")]):
        assert getattr(FragmentSpec(**arguments), label) == target
    else:
        with pytest.raises(ValueError, match=re.escape(f"{label} {target!r}")):
            FragmentSpec(**arguments)


@pytest.mark.parametrize("summary", ["", "  ", "two\nlines"])
def test_summary_is_one_line_of_text(summary: str) -> None:
    with pytest.raises(ValueError, match="is not one line of text"):
        FragmentSpec("a.b", "m:C", summary)


def test_all_mistakes_are_named_at_once() -> None:
    with pytest.raises(ValueError, match=r"name 'A'.*target 'm'.*request 'x'.*summary ''"):
        FragmentSpec("A", "m", "", request="x")


def test_specs_are_frozen_and_equal_by_value() -> None:
    spec = FragmentSpec("a.b", "m:C", "Does it.")
    assert spec == FragmentSpec("a.b", "m:C", "Does it.")
    untyped: Any = spec
    with pytest.raises(dataclasses.FrozenInstanceError):
        untyped.name = "c.d"


def test_example_has_an_empty_input_of_its_own() -> None:
    one, two = (Example("Runs.", lambda sandbox: {}) for _ in range(2))
    assert one.input == {}
    assert one.input is not two.input


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"keywords": "s3"}, "keywords 's3' are no tuple of words in lower case"),
        ({"keywords": ("S3",)}, "keywords ('S3',) are no tuple"),
        ({"keywords": (3,)}, "keywords (3,) are no tuple"),
        ({"stability": "shaky"}, "stability 'shaky' is none of ('stable', 'experimental'"),
    ],
)
def test_what_it_is_found_by_is_well_formed(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        FragmentSpec("acme.wait", "m:C", "Waits.", **given)

"""Reference paths behave like paths: they sanitize once, join in any grouping, and come back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfn_fragments.utils import JsonReferencePath
from sfn_fragments.utils.reference_path import is_dynamic

NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)
STEPS = st.one_of(
    NAMES, st.integers(0, 20).map(lambda n: f"[{n}]"), NAMES.map(lambda name: f"['{name}. x']")
)
ROOTS = st.sampled_from(["", "$", "$.", "$$.", "$job.", "$.$."])
PATHS = st.builds(
    lambda root, steps, dots: root + dots.join(steps),
    ROOTS,
    st.lists(STEPS, max_size=4),
    st.sampled_from([".", ".."]),
)


@given(PATHS)
def test_sanitizing_is_idempotent(path: str) -> None:
    once = JsonReferencePath(path)
    assert JsonReferencePath(once) == once
    assert JsonReferencePath.sanitize(str(once)) == once


@given(PATHS)
def test_a_path_comes_back_from_its_reference(path: str) -> None:
    assert JsonReferencePath(JsonReferencePath(path).as_reference) == JsonReferencePath(path)


@given(PATHS, PATHS, PATHS)
def test_extending_is_associative(a: str, b: str, c: str) -> None:
    first, second, third = map(JsonReferencePath, (a, b, c))
    assert (first + second) + third == first + (second + third) == first.extend(b, c)


@given(PATHS)
def test_the_empty_path_changes_nothing(path: str) -> None:
    whole = JsonReferencePath(path)
    assert whole + JsonReferencePath.empty() == whole
    if not whole.startswith("$"):
        assert JsonReferencePath.empty() + whole == whole


@given(PATHS)
def test_a_reference_begins_with_a_dollar_and_has_no_surplus_periods(path: str) -> None:
    reference = JsonReferencePath(path).as_reference
    assert reference.startswith("$")
    outside_of_brackets = "".join(part.split("]")[-1] for part in reference.split("["))
    assert ".." not in outside_of_brackets


@pytest.mark.parametrize(
    ("path", "reference", "key"),
    [
        ("$", "$", "$"),
        ("", "$", "$"),
        ("a.b", "$.a.b", "a.b.$"),
        ("$.a..b.", "$.a.b", "a.b.$"),
        ("$['a.b'].c", "$['a.b'].c", "['a.b'].c.$"),
        ("$[0].a", "$[0].a", "[0].a.$"),
        ("$$.Execution.Name", "$$.Execution.Name", "$$.Execution.Name.$"),
        ("$job.memory", "$job.memory", "$job.memory.$"),
    ],
)
def test_references_and_keys(path: str, reference: str, key: str) -> None:
    assert JsonReferencePath(path).as_reference == reference
    assert JsonReferencePath(path).as_key == key


def test_tokens_resolve_to_their_paths() -> None:
    from aws_cdk.aws_stepfunctions import JsonPath

    path = JsonReferencePath("$.a.b")
    assert JsonPath.is_encoded_json_path(path.as_jsonpath_string)
    assert str(path.as_jsonpath_json_to_string).startswith("${Token[")
    assert path.as_jsonpath_list
    assert isinstance(path.as_jsonpath_number, int | float)
    assert path.as_jsonpath_object.creation_stack is not None


def test_only_dollars_make_references() -> None:
    assert JsonReferencePath.is_reference("$.a")
    assert not JsonReferencePath.is_reference("a")
    assert not JsonReferencePath.is_reference(3)


@pytest.mark.parametrize("text", ["$.a", "$$.x", "$v", "States.UUID()"])
def test_dynamic_texts(text: str) -> None:
    assert is_dynamic(text)


@pytest.mark.parametrize("value", ["a", "", "States", "${Token[x.1]}", 1, None, ["$.a"]])
def test_everything_else_is_static(value: object) -> None:
    assert not is_dynamic(value)

"""Values as the States Language writes them, and what becomes of them in an execution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk.aws_stepfunctions import JsonPath
from hypothesis import given
from hypothesis import strategies as st

from sfn_fragments.states.asl import chain, parameters, reference, state
from sfn_fragments.utils import convert_to_sfn_api_action_case

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfn_fragments_local import ExecutionResult


def test_computed_values_get_their_key() -> None:
    assert parameters({"a": "$.x", "b": {"c": "States.UUID()", "d": 1}, "e": "plain"}) == {
        "a.$": "$.x",
        "b": {"c.$": "States.UUID()", "d": 1},
        "e": "plain",
    }


def test_a_key_that_is_marked_stays_as_it_is() -> None:
    assert parameters({"a.$": "$.x"}) == {"a.$": "$.x"}


def test_encoded_paths_are_decoded() -> None:
    assert parameters({"a": JsonPath.string_at("$.x"), "b": 1}) == {"a.$": "$.x", "b": 1}
    assert reference(JsonPath.string_at("$.x")) == "$.x"
    assert reference("plain") == "plain"


def test_values_arrive(sfn_run: Callable[..., ExecutionResult]) -> None:
    values: dict[str, Any] = {
        "path": "$.name",
        "list": ["$.name", "it's {not} a \\ path", 3, True],
        "mixed": ["$.name", {"it's {a}": [{"deep": "$.names"}, "$100"], "b": {}}, [], None],
        "of tokens": [JsonPath.string_at("$.name"), JsonPath.number_at("$.age"), ["$.names"]],
        "lists": [["$.name"], ["plain"]],
        "nested": {"deep": [{"path": "$.name"}, None]},
        "nothing": None,
        "intrinsic": "States.Format('{}!', $.name)",
        "token": JsonPath.string_at("$.name"),
        "object": JsonPath.object_at("$"),
        "tokens": JsonPath.list_at("$.names"),
        "number": JsonPath.number_at("$.age"),
        "text": JsonPath.json_to_string(JsonPath.object_at("$.names")),
    }
    result = sfn_run(
        lambda stack: chain(
            state(stack, "Values", {"Type": "Pass", "Parameters": parameters(values)})
        ),
        (given := {"name": "Ada", "names": ["Ada", "Bo"], "age": 36}),
    )
    assert result.output == {
        "path": "Ada",
        "list": ["Ada", "it's {not} a \\ path", 3, True],
        "mixed": ["Ada", {"it's {a}": [{"deep": ["Ada", "Bo"]}, "$100"], "b": {}}, [], None],
        "of tokens": ["Ada", 36, [["Ada", "Bo"]]],
        "lists": [["Ada"], ["plain"]],
        "nested": {"deep": [{"path": "Ada"}, None]},
        "nothing": None,
        "intrinsic": "Ada!",
        "token": "Ada",
        "object": given,
        "tokens": ["Ada", "Bo"],
        "number": 36,
        "text": '["Ada","Bo"]',
    }


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.from_regex(r"[a-z][A-Za-z]{0,5}", fullmatch=True), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(JSON)
def test_api_case_changes_keys_and_nothing_else(value: Any) -> None:
    def lower(item: Any) -> Any:
        if isinstance(item, dict):
            return {key[0].lower() + key[1:]: lower(member) for key, member in item.items()}
        return [lower(member) for member in item] if isinstance(item, list) else item

    converted = convert_to_sfn_api_action_case(value)
    assert lower(converted) == value
    assert convert_to_sfn_api_action_case(converted) == converted

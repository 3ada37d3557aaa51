"""Values as the States Language writes them, and what becomes of them in an execution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsii
import pytest
from aws_cdk import App, CfnParameter, IStableAnyProducer, Lazy, Stack
from aws_cdk.aws_stepfunctions import JsonPath
from hypothesis import given, settings
from hypothesis import strategies as st

from sfn_fragments.states.asl import (
    chain,
    literal,
    parameters,
    reference,
    state,
    translated,
)
from sfn_fragments.utils import convert_to_sfn_api_action_case
from sfn_fragments_asl.errors import UntranslatableError

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


def test_a_list_with_paths_and_objects_is_refused() -> None:
    with pytest.raises(ValueError, match="pass it as a path of its own"):
        parameters({"a": ["$.x", {"b": 1}]})


def test_one_expression_holds_what_parameters_render() -> None:
    stack = Stack(App(analytics_reporting=False), "Stack")
    values = {
        "a": {"b.$": "States.UUID()", "c": JsonPath.string_at("$$.State.Name")},
        "list": ["x", 1, None, True, [2]],
        "text": 'it\'s "ä"',
    }
    assert translated(stack, values) == (
        '{"a": {"b": $uuid(), "c": $states.context.State.Name}, '
        '"list": ["x", 1, null, true, [2]], "text": "it\'s \\"ä\\""}'
    )
    with pytest.raises(UntranslatableError, match="in a state before"):
        translated(stack, {"a": ["$['b','c']"]})


def test_what_cdk_replaces_is_replaced_in_an_expression() -> None:
    stack = Stack(App(analytics_reporting=False), "Stack")
    words = CfnParameter(stack, "Words", type="CommaDelimitedList").value_as_list
    number: Any = CfnParameter(stack, "Number", type="Number").value_as_number
    later: Any = Lazy.any(_Later())
    expression = translated(stack, {"n": number, "t": stack.region, "w": words, "l": later})
    resolved = stack.resolve(expression)["Fn::Join"][1]
    joined = {"Fn::Join": ["|,|", {"Ref": "Words"}]}
    assert resolved == [
        '{"n": ',
        {"Ref": "Number"},
        ', "t": "',
        {"Ref": "AWS::Region"},
        '", "w": ("',
        joined,
        '" = "" ? [] : [$split("',
        joined,
        '", "|,|")]), "l": {"a":[1]}}',
    ]


@jsii.implements(IStableAnyProducer)
class _Later:
    def produce(self) -> Any:
        return {"a": [1]}


def test_values_arrive(sfn_run: Callable[..., ExecutionResult]) -> None:
    values = {
        "path": "$.name",
        "list": ["$.name", "it's {not} a \\ path", 3, True],
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
        "nested": {"deep": [{"path": "Ada"}, None]},
        "nothing": None,
        "intrinsic": "Ada!",
        "token": "Ada",
        "object": given,
        "tokens": ["Ada", "Bo"],
        "number": 36,
        "text": '["Ada","Bo"]',
    }


@settings(max_examples=15, deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20))
def test_any_text_survives_as_an_argument(text: str) -> None:
    escaped = literal(text)
    # What the language reads: a backslash takes the next character as it is.
    read, characters = "", iter(escaped[1:-1])
    for character in characters:
        assert character not in "'{}"
        read += next(characters) if character == "\\" else character
    assert read == text


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

"""What is known of values: too little makes a permission wide, too much would make it wrong."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfn_fragments_asl.model.data_flow import DataFlow
from sfn_fragments_asl.model.known import Scope, jsonata, jsonpath, template
from sfn_fragments_asl.model.machine import Machine
from sfn_fragments_asl.model.translation import to_jsonata
from sfn_fragments_asl.model.values import NOTHING, OPEN, Value, joined, text

VARIABLES = {
    "job": Value(fields={"name": text("sync"), "queue": joined([text("own"), OPEN])}),
    "grown": joined([text("a"), text("b")]),
}
SCOPE = Scope(VARIABLES, Value(fields={"bucket": text("in")}), Value(fields={"arn": text("out")}))


def patterns(value: Value) -> list[str]:
    """The texts that a value may be; ``*`` where it may be any."""
    return [each.pattern for each in value.texts] + (["*"] if value.open else [])


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('"a b"', ["a b"]),
        ('"it\'s"', ["it's"]),
        (r'"a\u002fb\"c"', ['a/b"c']),
        # JSONata knows no such escape.
        (r"'it\'s'", ["*"]),
        ('"a" & "b"', ["ab"]),
        ("$job.name", ["sync"]),
        ("$job.queue", ["own", "*"]),
        ("$job.absent", []),
        ("$unknown.x", ["*"]),
        ("$states.input.bucket", ["in"]),
        ("$states.result.arn", ["out"]),
        ("$states.context.Execution.Name", ["*"]),
        ('"dev-" & $job.name & "-" & $unknown.id & "/x"', ["dev-sync-*"]),
        ('"dev-" & $grown', ["dev-a", "dev-b"]),
        ('$job.queue & "/a"', ["own/a", "*"]),
        ('($x = "&" ? "a" : "b")', ["a", "b"]),
        ('$x ? "a" : $y ? "b" : "c"', ["a", "b", "c"]),
        ('$exists($x) ? $error("a & b") : "c"', ["c"]),
        ('{"a": "b", "c": "d"}.a', ["*"]),
        ('$merge([{"a": "b"}, {"a": "c"}]).a', ["b", "c"]),
        ("$merge([$job, $unknown]).name", ["sync", "*"]),
        ("$merge([$job, $sift($unknown, function($v, $k) { $k != 'x, y' })]).name", ["sync", "*"]),
        ("$sift($job, function($v) { $v }).name", ["sync"]),
        ("$string($job.name)", ["sync"]),
        ("$uppercase($job.name)", ["*"]),
        ('($type($job) = "object" and $exists($job.name) ? $job.name : $error("no"))', ["sync"]),
        ("(function($a, $b) { $merge([$a, $b]) })($job, {'name': 'x'}).name", ["sync", "x"]),
        ("(function($grown) { $grown })($job.name)", ["sync"]),
        ("(function($grown) { $grown })()", []),
        ("function($x) { 'a' & $x }('b')", ["ab"]),
        ("(function($x) { 'a'; $x })('b')", ["*"]),
        ('{"a": $merge([{"b": $job.name}, $sift($unknown, $f)])}.a.b', ["*"]),
        ('($a := "b"; $a)', ["*"]),
        ("[$job.name]", ["*"]),
        ("1 + 1", ["*"]),
        ("$f(", ["*"]),
        ('"a', ["*"]),
        ("", ["*"]),
    ],
)
def test_jsonata(source: str, expected: list[str]) -> None:
    assert patterns(jsonata(source, SCOPE)) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("$.bucket", ["in"]),
        ("$.other", []),
        ("$job.name", ["sync"]),
        ("$unknown", ["*"]),
        ("$$.Execution.Name", ["*"]),
        ("$.a[0]", ["*"]),
        ("States.Format('a/{}/{}', $job.name, $$.Execution.Name)", ["a/sync/*"]),
        ("States.Format('{}-x', $grown)", ["a-x", "b-x"]),
        (r"States.Format('\{a\}, {}', $grown)", ["{a}, a", "{a}, b"]),
        ("States.Format('{}/{}', 'a')", ["a/*"]),
        ("States.Format($form, 'a')", ["*"]),
        ("States.UUID()", ["*"]),
    ],
)
def test_jsonpath(source: str, expected: list[str]) -> None:
    assert patterns(jsonpath(source, SCOPE)) == expected


@pytest.mark.parametrize(
    "source",
    ["$job.name", "States.Format('{}-{}', $grown, $job.name)", "$unknown.x", "$job.list[0]"],
)
def test_a_translation_is_known_as_its_path_is(source: str) -> None:
    assert jsonata(to_jsonata(source), SCOPE) == jsonpath(source, SCOPE)


def test_a_translated_merge_is_known_field_by_field() -> None:
    merged = jsonata(to_jsonata("States.JsonMerge($job, $unknown, false)"), SCOPE)
    assert patterns(merged.field("name")) == ["sync", "*"]


def test_objects_are_merged_field_by_field() -> None:
    merged = jsonpath("States.JsonMerge($job, $unknown, false)", SCOPE)
    assert patterns(merged.field("name")) == ["sync", "*"]
    data = {"a.$": "$job.name", "b": {"c": "{% $job.queue %}"}, "d": None, "e": 1}
    value = template(data, SCOPE)
    assert patterns(value.field("a")) == ["sync"]
    assert patterns(value.field("b").field("c")) == ["own", "*"]
    assert value.field("d") == NOTHING
    assert value.field("e") == OPEN


# The first call imports the parser.
@settings(deadline=None)
@given(st.text(alphabet="$ab.(){}[]&?:,'\"%| ;"))
def test_no_expression_raises(source: str) -> None:
    assert isinstance(jsonata(source, SCOPE), Value)
    assert isinstance(jsonpath(source, SCOPE), Value)


@given(st.lists(st.sampled_from(["a", "b/", "-", ""]), min_size=1, max_size=6))
def test_texts_put_together_are_known_whole(parts: list[str]) -> None:
    source = " & ".join(f'"{part}"' for part in parts)
    assert patterns(jsonata(source, SCOPE)) == ["".join(parts)]


def passes(**assign: Any) -> dict[str, Any]:
    return {"Type": "Pass", "QueryLanguage": "JSONata", "Assign": assign}


def flow(**states: dict[str, Any]) -> DataFlow:
    names = list(states)
    chained = {
        name: {**state, "Next": following}
        for (name, state), following in zip(states.items(), [*names[1:], None], strict=True)
    }
    return DataFlow(Machine({"StartAt": names[0], "States": chained}))


def test_a_variable_may_have_any_of_the_values_that_are_assigned() -> None:
    scope = flow(A=passes(x="a"), B=passes(x="{% $y %}"), C=passes(y="c")).scope_of("C")
    assert patterns(scope.variable("x")) == ["a", "c"]


def test_a_text_that_grows_in_a_loop_may_be_anything() -> None:
    states = {
        "A": {**passes(x="a"), "Next": "B"},
        "B": {**passes(x='{% $x & "a" %}'), "Next": "B"},
    }
    scope = DataFlow(Machine({"StartAt": "A", "States": states})).scope_of("B")
    assert scope.variable("x").open


def test_an_object_that_grows_in_a_loop_may_be_anything() -> None:
    states = {
        "A": {**passes(x="a"), "Next": "B"},
        "B": {**passes(x='{% {"y": $x} %}'), "Next": "B"},
    }
    scope = DataFlow(Machine({"StartAt": "A", "States": states})).scope_of("B")
    assert scope.variable("x") == OPEN


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({"Type": "Wait", "Seconds": 1}, ["b"]),
        ({"Type": "Pass"}, ["b"]),
        ({"Type": "Pass", "Parameters": {"bucket": "c"}}, ["*"]),
        ({"Type": "Pass", "ResultPath": "$.bucket"}, ["*"]),
        ({"Type": "Task", "Resource": "r", "ResultPath": None}, ["b"]),
        ({"Type": "Task", "Resource": "r"}, ["*"]),
        ({"Type": "Task", "Resource": "r", "Output": "{% $states.input %}"}, ["b"]),
        ({"Type": "Task", "Resource": "r", "Output": {"bucket": "c"}}, ["c"]),
        ({"Type": "Wait", "Seconds": 1, "OutputPath": "$.x"}, ["*"]),
    ],
)
def test_an_input_is_known_while_states_pass_it_on(
    state: dict[str, Any], expected: list[str]
) -> None:
    first = {"Type": "Pass", "QueryLanguage": "JSONata", "Output": {"bucket": "b"}}
    scope = flow(A=first, B=state, C={"Type": "Succeed"}).scope_of("C")
    assert patterns(scope.input.field("bucket")) == expected


def test_what_comes_of_an_error_is_known_in_the_execution_only() -> None:
    catch = [
        {"ErrorEquals": ["States.ALL"], "Next": "C", "Assign": {"e": "{% $states.errorOutput %}"}}
    ]
    first = {"Type": "Pass", "QueryLanguage": "JSONata", "Output": {"bucket": "b"}}
    failing = {"Type": "Task", "Resource": "r", "ResultPath": None, "Catch": catch}
    scope = flow(A=first, B=failing, C={"Type": "Succeed"}).scope_of("C")
    assert patterns(scope.input.field("bucket")) == ["b", "*"]
    assert scope.variable("e") == OPEN


def test_branches_begin_with_the_input_and_choices_pass_it_on() -> None:
    first = {"Type": "Pass", "QueryLanguage": "JSONata", "Output": {"bucket": "b"}}
    choice = {"Type": "Choice", "Choices": [{"Next": "In"}], "Default": "In"}
    branch = {"StartAt": "Choose", "States": {"Choose": choice, "In": {"Type": "Pass"}}}
    scope = flow(A=first, B={"Type": "Parallel", "Branches": [branch]}).scope_of("In")
    assert patterns(scope.input.field("bucket")) == ["b"]


def test_a_variable_that_a_loop_puts_into_itself_may_be_anything() -> None:
    wraps = {"n": {"a": "{% $n %}", "b": ["{% $n %}", {"c": "{% $n %}"}]}}
    states = {
        "Begin": {"Type": "Pass", "Assign": {"n": 0}, "Next": "Wrap"},
        "Wrap": {"Type": "Pass", "Assign": wraps, "Next": "Done"},
        "Done": {"Type": "Choice", "Choices": [], "Default": "Wrap"},
    }
    machine = Machine({"QueryLanguage": "JSONata", "StartAt": "Begin", "States": states})
    started = time.process_time()
    assert DataFlow(machine).scope_of("Done").variable("n").open
    # Told apart, its fields would be three times as many in each of twenty rounds.
    assert time.process_time() - started < 5

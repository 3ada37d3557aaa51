"""A path or an intrinsic function and its translation to JSONata give the same, or both fail."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonata import JException
from tests.proofs import few

from sfn_fragments_asl.model.paths import Index, parse_path
from sfn_fragments_asl.model.translation import list_of, text_literal, to_jsonata
from sfn_fragments_batch.translated import translated as translation
from sfn_fragments_local import Engine
from sfn_fragments_local.moto_gaps.json_paths import extract_json
from sfn_fragments_local.moto_gaps.jsonata import evaluate

if TYPE_CHECKING:
    from collections.abc import Iterator

ROLE = "arn:aws:iam::123456789012:role/any"
FAILED = "failed"
ABSENT = object()


def translated(text: str, data: Any, variables: dict[str, Any] | None = None) -> Any:
    """What the translation gives; nothing where it fails by the error that it raises."""
    states = {"input": data, "context": {"Execution": {"Name": "run", "Input": data}}}
    try:
        return evaluate(to_jsonata(text), {"states": states, **(variables or {})})
    except JException as error:
        # JSONata's own code for what `$error` raises.
        return ABSENT if error.error == "D3137" else error


def found(text: str, data: Any) -> Any:
    """What the engine finds at a path; nothing where it fails."""
    path = parse_path(text)
    value: Any = data
    for step in path.steps:
        # AWS takes a text for no list.
        if step.several or (isinstance(step, Index) and not isinstance(value, list)):
            break
        try:
            value = extract_json(f"${step.text}", value)
        except Exception:
            # Below something absent a path to several places finds none of them.
            return [] if path.finds_several else ABSENT
    else:
        return value
    return extract_json(text, data) if path.finds_several else ABSENT


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-99, 99), st.sampled_from(["", "x", "ä", "true", "1"])
)
NAMES = st.sampled_from(["a", "b", "c d", "in"])
JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)),
    max_leaves=12,
)
STEPS = NAMES.map(lambda name: f"['{name}']") | st.sampled_from([".a", ".b", "[0]", "[1]", "[-1]"])
PATHS = st.lists(STEPS, max_size=4).map("".join)
#: Lists and objects are where paths to several places look for them.
SHAPED = st.fixed_dictionaries(
    {
        "rows": st.lists(
            st.fixed_dictionaries(
                {"n": st.integers(-3, 3), "s": st.sampled_from(["x", "y", "z z"])},
                optional={"v": JSON, "a": JSON},
            ),
            max_size=3,
        ),
        "lists": st.lists(st.lists(JSON, max_size=2), max_size=3),
        "map": st.dictionaries(NAMES, JSON, max_size=3),
    },
    optional={"list": st.lists(JSON, max_size=3)},
)
SEVERAL = st.sampled_from(
    [
        "$.rows[*]",
        "$.rows[*].v",
        "$.rows[*].v.a",
        "$.lists[*]",
        "$.lists[*][*]",
        "$.lists[*][0]",
        "$.lists[0:1]",
        "$.lists[-1:]",
        "$.lists[:-1]",
        "$.lists[-2:-1][1:]",
        "$.list[0:2]",
        "$.list[*]",
        "$.map.*",
        "$..a",
        "$..a.b",
        "$.rows..a",
        "$.absent[*].a",
        "$.rows[?(@.n > 0)]",
        "$.rows[?(@.n == 1 || @.s == 'z z' && @.n <= 2)].v",
        "$.rows[?(@.v)].s",
        "$.rows[?(@.v.a[0])]",
        "$.rows[?(@.n != 1)].n",
        "$.rows[?(@.s >= 'y')].s",
        "$.rows[?(@.n < -100)]",
    ]
)


@given(JSON, PATHS)
def test_paths_to_one_place(data: Any, steps: str) -> None:
    expected = found(f"${steps}", data)
    assert translated(f"${steps}", data) == expected
    assert translated(f"$name{steps}", 1, {"name": data}) == expected
    assert translated(f"$$.Execution.Input{steps}", data) == expected


@given(SHAPED, SEVERAL)
def test_paths_to_several_places(data: Any, path: str) -> None:
    assert translated(path, data) == found(path, data)


def test_a_variable_that_is_not_set_fails() -> None:
    for path in ("$absent", "$absent.a", "$absent[*]"):
        assert translated(path, {}) is ABSENT


@pytest.mark.parametrize("path", ["$.a[0:1]", "$.a[?(@.b == 1)]"])
def test_items_are_asked_for_of_lists_only(path: str) -> None:
    assert translated(path, {"a": {"b": 1}}) is ABSENT


def test_a_text_and_a_number_are_not_compared() -> None:
    assert translated("$.a[?(@.b == 1)]", {"a": [{"b": "1"}]}) is ABSENT


@settings(deadline=None)
@given(st.lists(JSON, max_size=4))
def test_a_list_keeps_its_items(items: list[Any]) -> None:
    names = [f"v{index}" for index in range(len(items))]
    source = list_of((f"${name}", True) for name in names)
    assert evaluate(source, dict(zip(names, items, strict=True))) == items


@settings(deadline=None)
@given(JSON)
def test_data_is_what_it_was(data: Any) -> None:
    assert evaluate(translation(cast("Any", None), {"v": data}), {}) == {"v": data}


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_text_is_what_it_was(text: str) -> None:
    assert evaluate(text_literal(text), {}) == text


# --- intrinsic functions, in executions -----------------------------------------------------------


class Machines:
    """Runs the same functions in either language."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._made = 0

    def run(self, text: str, data: Any) -> tuple[Any, Any]:
        """What the function and its translation give; nothing where the execution fails."""
        both = ({"Parameters": {"v.$": text}}, {"Output": {"v": f"{{% {to_jsonata(text)} %}}"}})
        languages = ("JSONPath", "JSONata")
        states = [
            {"Type": "Pass", "QueryLanguage": language, **fields, "End": True}
            for language, fields in zip(languages, both, strict=True)
        ]
        first, second = (self._result(state, data) for state in states)
        return first, second

    def _result(self, state: dict[str, Any], data: Any) -> Any:
        self._made += 1
        name = f"machine-{self._made}"
        if state["QueryLanguage"] == "JSONPath":
            del state["QueryLanguage"]
        self._engine.client("stepfunctions").create_state_machine(
            name=name,
            definition=json.dumps({"StartAt": "A", "States": {"A": state}}),
            roleArn=ROLE,
        )
        result = self._engine.execute(data, name)
        return result.output["v"] if result.status == "SUCCEEDED" else FAILED


@pytest.fixture(scope="module")
def machines() -> Iterator[Machines]:
    with Engine() as engine:
        yield Machines(engine)


DATA = {
    "text": "a,b;;c d",
    "json": '[[1], {"a": null}]',
    "one": [1],
    "list": [3, "x", 3, "x", None],
    "lists": [[1], [2, [3]], []],
    "object": {"a": {"b": 1}, "c": [1]},
    "other": {"a": 2},
    "empty": [],
    "n": 4,
    "half": 1.5,
    "yes": True,
    "null": None,
}


@few(20)
@pytest.mark.parametrize(
    "text",
    [
        "States.Array()",
        "States.Array($.one)",
        "States.Array($.list, 1, $.empty, 'x', $.null, $.object, $.yes)",
        "States.Array(States.Array($.lists), States.Array())",
        "States.ArrayContains($.list, 'x')",
        "States.ArrayContains($.list, 4)",
        "States.ArrayContains($.list, $.null)",
        "States.ArrayContains($.lists, $.one)",
        "States.ArrayContains($.text, 'a')",
        "States.ArrayGetItem($.lists, 0)",
        "States.ArrayGetItem($.lists, 1)",
        "States.ArrayGetItem($.lists, 2)",
        "States.ArrayGetItem($.list, 4)",
        "States.ArrayGetItem($.list, 5)",
        "States.ArrayGetItem($.object, 0)",
        "States.ArrayGetItem($.list, $.text)",
        "States.ArrayLength($.list)",
        "States.ArrayLength($.empty)",
        "States.ArrayLength($.text)",
        "States.ArrayLength($.absent)",
        "States.ArrayPartition($.list, 2)",
        "States.ArrayPartition($.lists, 1)",
        "States.ArrayPartition($.lists, 4)",
        "States.ArrayPartition($.one, 1)",
        "States.ArrayPartition($.empty, 1)",
        "States.ArrayPartition($.n, 1)",
        "States.ArrayRange(1, 9, 2)",
        "States.ArrayRange(1, 9, 9)",
        "States.ArrayRange(1, $.n, 1)",
        "States.ArrayRange(9, 1, 1)",
        "States.ArrayRange(1, 9, 0)",
        "States.ArrayRange(1, 1000, 1)",
        "States.ArrayRange(1, 1001, 1)",
        "States.ArrayUnique($.list)",
        "States.ArrayUnique($.one)",
        "States.ArrayUnique($.empty)",
        "States.ArrayUnique($.n)",
        "States.Base64Encode($.text)",
        "States.Base64Encode($.n)",
        "States.Base64Decode('YSxi')",
        "States.Format('{}', $.text)",
        "States.Format('{}', $.n)",
        "States.Format('{}/{}/{}', $.yes, $.null, $.half)",
        r"States.Format('\{{}\}\'\\', States.MathAdd($.n, -1))",
        "States.Format('none')",
        "States.Format('{}', $.absent)",
        "States.Hash($.text, 'MD5')",
        "States.Hash($.text, 'SHA-1')",
        "States.Hash($.text, 'SHA-256')",
        "States.Hash($.text, 'SHA-384')",
        "States.Hash($.text, 'SHA-512')",
        "States.Hash($.text, 'CRC')",
        "States.Hash($.n, 'MD5')",
        "States.JsonMerge($.object, $.other, false)",
        "States.JsonMerge($.object, $.list, false)",
        "States.JsonToString($.object)",
        "States.JsonToString($.list)",
        "States.JsonToString($.text)",
        "States.JsonToString($.json)",
        "States.JsonToString($.null)",
        "States.JsonToString($.n)",
        "States.MathAdd($.n, 38)",
        "States.MathAdd($.n, $.text)",
        "States.StringSplit($.text, ',')",
        "States.StringSplit($.text, ',; ')",
        r"States.StringSplit('[a]^b-c\\d/e', '[]^-/\\')",
        "States.StringSplit('', ',')",
        "States.StringSplit('abc', 'x')",
        "States.StringToJson($.json)",
        "States.StringToJson('')",
        "States.StringToJson('\"a\"')",
        "States.StringToJson('no')",
        "States.StringToJson($.n)",
    ],
)
def test_intrinsic_functions(machines: Machines, text: str) -> None:
    expected, result = machines.run(text, DATA)
    assert result == expected


def test_numbers_at_random(machines: Machines) -> None:
    _, number = machines.run("States.MathRandom($.n, 6)", DATA)
    assert number in (4, 5)
    _, text = machines.run("States.Format('{}', States.UUID())", DATA)
    assert text.count("-") == 4


@pytest.mark.parametrize(
    "text", ["States.Format('{}', $.object)", "States.MathAdd($.half, 1)", "States.MathRandom(2,1)"]
)
def test_what_is_stricter_than_jsonpath(machines: Machines, text: str) -> None:
    assert machines.run(text, DATA)[1] == FAILED

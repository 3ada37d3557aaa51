"""Where the parts of a definition stand in their file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfn_fragments_asl.model.json_data import below
from sfn_fragments_asl.reading.files import find_state_machines
from sfn_fragments_asl.reading.places import Places
from sfn_fragments_asl.reading.yaml_text import load_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sfn_fragments_asl.reading.templates import FoundMachine


def every_value(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    yield pointer, value
    if isinstance(value, dict):
        for name, item in value.items():
            yield from every_value(item, below(pointer, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from every_value(item, below(pointer, index))


def rest_from(text: str, places: Places, pointer: str) -> str:
    """The text from the place of a value on."""
    place = places.locate(pointer)
    assert place is not None, pointer
    lines = text.split("\n")
    return "\n".join([lines[place.line - 1][place.column - 1 :], *lines[place.line :]])


def documents(names: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    return st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | names,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
        max_leaves=25,
    )


ODD = st.sampled_from(["a/b", "~", "~1", 'q"', "\\", "0", "", "é", "\n", ":{", "}", "\\u0041"])


@given(
    documents(st.text(max_size=5) | ODD),
    st.sampled_from([None, 0, 2, "\t"]),
    st.booleans(),
    st.sampled_from([(",", ":"), (", ", ": "), ("\t,", " :\t")]),
)
def test_a_value_is_where_its_text_begins(
    document: Any, indent: int | str | None, ascii_only: bool, separators: tuple[str, str]
) -> None:
    text = json.dumps(document, indent=indent, ensure_ascii=ascii_only, separators=separators)
    places = Places(text)
    decoder = json.JSONDecoder()
    for pointer, value in every_value(document):
        read, _ = decoder.raw_decode(rest_from(text, places, pointer))
        assert read == value
        assert type(read) is type(value)


# JSON writes what is beyond 16 bits as a pair of escapes, which YAML has not.
@given(documents(ODD), st.sampled_from([None, 2]))
def test_json_is_yaml(document: Any, indent: int | None) -> None:
    text = json.dumps(document, indent=indent)
    both = Places(text), Places(text, yaml=True)
    for pointer, _ in every_value(document):
        assert both[0].locate(pointer) == both[1].locate(pointer)


YAML = """\
# A comment
Plain: text
Flow: {a: 1, "b": [x, y]}
Block: |
  several
  lines
Nested:
  - one
  - deep: &anchor
      here: 2
Alias: *anchor
Merged:
  <<: *anchor
  own: 3
Ref: !Ref Bucket
Get: !GetAtt Role.Arn
Join: !Join ["", [a, !Ref B]]
"é": {ü: tab}
"""


@pytest.mark.parametrize(
    ("pointer", "line", "column"),
    [
        ("", 2, 1),
        ("/Plain", 2, 8),
        ("/Flow", 3, 7),
        ("/Flow/b/1", 3, 23),
        ("/Block", 4, 8),
        ("/Nested", 8, 3),
        ("/Nested/0", 8, 5),
        ("/Nested/1", 9, 5),
        ("/Nested/1/deep/here", 10, 13),
        ("/Alias/here", 10, 13),
        ("/Merged/here", 10, 13),
        ("/Merged/own", 14, 8),
        ("/Ref/Ref", 15, 6),
        ("/Get/Fn::GetAtt/1", 16, 6),
        ("/Join/Fn::Join/1/1/Ref", 17, 22),
        ("/é/ü", 18, 10),
    ],
)
def test_yaml(pointer: str, line: int, column: int) -> None:
    assert pointer in dict(every_value(load_yaml(YAML, "the text")))
    place = Places(YAML, yaml=True).locate(pointer)
    assert place is not None
    assert (place.line, place.column) == (line, column)


@pytest.mark.parametrize(
    "pointer", ["/Nothing", "/Nested/9", "/Nested/x", "/Plain/a", "/Ref/Fn::Sub"]
)
def test_what_is_not_there_has_no_place(pointer: str) -> None:
    assert Places(YAML, yaml=True).locate(pointer) is None
    assert Places('{"Nested": [1], "Plain": "x"}').locate(pointer) is None
    assert Places("").locate("") is None
    assert Places("", yaml=True).locate("") is None


def test_an_anchor_may_hold_itself() -> None:
    place = Places("a: &x\n  b: *x\n", yaml=True).locate("/a/b/b/b")
    assert place is not None
    assert place.line == 1


def test_of_a_name_that_is_given_twice_the_last_counts() -> None:
    place = Places('{"a": 1,\n"a": 2}').locate("/a")
    assert place is not None
    assert (place.line, place.column) == (2, 6)


def test_a_text_is_read_when_a_place_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    read = []
    tree = "sfn_fragments_asl.reading.places.json_tree"
    monkeypatch.setattr(tree, lambda text: read.append(text))
    places = Places("{}")
    assert read == []
    places.locate("/a")
    places.locate("/b")
    # Once, and nothing was found; it is kept all the same.
    assert read == ["{}"]


def test_deep_nesting_and_many_values() -> None:
    deep = "[" * 5000 + "]" * 5000
    place = Places(deep).locate("/0" * 4999)
    assert place is not None
    assert place.column == 5000
    many = json.dumps(
        {f"S{index}": {"Type": "Pass", "Next": "x"} for index in range(20_000)}, indent=1
    )
    place = Places(many).locate("/S19999/Next")
    assert place is not None
    assert place.line == 2 + 19_999 * 4 + 2


STATES = {"StartAt": "A/b", "States": {"A/b": {"Type": "Succeed"}}}
POINTER = "/States/A~1b"


def machine_in(folder: Path, properties: dict[str, Any]) -> FoundMachine:
    resource = {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}
    file = folder / "a.template.json"
    file.write_text(json.dumps({"Resources": {"M/1": resource}}, indent=1))
    (machine,), problems = find_state_machines([str(file)])
    assert problems == []
    return machine


def located(machine: FoundMachine) -> tuple[str, int, int] | None:
    place = machine.place_of(POINTER)
    return (
        None if place is None or place.file is None else (place.file.name, place.line, place.column)
    )


def test_a_definition_in_a_file_of_its_own(tmp_path: Path) -> None:
    texts = {
        "a.json": json.dumps(STATES, indent=1),
        "a.yaml": json.dumps(STATES),
        "b.yaml": "StartAt: A/b\nStates:\n  A/b:\n    Type: Succeed\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    found, _ = find_state_machines([str(tmp_path / name) for name in texts])
    assert [located(each) for each in found] == [
        ("a.json", 4, 10),
        ("a.yaml", 1, 38),
        ("b.yaml", 4, 5),
    ]


def test_a_definition_in_a_template(tmp_path: Path) -> None:
    arn = {"Fn::GetAtt": ["Role", "Arn"]}
    machine = machine_in(tmp_path, {"RoleArn": arn, "Definition": STATES})
    name, line, column = located(machine) or ("", 0, 0)
    assert name == "a.template.json"
    text = machine.file.read_text().split("\n")
    assert text[line - 2].strip() == '"States": {'
    assert text[line - 1][column - 1 :] == "{"


@pytest.mark.parametrize("sub", [False, True])
def test_a_definition_that_is_a_text_has_one_place(tmp_path: Path, sub: bool) -> None:
    text = json.dumps(STATES)
    machine = machine_in(tmp_path, {"DefinitionString": {"Fn::Sub": text} if sub else text})
    _, line, column = located(machine) or ("", 0, 0)
    assert machine.file.read_text().split("\n")[line - 1][:column].strip().startswith('"Definiti')
    assert machine.place_of("/States") == machine.place_of(POINTER)


def test_a_definition_of_parts_is_where_its_property_is(tmp_path: Path) -> None:
    joined = {"Fn::Join": ["", [json.dumps(STATES)]]}
    assert located(machine_in(tmp_path, {"DefinitionString": joined})) == ("a.template.json", 6, 25)


def test_a_definition_in_an_asset(tmp_path: Path) -> None:
    text = json.dumps(STATES, indent=1).replace('"Succeed"', '"Wait", "Seconds": ${Number}')
    (tmp_path / "asset.abc.json").write_text(text)
    location = {"Bucket": "b", "Key": "abc.json"}
    properties = {"DefinitionS3Location": location, "DefinitionSubstitutions": {"Number": 3}}
    assert located(machine_in(tmp_path, properties)) == ("asset.abc.json", 4, 10)

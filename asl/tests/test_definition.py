"""Resolved definitions as plain data."""

from __future__ import annotations

from typing import Any

import pytest

from sfn_fragments_asl.model.definition import Definition, readable_text
from sfn_fragments_asl.model.machine import Machine


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        ({"Ref": "Bucket"}, "${Bucket}"),
        ({"Ref": "AWS::Region"}, "${AWS::Region}"),
        ({"Fn::GetAtt": ["Role", "Arn"]}, "${Role.Arn}"),
        ({"Fn::Join": ["-", ["a", {"Ref": "B"}]]}, "a-${B}"),
        ({"Fn::ImportValue": "Other:Export"}, "${Fn_ImportValue_Other_Export}"),
    ],
)
def test_markers(value: Any, text: str) -> None:
    assert readable_text(value) == text


def test_a_marker_where_a_number_stands() -> None:
    parts = ['{"a":"\\"', {"Ref": "Text"}, '","n":', {"Ref": "Number"}, "}"]
    definition = Definition.from_resolved({"Fn::Join": ["", parts]})
    assert definition.states == {"a": '"${Text}', "n": "${Number}"}


def test_splitting_gives_the_intrinsics_back() -> None:
    parts = ['{"a":"x/', {"Ref": "Bucket"}, '/y"}']
    definition = Definition.from_resolved({"Fn::Join": ["", parts]})
    assert definition.split(definition.states["a"]) == ["x/", {"Ref": "Bucket"}, "/y"]
    assert definition.split("${NotOurs}") == ["${NotOurs}"]


def test_every_state_is_walked() -> None:
    def machine(**states: Any) -> dict[str, Any]:
        return {"States": states}

    definition = machine(
        A={"Type": "Parallel", "Branches": [machine(B={}), machine(C={})]},
        D={"Type": "Map", "ItemProcessor": machine(E={"Type": "Map", "Iterator": machine(F={})})},
    )
    assert [state.name for state in Machine(definition).every_state()] == [
        "A",
        "B",
        "C",
        "D",
        "E",
        "F",
    ]

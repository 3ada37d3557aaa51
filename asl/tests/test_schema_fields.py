"""JSON Schemas and docstrings, as a person reads them."""

from __future__ import annotations

from typing import Any

import pytest

from sfn_fragments_asl.cli.docstrings import (
    description_in,
    prose_in,
    section_in,
    told_in,
    told_of,
)
from sfn_fragments_asl.cli.schema_fields import SchemaField, fields_of


def fields(schema: dict[str, Any], **told: str) -> list[SchemaField]:
    return fields_of(schema, told, told_in)


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ({"type": "integer"}, "whole number"),
        ({"type": ["string", "null"]}, "text"),
        ({"anyOf": [{"type": "string"}, {"type": "string", "pattern": "s3"}]}, "text"),
        ({"anyOf": [{"type": "array", "items": {}}, {"type": "null"}]}, "list"),
        ({"enum": ["a", 1]}, '"a" or 1'),
        ({"const": None}, "null"),
        ({"$ref": "#/$defs/Either"}, "number or true or false"),
        ({"$ref": "#/$defs/Nowhere"}, "anything"),
        ({}, "anything"),
    ],
)
def test_what_a_field_may_be(field: dict[str, Any], words: str) -> None:
    either = {"oneOf": [{"type": "number"}, {"type": "boolean"}]}
    [found] = fields({"properties": {"a": field}, "$defs": {"Either": either}})
    assert found.type == words


def test_required_ones_come_first_and_inner_ones_below() -> None:
    inner = {
        "description": "Holds.\n\nAttributes:\n    deep: As it\n        says itself.",
        "properties": {"deep": {"type": "string", "default": "x"}},
    }
    schema = {
        "$defs": {"Inner": inner},
        "properties": {
            "more": {"type": "array", "items": {"$ref": "#/$defs/Inner"}},
            "one": {"$ref": "#/$defs/Inner", "description": "Its own\nwords."},
        },
        "required": ["one"],
    }
    assert fields(schema, **{"more[].deep": "As the outer says."}) == [
        SchemaField("one", "object", True, None, "Its own words."),
        SchemaField("one.deep", "text", False, '"x"', "As it says itself."),
        SchemaField("more", "list", False, None, ""),
        SchemaField("more[].deep", "text", False, '"x"', "As the outer says."),
    ]


def test_an_object_inside_itself_is_not_followed() -> None:
    tree = {"properties": {"left": {"$ref": "#/$defs/Tree"}, "name": {"type": "string"}}}
    schema = {"$defs": {"Tree": tree}, "properties": {"root": {"$ref": "#/$defs/Tree"}}}
    assert [each.name for each in fields(schema)] == ["root", "root.left", "root.name"]


def test_docstrings_are_read_without_their_markup() -> None:
    docstring = """Copies ``a`` with :class:`~acme.tools.Copier`.

    Again.

    Args:
        a: What, as :data:`A`.
        b: Where
            to.
    """
    assert description_in(docstring) == "Copies a with Copier.\n\nAgain."
    assert told_in(docstring) == {"a": "What, as A.", "b": "Where to."}


def test_sections_of_a_fragment_are_told_apart() -> None:
    docstring = """Cleans up.

    Deletes:
        All of ``/tmp``,
        whatever its age.

        The rest stays.

    When to use: never.

    Args:
        a: What.
    """
    assert description_in(docstring) == "Cleans up.\n\nWhen to use: never."
    assert section_in(docstring, "Deletes") == "All of /tmp,\nwhatever its age.\n\nThe rest stays."
    # Prose, as there is nothing below it.
    assert section_in(docstring, "When to use") == ""
    assert told_in(docstring)["a"] == "What."
    assert "Deletes: All of /tmp," in prose_in(docstring)


def test_bases_tell_of_attributes_too() -> None:
    class Base:
        """Base.

        Attributes:
            a: Of the base.
            b: Of the base.
        """

    class Own(Base):
        """Own.

        Attributes:
            a: Of its own.
        """

    assert told_of(Own) == {"a": "Of its own.", "b": "Of the base."}

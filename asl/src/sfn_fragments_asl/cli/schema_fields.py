"""The fields of a JSON Schema as a person reads them: a row each, inner ones as ``outer.inner``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_WORDS = {
    "array": "list",
    "boolean": "true or false",
    "integer": "whole number",
    "number": "number",
    "object": "object",
    "string": "text",
}


@dataclass(frozen=True)
class SchemaField:
    """A field of an object that a schema describes.

    Attributes:
        name: Its name; behind a period inside another object, ``[]`` for each item of a list.
        type: What it may be, in words.
        required: Whether it must be given wherever the object around it is.
        default: Its default as JSON; None where there is none, or it is null.
        description: What it is.
    """

    name: str
    type: str
    required: bool
    default: str | None
    description: str


def fields_of(
    schema: Mapping[str, Any],
    told: Mapping[str, str],
    told_in: Callable[[str], Mapping[str, str]],
) -> list[SchemaField]:
    """The fields that a schema describes, the required ones first.

    Args:
        schema: Of an object, as pydantic makes it: with ``$defs``, and with docstrings as
            ``description``.
        told: What is known of fields besides, by name.
        told_in: What a docstring tells of fields, by name; of one inside another as
            ``outer.inner``.

    Returns:
        The fields, and below each those inside. An object inside itself is not followed.

    Examples:
        >>> fields_of({"properties": {"a": {"type": "integer"}}}, {}, lambda text: {})[0].type
        'whole number'
    """
    return list(_Reader(schema.get("$defs", {}), told_in).fields(schema, "", told, ()))


def described(fields: Sequence[SchemaField]) -> list[SchemaField]:
    """The fields that a reader needs of a schema which holds those of other libraries too.

    Args:
        fields: All of them, as `fields_of` gives them.

    Returns:
        Them without those inside an object that no docstring describes: they are another page's
        matter.

    Examples:
        >>> outer = SchemaField("volumes", "list", False, None, "Volumes, as Batch has them.")
        >>> inner = SchemaField("volumes[].host", "object", False, None, "")
        >>> [each.name for each in described([outer, inner])]
        ['volumes']
    """
    known = {"", *(each.name for each in fields if each.description or "." not in each.name)}
    return [
        each
        for each in fields
        if {each.name, each.name.rpartition(".")[0].removesuffix("[]")} <= known
    ]


class _Reader:
    def __init__(
        self, definitions: Mapping[str, Any], told_in: Callable[[str], Mapping[str, str]]
    ) -> None:
        self._definitions = definitions
        self._told_in = told_in

    def fields(
        self, schema: Mapping[str, Any], place: str, told: Mapping[str, str], above: tuple[str, ...]
    ) -> Iterator[SchemaField]:
        own = self._told_in(schema.get("description", ""))
        # What the outer object tells of the inner ones is nearer to who reads.
        told = {**{f"{place}{name}": text for name, text in own.items()}, **told}
        required = {*schema.get("required", [])}
        fields = schema.get("properties", {})
        for name in sorted(fields, key=lambda each: each not in required):
            field, full = fields[name], f"{place}{name}"
            default = field.get("default")
            yield SchemaField(
                full,
                " or ".join(dict.fromkeys(self._words(field))) or "anything",
                name in required,
                None if default is None else json.dumps(default, ensure_ascii=False),
                " ".join((told.get(full) or field.get("description", "")).split()),
            )
            for inside, suffix in self._inner(field, ""):
                reference = inside.get("$ref", "")
                if reference not in above:
                    resolved = self._resolved(inside)
                    yield from self.fields(resolved, f"{full}{suffix}.", told, (*above, reference))

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        reference = schema.get("$ref")
        found = self._definitions.get(reference.rpartition("/")[2], {}) if reference else schema
        return found if isinstance(found, dict) else {}

    def _alternatives(self, schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        for key in ("anyOf", "oneOf", "allOf"):
            if key in schema:
                return [each for one in schema[key] for each in self._alternatives(one)]
        return [schema]

    def _inner(
        self, schema: Mapping[str, Any], suffix: str
    ) -> Iterator[tuple[Mapping[str, Any], str]]:
        """The objects inside, and what stands between the names."""
        for each in self._alternatives(schema):
            resolved = self._resolved(each)
            if "properties" in resolved:
                yield each, suffix
            elif isinstance(resolved.get("items"), dict):
                yield from self._inner(resolved["items"], f"{suffix}[]")

    def _words(self, schema: Mapping[str, Any]) -> Iterator[str]:
        for each in self._alternatives(schema):
            resolved = self._resolved(each)
            if "enum" in resolved:
                yield " or ".join(
                    json.dumps(value, ensure_ascii=False) for value in resolved["enum"]
                )
            elif "const" in resolved:
                yield json.dumps(resolved["const"], ensure_ascii=False)
            elif resolved is not each and any(key in resolved for key in ("anyOf", "oneOf")):
                yield from self._words(resolved)
            else:
                kinds = resolved.get("type", "object" if "properties" in resolved else [])
                for kind in [kinds] if isinstance(kinds, str) else kinds:
                    # That it may be null is the same as that it may be left out.
                    if kind != "null":
                        yield _WORDS.get(kind, kind)

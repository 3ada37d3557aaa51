"""Intrinsic functions of CloudFormation: what they refer to, and what may stand in their place.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

# Without braces within, so that what is not closed is not looked at again and again.
_VARIABLE = re.compile(r"\$\{([^!{}][^{}]*)\}")
_LITERAL = re.compile(r"\$\{!([^{}]*)\}")


def joined(text: str, substitutions: Mapping[str, Any]) -> dict[str, Any]:
    """A text with ``${Name}`` in it, as CDK would write it with intrinsics.

    Args:
        text: The text.
        substitutions: What stands for some of the names.
    """
    pieces = _VARIABLE.split(text)
    parts: list[Any] = []
    for index, piece in enumerate(pieces):
        if index % 2 == 0:
            parts.append(_LITERAL.sub(r"${\1}", piece))
        elif piece in substitutions:
            value = substitutions[piece]
            parts.append(json.dumps(value) if isinstance(value, bool | int | float) else value)
        else:
            name, dot, attribute = piece.partition(".")
            parts.append({"Fn::GetAtt": [name, attribute]} if dot else {"Ref": piece})
    return {"Fn::Join": ["", parts]}


def without_sub(value: Any) -> Any:
    """An intrinsic with each ``Fn::Sub`` in it written as ``Fn::Join``.

    Args:
        value: What may hold intrinsics.

    Examples:
        >>> without_sub({"Fn::Sub": "${Role.Arn}"})
        {'Fn::Join': ['', ['', {'Fn::GetAtt': ['Role', 'Arn']}, '']]}
    """
    match value:
        case {"Fn::Sub": str(template) | [str(template), *_]} if not _VARIABLE.search(template):
            return _LITERAL.sub(r"${\1}", template)
        case {"Fn::Sub": [str(template), Mapping() as variables]}:
            return joined(template, {name: without_sub(each) for name, each in variables.items()})
        case {"Fn::Sub": str(template)}:
            return joined(template, {})
        case Mapping():
            return {name: without_sub(item) for name, item in value.items()}
        case list():
            return [without_sub(item) for item in value]
    return value


def branches(values: Any) -> Iterator[tuple[Any, bool]]:
    """Each item that a list may have.

    Args:
        values: The list, or what stands for it; ``Fn::If`` may stand for it and for its items.

    Yields:
        The item, and whether it is there in every deployment. What stands for a whole list, and
        is not known, is one item.

    Examples:
        >>> choice = {"Fn::If": ["IsProd", "a", {"Ref": "AWS::NoValue"}]}
        >>> list(branches(["b", choice]))
        [('b', True), ('a', False)]
    """
    if values is None:
        return
    for item in values if isinstance(values, list) else [values]:
        match item:
            case {"Fn::If": [_, then, otherwise]}:
                for each in (then, otherwise):
                    yield from ((value, False) for value, _ in branches(each))
            case {"Ref": "AWS::NoValue"}:
                continue
            case _:
                yield item, True


def references(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """The names that a value refers to.

    Args:
        value: What may hold intrinsics.
        place: Name of the property that it is the value of.

    Yields:
        The nearest property that a reference stands in, and the logical id of what it is to.

    Examples:
        >>> list(references({"RoleArn": {"Fn::Sub": "${Role.Arn}"}}))
        [('RoleArn', 'Role')]
    """
    match value:
        case {"Ref": str(name)}:
            yield place, name
        case {"Fn::GetAtt": [str(name), *_]}:
            yield place, name
        case {"Fn::Sub": str() | [str(), {}]}:
            yield from references(without_sub(value), place)
        case Mapping():
            for name, item in value.items():
                yield from references(item, place if name.startswith("Fn::") else name)
        case list():
            for item in value:
                yield from references(item, place)


def has_names(value: Any) -> bool:
    """Whether a document refers to anything but CloudFormation's pseudo parameters.

    Args:
        value: The document, as CloudFormation has it.
    """
    if isinstance(value, Mapping):
        return any(
            not str(item).startswith("AWS::")
            if key == "Ref"
            else key in ("Fn::GetAtt", "Fn::GetStackOutput", "Fn::ImportValue") or has_names(item)
            for key, item in value.items()
        )
    return isinstance(value, list) and any(map(has_names, value))

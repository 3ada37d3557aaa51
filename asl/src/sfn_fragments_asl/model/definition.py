"""A definition as plain data, with the places that CloudFormation fills in marked."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.model.machine import Machine

if TYPE_CHECKING:
    from collections.abc import Mapping

#: How a name begins that CloudFormation makes up.
MADE_UP = "${AWS::StackName}-"

_QUOTE_OR_ESCAPE = re.compile(r'\\.|"', re.DOTALL)
# An attribute may have any character: that of a reference to another region is a path.
_MARKER = re.compile(r"\$\{[^{}]+\}")


@dataclass(frozen=True)
class Definition:
    """The definition of a state machine.

    Attributes:
        states: The parsed JSON: ``StartAt``, ``States`` and so on. A value that is known at
            deployment only is written as ``${LogicalId}`` or ``${LogicalId.Attribute}``.
        tokens: Each such text, with the CloudFormation intrinsic that it stands for.
    """

    states: Mapping[str, Any]
    tokens: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def machine(self) -> Machine:
        """The definition as a graph of states; what is malformed in it is left out."""
        return Machine(self.states)

    @classmethod
    def from_resolved(cls, resolved: Any) -> Definition:
        """Read what CDK makes of a ``DefinitionString``.

        Args:
            resolved: A text, or an ``Fn::Join`` of texts and intrinsics.

        Returns:
            The definition.

        Examples:
            >>> Definition.from_resolved({"Fn::Join": ["", ['{"a":"', {"Ref": "B"}, '"}']]}).states
            {'a': '${B}'}
        """
        tokens: dict[str, Any] = {}
        separator, parts = _join(resolved) or ("", [resolved])
        pieces: list[str] = []
        quoted = False
        for part in parts:
            piece = readable_text(part, tokens)
            # Where a number is expected, the marker stands outside of any quotes.
            if not isinstance(part, str) and not quoted:
                piece = json.dumps(piece)
            if pieces:
                piece = f"{separator}{piece}"
            quoted ^= _QUOTE_OR_ESCAPE.findall(piece).count('"') % 2 == 1
            pieces.append(piece)
        return cls(json.loads("".join(pieces)), tokens)

    def split(self, text: str) -> list[Any]:
        """Split a text of the definition into literals and intrinsics, to build an ARN of it.

        Args:
            text: A text that may hold markers.

        Returns:
            Its parts, in order; empty ones are left out.
        """
        parts: list[Any] = []
        end = 0
        for match in _MARKER.finditer(text):
            if match.group() in self.tokens:
                parts += [text[end : match.start()], self.tokens[match.group()]]
                end = match.end()
        return [part for part in [*parts, text[end:]] if part != ""]


def readable_text(value: Any, tokens: dict[str, Any] | None = None) -> str:
    """A resolved CDK text with every CloudFormation intrinsic as a readable marker.

    Args:
        value: A text, an ``Fn::Join``, or another intrinsic.
        tokens: Filled with marker to intrinsic, when given.

    Returns:
        The text, such as ``arn:${AWS::Partition}:s3:::${Bucket}``.
    """
    if isinstance(value, str):
        return value
    if (joined := _join(value)) is not None:
        separator, parts = joined
        return separator.join(readable_text(part, tokens) for part in parts)
    marker = _marker(value)
    if tokens is not None:
        tokens[marker] = value
    return marker


def _join(value: Any) -> tuple[str, list[Any]] | None:
    """The separator and the parts of an ``Fn::Join``; None for anything else."""
    match value:
        case {"Fn::Join": [separator, list(parts)]}:
            return str(separator), parts
    return None


def _marker(intrinsic: Any) -> str:
    match intrinsic:
        case {"Ref": str(name)}:
            return f"${{{name}}}"
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            return f"${{{name}.{attribute}}}"
    return "${" + re.sub(r"[^A-Za-z0-9]+", "_", json.dumps(intrinsic)).strip("_") + "}"

"""Places of a definition that a template leaves open: ``${Name}`` that nothing fills in.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sfn_fragments_asl.model.json_data import mapping
from sfn_fragments_asl.model.state_machine import OpenReference

# CloudFormation takes letters, digits, colons and dots in a name; ! is for the text itself.
_PLACE = re.compile(r"\$\{(![^{}]*|[\w.:\- ]*)\}")
_NAME = re.compile(r"\w+")
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html
_PSEUDO_PARAMETERS = frozenset(
    f"AWS::{name}"
    for name in (
        "AccountId",
        "NoValue",
        "NotificationARNs",
        "Partition",
        "Region",
        "StackId",
        "StackName",
        "URLSuffix",
    )
)
# A whole value, or a part of an ARN: other texts may hold variables of a shell.
_NEEDED = re.compile(r'"\$\{\w+\}"|:\s*\$\{\w+\}|"arn:[^"]*\$\{\w+\}')


def open_references(
    given: Any, template: Mapping[str, Any], substitutions: Mapping[str, Any]
) -> Iterator[OpenReference]:
    """The places that nothing fills in.

    Args:
        given: The definition, as the template has it or as the file holds it.
        template: The template.
        substitutions: Its ``DefinitionSubstitutions``.

    Yields:
        Each such place once.
    """
    seen: set[str] = set()
    for text, variables in _texts(given):
        for reference in _open_in(text, variables, template, substitutions):
            if reference.text not in seen:
                seen.add(reference.text)
                yield reference


def _texts(value: Any) -> Iterator[tuple[str, Mapping[str, Any] | None]]:
    """Each text, with the variables of the ``Fn::Sub`` that it is of; None where it is of none."""
    match value:
        case {"Fn::Sub": [str(text), Mapping() as variables]}:
            yield text, variables
        case {"Fn::Sub": str(text)}:
            yield text, {}
        case str():
            yield value, None
        case Mapping():
            if len(value) == 1 and next(iter(value)).startswith(("Fn::", "Ref")):
                for each in value.values():
                    yield from _texts(each) if not isinstance(each, str) else ()
                return
            for item in value.values():
                yield from _texts(item)
        case list():
            for item in value:
                yield from _texts(item)


def _open_in(
    text: str,
    variables: Mapping[str, Any] | None,
    template: Mapping[str, Any],
    substitutions: Mapping[str, Any],
) -> Iterator[OpenReference]:
    if "${" not in text:
        return
    if variables is None:
        # No Fn::Sub: DefinitionSubstitutions alone fill in, and leave the others as they are.
        for name in dict.fromkeys(_PLACE.findall(text)):
            whole = text == f"${{{name}}}" or text.startswith("arn:")
            needed = whole or any(f"${{{name}}}" in part for part in _NEEDED.findall(text))
            if _NAME.fullmatch(name) and name not in substitutions and needed:
                yield OpenReference(f"${{{name}}}", in_sub=False)
        return
    rest = _PLACE.sub("", text)
    if "${" in rest:
        at = rest.index("${")
        yield OpenReference(rest[at : at + 40], in_sub=True, closed=False)
    if _makes_resources(template):
        return
    known = {**mapping(template.get("Resources")), **mapping(template.get("Parameters"))}
    for name in dict.fromkeys(_PLACE.findall(text)):
        head = name.strip().partition(".")[0]
        if name.startswith("!") or head in _PSEUDO_PARAMETERS or name.strip() in substitutions:
            continue
        if head not in known and name.strip() not in variables:
            yield OpenReference(f"${{{name}}}", in_sub=True)


def _makes_resources(template: Mapping[str, Any]) -> bool:
    """Whether a transform adds resources that the template does not name."""
    return "Transform" in template or any(
        str(name).startswith("Fn::") for name in mapping(template.get("Resources"))
    )

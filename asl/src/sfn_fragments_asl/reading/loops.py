"""Resources that ``Fn::ForEach`` makes of one.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sfn_fragments_asl.model.json_data import mapping

_LOOP: Final = "Fn::ForEach::"


def without_loops(
    template: Mapping[str, Any],
) -> dict[str, tuple[Any, tuple[str | int, ...]]]:
    """The resources of a template, with those that loops make.

    Args:
        template: The template.

    Returns:
        Logical id to the resource, and to the keys of its place below ``Resources``. A loop over
        what is not known gives one, whose texts keep the marker.

    Examples:
        >>> body = {"M${Name}": {"Type": "AWS::SNS::Topic"}}
        >>> template = {"Resources": {"Fn::ForEach::Ms": ["Name", ["A", "B"], body]}}
        >>> list(without_loops(template))
        ['MA', 'MB']
    """
    found: dict[str, tuple[Any, tuple[str | int, ...]]] = {}
    for name, resource, keys in _expanded(mapping(template.get("Resources")), template, ()):
        found[name] = (resource, keys)
    return found


def _expanded(
    resources: Mapping[str, Any], template: Mapping[str, Any], place: tuple[str | int, ...]
) -> Iterator[tuple[str, Any, tuple[str | int, ...]]]:
    for key, resource in resources.items():
        match resource:
            case [str(variable), collection, Mapping() as body] if key.startswith(_LOOP):
                for item in _items(collection, template) or [f"${{{variable}}}"]:
                    # The place is that of the text before anything is filled in.
                    inner = _expanded(body, template, (*place, key, 2))
                    for name, one, keys in inner:
                        yield _filled(name, variable, item), _filled(one, variable, item), keys
            case _:
                yield key, resource, (*place, key)


def _items(collection: Any, template: Mapping[str, Any]) -> list[str]:
    match collection:
        case {"Ref": str(name)}:
            parameter = mapping(mapping(template.get("Parameters")).get(name))
            default = parameter.get("Default")
            return [one.strip() for one in str(default).split(",")] if default else []
        case list():
            return [str(one) for one in collection if not isinstance(one, Mapping)]
    return []


def _filled(value: Any, variable: str, item: str) -> Any:
    match value:
        case str():
            # With an ampersand, what is no letter or digit is left out.
            plain = "".join(filter(str.isalnum, item))
            return value.replace(f"${{{variable}}}", item).replace(f"&{{{variable}}}", plain)
        case {"Ref": name} if name == variable and len(value) == 1:
            return item
        case Mapping():
            return {
                _filled(key, variable, item): _filled(each, variable, item)
                for key, each in value.items()
            }
        case list():
            return [_filled(each, variable, item) for each in value]
    return value

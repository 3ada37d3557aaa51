"""Templates in YAML, with the short forms of CloudFormation's intrinsics; needs PyYAML."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

_MAP = "tag:yaml.org,2002:map"
_MERGE = "tag:yaml.org,2002:merge"
_TIMESTAMP = "tag:yaml.org,2002:timestamp"


def load_yaml(text: str, what: str) -> Any:
    """Parse a template or a definition in YAML.

    Args:
        text: The YAML.
        what: What it is, for the error.

    Returns:
        The value, with ``!Ref`` and the like as the JSON that they stand for.

    Raises:
        ValueError: It is not YAML, a mapping has a key twice, or PyYAML is not installed.

    Example:
        >>> load_yaml("Arn: !GetAtt Role.Arn", "the text")
        {'Arn': {'Fn::GetAtt': ['Role', 'Arn']}}
    """
    try:
        # By name: the core does not depend on it, and it publishes no types.
        yaml: Any = import_module("yaml")
    except ImportError as error:
        raise ValueError(
            f"{what} is no JSON, and reading YAML needs PyYAML: pip install pyyaml"
        ) from error
    try:
        # Made of SafeLoader, which makes nothing but data.
        return yaml.load(text, Loader=_loader(yaml))
    except (yaml.YAMLError, ValueError) as error:
        raise ValueError(f"{what} is not YAML: {' '.join(str(error).split())}") from error


@dataclass(frozen=True)
class YamlValue:
    """A value of a YAML text.

    Attributes:
        node: PyYAML's node of it.
        short: Name of the intrinsic that its tag is short for, where that is still to be named.
    """

    node: Any
    short: str | None = None

    @property
    def offset(self) -> int:
        """Index of its first character in the text."""
        return int(self.node.start_mark.index)

    def child(self, name: str) -> YamlValue | None:
        """The value at a name of a field, or at the index of an item."""
        if self.short is not None:
            return YamlValue(self.node) if name == self.short else None
        if self.node.id == "sequence":
            items = self.node.value
            return _value(items[int(name)]) if name.isdecimal() and int(name) < len(items) else None
        if self.node.id == "scalar":
            # The resource and the attribute of a GetAtt are one text.
            return self if self.node.tag == "!GetAtt" and name in ("0", "1") else None
        found = _field(self.node, name)
        return None if found is None else _value(found)


def yaml_tree(text: str) -> YamlValue | None:
    """Find where each value of a YAML text begins.

    Args:
        text: The YAML, which :func:`load_yaml` has read.

    Returns:
        The outermost value; None for a text without any.
    """
    yaml: Any = import_module("yaml")
    node = yaml.compose(text, Loader=_loader(yaml))
    return None if node is None else _value(node)


def _value(node: Any) -> YamlValue:
    tag = str(node.tag)
    return YamlValue(node, _intrinsic_name(tag[1:]) if tag.startswith("!") else None)


def _field(mapping: Any, name: str) -> Any:
    """The node of a field of a mapping; its own fields come before those that it merges."""
    merged: list[Any] = []
    for key, value in mapping.value:
        if key.tag == _MERGE:
            merged += value.value if value.id == "sequence" else [value]
        elif key.value == name:
            return value
    found = (_field(each, name) for each in merged if each.id == "mapping")
    return next((each for each in found if each is not None), None)


def _loader(yaml: Any) -> Any:
    loader: Any = type("TemplateLoader", (yaml.SafeLoader,), {})
    # The version of a template is a text that looks like a date.
    loader.yaml_implicit_resolvers = {
        first: [each for each in resolvers if each[0] != _TIMESTAMP]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    loader.add_constructor(_MAP, _mapping)
    loader.add_multi_constructor("!", _intrinsic)
    return loader


def _mapping(loader: Any, node: Any) -> dict[Any, Any]:
    names = [str(key.value) for key, _ in node.value]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(f"it gives {', '.join(map(repr, repeated))} twice in one object")
    mapping: dict[Any, Any] = loader.construct_mapping(node, deep=True)
    return mapping


def _intrinsic(loader: Any, name: str, node: Any) -> dict[str, Any]:
    value = getattr(loader, f"construct_{node.id}")(node, **_depth(node))
    if name == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {_intrinsic_name(name): value}


def _intrinsic_name(short: str) -> str:
    return short if short in ("Ref", "Condition") else f"Fn::{short}"


def _depth(node: Any) -> dict[str, bool]:
    return {} if node.id == "scalar" else {"deep": True}

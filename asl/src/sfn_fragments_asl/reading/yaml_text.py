"""Definitions and templates in YAML, with the short forms of CloudFormation's intrinsics.

Scalars are those of YAML 1.2: ``Yes``, ``No`` and ``on`` are texts, and names are texts whatever
they look like. Needs PyYAML, which is of 1.1.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from sfn_fragments_asl.reading.text import MAX_LEVELS, MAX_VALUES, Repeating

_MAP = "tag:yaml.org,2002:map"
_MERGE = "tag:yaml.org,2002:merge"
_INT = "tag:yaml.org,2002:int"
_PREFIX = "tag:yaml.org,2002:"
#: Tag to the scalars that are of it, and the characters that these begin with: the core schema of
#: YAML 1.2, https://yaml.org/spec/1.2.2/#103-core-schema, and the merge key of 1.1.
_SCALARS = {
    "bool": (r"true|True|TRUE|false|False|FALSE", "tTfF"),
    "float": (
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)"
        r"|\.(?:nan|NaN|NAN)",
        "-+.0123456789",
    ),
    "int": (r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    "merge": (r"<<", "<"),
    "null": (r"~|null|Null|NULL|", "~nN\0"),
}
_TOO_DEEP = f"it is nested too deep: {MAX_LEVELS} levels are read"
# What CloudFormation fills in holds braces, which end a value in a flow of YAML: characters that
# nobody uses stand for them while it is read, so that all places stay where they are.
_FILLED_IN = re.compile(r"\$\{([^{}\n]*)\}")
_OPEN, _CLOSE = "\ue0f1", "\ue0f2"


def load_yaml(text: str, what: str) -> Any:
    """Parse a template or a definition in YAML.

    Args:
        text: The YAML.
        what: What it is, for the error.

    Returns:
        The value, with ``!Ref`` and the like as the JSON that they stand for.

    Raises:
        ValueError: It is not YAML, its aliases stand for too much, or PyYAML is not installed.

    Examples:
        >>> load_yaml("Arn: !GetAtt Role.Arn", "the text")
        {'Arn': {'Fn::GetAtt': ['Role', 'Arn']}}
        >>> load_yaml("{Next: Yes, Seconds: ${Seconds}}", "the text")
        {'Next': 'Yes', 'Seconds': '${Seconds}'}
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
        loader = _loader(yaml)(_protected(text))
        try:
            node = loader.get_single_node()
            if node is None:
                return None
            _measure(node)
            return _unprotected(loader.construct_document(node))
        finally:
            loader.dispose()
    except RecursionError:
        # Within the limit, by a caller who has used up the stack.
        raise ValueError(f"{what} is nested too deep") from None
    except (yaml.YAMLError, ValueError) as error:
        reason = " ".join(str(error).split()).replace(_OPEN, "{").replace(_CLOSE, "}")
        raise ValueError(f"{what} is not YAML: {reason}") from error


def _protected(text: str) -> str:
    return _FILLED_IN.sub(rf"${_OPEN}\1{_CLOSE}", text) if "${" in text else text


def _unprotected(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace(_OPEN, "{").replace(_CLOSE, "}") if _OPEN in value else value
    if isinstance(value, dict):
        plain = {_unprotected(name): _unprotected(item) for name, item in value.items()}
        if isinstance(value, Repeating):
            plain = Repeating(plain)
            plain.repeated = tuple(map(_unprotected, value.repeated))
        return plain
    return [_unprotected(item) for item in value] if isinstance(value, list) else value


def _measure(root: Any) -> None:
    """Refuse a tree whose aliases stand for more than can be looked at, or for themselves."""
    sizes: dict[int, int] = {}
    stack = [(root, 1, False)]
    open_nodes: set[int] = set()
    while stack:
        node, level, done = stack.pop()
        key = id(node)
        parts = _parts(node)
        if done:
            sizes[key] = 1 + sum(sizes[id(part)] for part in parts)
            open_nodes.discard(key)
            if sizes[key] > MAX_VALUES:
                raise ValueError(f"its aliases stand for more than {MAX_VALUES:,} values")
        elif key not in sizes:
            if level > MAX_LEVELS:
                raise ValueError(_TOO_DEEP)
            if key in open_nodes:
                raise ValueError("an alias stands for what it is in")
            open_nodes.add(key)
            stack.append((node, level, True))
            stack += [(part, level + 1, False) for part in parts]


def _parts(node: Any) -> list[Any]:
    if node.id == "mapping":
        return [part for pair in node.value for part in pair]
    return list(node.value) if node.id == "sequence" else []


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
        text: The YAML, which `load_yaml` has read.

    Returns:
        The outermost value; None for a text without any.
    """
    yaml: Any = import_module("yaml")
    node = yaml.compose(_protected(text), Loader=_loader(yaml))
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
        elif _unprotected(key.value) == name:
            return value
    found = (_field(each, name) for each in merged if each.id == "mapping")
    return next((each for each in found if each is not None), None)


def _loader(yaml: Any) -> Any:
    def compose_node(self: Any, parent: Any, index: Any) -> Any:
        # As they come: PyYAML's time grows with the square of what is open.
        if self.level >= MAX_LEVELS:
            raise ValueError(_TOO_DEEP)
        self.level += 1
        node = yaml.SafeLoader.compose_node(self, parent, index)
        self.level -= 1
        return node

    attributes = {"yaml_implicit_resolvers": {}, "level": 0, "compose_node": compose_node}
    loader: Any = type("TemplateLoader", (yaml.SafeLoader,), attributes)
    # The first that fits is taken: 1 is a whole number before it is any.
    for name in ("bool", "int", "float", "merge", "null"):
        pattern, first = _SCALARS[name]
        characters = [character.strip("\0") for character in first]
        loader.add_implicit_resolver(_PREFIX + name, re.compile(rf"(?:{pattern})\Z"), characters)
    loader.add_constructor(_MAP, _mapping)
    loader.add_constructor(_INT, _integer)
    loader.add_multi_constructor("!", _intrinsic)
    return loader


def _integer(_loader: Any, node: Any) -> int:
    text = str(node.value)
    base = {"0o": 8, "0x": 16}.get(text[:2], 10)
    return int(text[2:] if base != 10 else text, base)


def _mapping(loader: Any, node: Any) -> dict[str, Any]:
    for key, _ in node.value:
        if key.id != "scalar":
            raise ValueError(f"the name of a field is a {key.id}")
    own = [str(key.value) for key, _ in node.value if key.tag != _MERGE]
    loader.flatten_mapping(node)
    # A name is a text, whatever it looks like: a state may be called on, null or 1.
    mapping = {str(key.value): loader.construct_object(item, deep=True) for key, item in node.value}
    repeated = tuple(name for name, count in Counter(own).items() if count > 1)
    if repeated:
        mapping = Repeating(mapping)
        mapping.repeated = repeated
    return mapping


def _intrinsic(loader: Any, name: str, node: Any) -> dict[str, Any]:
    if node.id == "mapping":
        value: Any = _mapping(loader, node)
    else:
        value = getattr(loader, f"construct_{node.id}")(node, **_depth(node))
    if name == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {_intrinsic_name(name): value}


def _intrinsic_name(short: str) -> str:
    return short if short in ("Ref", "Condition") else f"Fn::{short}"


def _depth(node: Any) -> dict[str, bool]:
    return {} if node.id == "scalar" else {"deep": True}

"""Templates in YAML, with the short forms of CloudFormation's intrinsics; needs PyYAML."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_MAP = "tag:yaml.org,2002:map"
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
    return {name if name in ("Ref", "Condition") else f"Fn::{name}": value}


def _depth(node: Any) -> dict[str, bool]:
    return {} if node.id == "scalar" else {"deep": True}

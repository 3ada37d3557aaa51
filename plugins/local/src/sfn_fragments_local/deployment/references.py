"""What the parts of a template refer to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sfn_fragments_local.deployment.intrinsics import function_of, sub_variables, target_of


def references(node: Any, holds: Callable[[str], bool]) -> Iterator[str]:
    """The names that a part of a template refers to, in the branches that count.

    Args:
        node: The part.
        holds: Whether a condition of the template is true.
    """
    if isinstance(node, list):
        for item in node:
            yield from references(item, holds)
    if not isinstance(node, Mapping):
        return
    name = function_of(node)
    given = node[name] if name else None
    if name == "Ref":
        yield str(given)
    elif name == "Fn::GetAtt":
        yield str(target_of(given)[0])
    elif name == "Fn::Sub":
        text, own = (given, {}) if isinstance(given, str) else (given or ("", {}))
        yield from (one.partition(".")[0] for one in sub_variables(text) if one not in own)
        yield from references(own, holds)
    elif name == "Fn::If" and isinstance(given, list) and len(given) == 3:
        yield from references(given[1] if holds(given[0]) else given[2], holds)
    else:
        for value in node.values():
            yield from references(value, holds)

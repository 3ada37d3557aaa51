"""Lazy exports (PEP 562): a package names what it offers and imports it on first touch."""

from __future__ import annotations

import re
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# Formatters put a long one into parentheses.
_EXPORT = re.compile(r"^from ([\w.]+) import \(?\s*(\w+) as \2\b", re.MULTILINE)


def stub_exports(file: str) -> dict[str, str]:
    """What the stub of a package exports, so that it is written where type checkers read it, once.

    Args:
        file: ``__file__`` of the package; its stub stands beside it.

    Returns:
        Public name to the module that defines it.
    """
    stub = Path(file).with_suffix(".pyi").read_text(encoding="utf-8")
    return {name: module for module, name in _EXPORT.findall(stub)}


def lazy_exports(
    package: str, exports: Mapping[str, str], *, needs_cdk: bool = True
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Make the ``__getattr__`` and ``__dir__`` of a package that imports on first touch.

    Args:
        package: ``__name__`` of the package.
        exports: Public name to the module that defines it.
        needs_cdk: Whether those modules import ``aws_cdk``; Node is looked for first, since
            ``jsii`` starts it at import and explains a missing one badly.

    Returns:
        The two functions.

    Examples:
        >>> getattr_, dir_ = lazy_exports("p", {"sqrt": "math"}, needs_cdk=False)
        >>> dir_()
        ['sqrt']
    """

    def load(name: str) -> Any:
        try:
            module = exports[name]
        except KeyError:
            raise AttributeError(f"module {package!r} has no attribute {name!r}") from None
        if needs_cdk and "jsii" not in sys.modules:
            from sfn_fragments.node import ensure_node

            ensure_node()
        value = getattr(import_module(module), name)
        if package in sys.modules:
            setattr(sys.modules[package], name, value)
        return value

    return load, lambda: sorted(exports)

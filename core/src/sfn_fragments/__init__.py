"""Reusable AWS Step Functions fragments for CDK apps, found through plugins.

Every name is imported on first touch, and none of them imports ``aws_cdk``.
"""

from __future__ import annotations

from typing import Any

from sfn_fragments.lazy import lazy_exports, stub_exports

_exports = stub_exports(__file__)
__all__ = sorted([*_exports, "__version__"])
_load, __dir__ = lazy_exports(__name__, _exports, needs_cdk=False)


def __getattr__(name: str) -> Any:
    # The version is read from the installed metadata: it is written in one place only.
    if name == "__version__":
        from sfn_fragments.discovery import core_version

        return core_version()
    return _load(name)

"""Reusable AWS Step Functions fragments for CDK apps, found through plugins.

Every name is imported on first touch, and none of them imports ``aws_cdk``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sfn_fragments.lazy import lazy_exports

if TYPE_CHECKING:
    from sfn_fragments.discovery import Plugin, Problem
    from sfn_fragments.errors import (
        FragmentConflictError,
        FragmentsError,
        InvalidParametersError,
        InvalidValue,
        PluginError,
        UnknownFragmentError,
    )
    from sfn_fragments.hookspecs import hookimpl, hookspec
    from sfn_fragments.options import StateMachineOptions
    from sfn_fragments.registry import FragmentRegistry, get_registry
    from sfn_fragments.spec import Example, FragmentSpec

    __version__: str

__all__ = [
    "Example",
    "FragmentConflictError",
    "FragmentRegistry",
    "FragmentSpec",
    "FragmentsError",
    "InvalidParametersError",
    "InvalidValue",
    "Plugin",
    "PluginError",
    "Problem",
    "StateMachineOptions",
    "UnknownFragmentError",
    "__version__",
    "get_registry",
    "hookimpl",
    "hookspec",
]

_load, __dir__ = lazy_exports(
    __name__,
    {
        "Example": "sfn_fragments.spec",
        "FragmentConflictError": "sfn_fragments.errors",
        "FragmentRegistry": "sfn_fragments.registry",
        "FragmentSpec": "sfn_fragments.spec",
        "FragmentsError": "sfn_fragments.errors",
        "InvalidParametersError": "sfn_fragments.errors",
        "InvalidValue": "sfn_fragments.errors",
        "Plugin": "sfn_fragments.discovery",
        "PluginError": "sfn_fragments.errors",
        "Problem": "sfn_fragments.discovery",
        "StateMachineOptions": "sfn_fragments.options",
        "UnknownFragmentError": "sfn_fragments.errors",
        "get_registry": "sfn_fragments.registry",
        "hookimpl": "sfn_fragments.hookspecs",
        "hookspec": "sfn_fragments.hookspecs",
    },
    needs_cdk=False,
)


def __getattr__(name: str) -> Any:
    # The version is read from the installed metadata: it is written in one place only.
    if name == "__version__":
        from sfn_fragments.discovery import core_version

        return core_version()
    return _load(name)

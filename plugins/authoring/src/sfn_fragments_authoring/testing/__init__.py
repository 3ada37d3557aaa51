"""Suites that a plugin's tests subclass: one over its fragments, one over all else it does."""

from __future__ import annotations

import pytest

from sfn_fragments.lazy import lazy_exports, stub_exports

# pytest shows what a failed assertion compared in modules that it was told of before their import.
for _suite in ("fragment_suite", "plugin_suite"):
    pytest.register_assert_rewrite(f"{__name__}.{_suite}")

_exports = stub_exports(__file__)
__all__ = list(_exports)
__getattr__, __dir__ = lazy_exports(__name__, _exports, needs_cdk=False)

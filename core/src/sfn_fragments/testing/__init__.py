"""A suite that every plugin's tests can run over everything that the plugin registers."""

from __future__ import annotations

import pytest

from sfn_fragments.lazy import lazy_exports, stub_exports

# pytest shows what a failed assertion compared in modules that it was told of before their import.
pytest.register_assert_rewrite("sfn_fragments.testing.fragment_suite")

_exports = stub_exports(__file__)
__all__ = list(_exports)
__getattr__, __dir__ = lazy_exports(__name__, _exports, needs_cdk=False)

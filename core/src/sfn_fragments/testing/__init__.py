"""A suite that every plugin's tests can run over everything that the plugin registers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sfn_fragments.lazy import lazy_exports

if TYPE_CHECKING:
    from sfn_fragments.testing.fragment_suite import FragmentSuite

__all__ = ["FragmentSuite"]

# pytest shows what a failed assertion compared in modules that it was told of before their import.
pytest.register_assert_rewrite("sfn_fragments.testing.fragment_suite")

__getattr__, __dir__ = lazy_exports(
    __name__, {"FragmentSuite": "sfn_fragments.testing.fragment_suite"}, needs_cdk=False
)

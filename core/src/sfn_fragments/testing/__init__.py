"""A suite that every plugin's tests can run over everything that the plugin registers."""

from __future__ import annotations

import pytest

# Before it is imported: pytest shows what a failed assertion compared where it has rewritten it.
pytest.register_assert_rewrite("sfn_fragments.testing.fragment_suite")

from sfn_fragments.testing.fragment_suite import FragmentSuite  # noqa: E402 - see above

__all__ = ["FragmentSuite"]

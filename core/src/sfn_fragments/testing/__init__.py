"""A suite that every plugin's tests can run over everything that the plugin registers."""

from __future__ import annotations

from sfn_fragments.testing.fragment_suite import FragmentSuite

__all__ = ["FragmentSuite"]

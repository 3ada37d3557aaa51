"""What holds for every registered fragment, for those of this distribution."""

from __future__ import annotations

from sfn_fragments.testing import FragmentSuite


class TestFragments(FragmentSuite):
    plugin = "batch"

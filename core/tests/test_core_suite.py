"""What holds for every registered fragment, for those of the core; and how its failure reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfn_fragments.testing import FragmentSuite

if TYPE_CHECKING:
    import pytest

pytest_plugins = ["pytester"]


class TestFragments(FragmentSuite):
    plugin = "core"


def test_a_failure_says_what_was_found(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest
        from sfn_fragments.testing import FragmentSuite, fragment_suite

        @pytest.fixture(autouse=True)
        def no_name_is_short_enough(monkeypatch):
            monkeypatch.setattr(fragment_suite, "MAX_STATE_NAME", 3)

        class TestAcme(FragmentSuite):
            plugin = "core"
        """
    )
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-k", "synthesizes")
    result.stdout.fnmatch_lines(["E *first extra item: 'Fragment: Invoke'"])

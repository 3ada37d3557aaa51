"""Requirements on the core: the quick reading agrees with that of packaging."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement

from sfn_fragments.compatibility import allows, is_about_core

versions = st.lists(st.integers(0, 3), min_size=1, max_size=4).map(
    lambda numbers: ".".join(map(str, numbers))
)
suffixes = st.sampled_from(["", "a1", ".dev0", ".post1"])
clauses = st.tuples(st.sampled_from(["<", "<=", "==", "!=", ">=", ">"]), versions).map("".join)


@given(st.lists(clauses, max_size=3), versions, suffixes)
def test_agrees_with_packaging(given_clauses: list[str], release: str, suffix: str) -> None:
    version = release + suffix
    requirement = "sfn-fragments" + ",".join(given_clauses)
    expected = Requirement(requirement).specifier.contains(version, prereleases=True)
    assert allows(requirement, version) == expected


def test_other_forms_are_left_to_packaging() -> None:
    assert allows("sfn-fragments[node]~=0.1", "0.1.5")
    assert not allows("sfn-fragments (==0.1.*)", "0.2.0")
    assert allows("sfn-fragments>=9; extra == 'later'", "0.1.0")


def test_only_the_core_itself_is_meant() -> None:
    assert all(map(is_about_core, ["sfn-fragments", "Sfn_Fragments>=1", "sfn.fragments [node]"]))
    assert not any(
        map(is_about_core, ["sfn-fragments-batch", "sfn-fragmentsx", "my-sfn-fragments"])
    )

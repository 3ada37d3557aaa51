"""Names that are made of paths: different for different places, short enough, always the same."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sfn_fragments_asl.model.limits import MAX_STATE_NAME
from sfn_fragments_asl.model.unique_names import name_from_path

# What construct ids can be made of: anything but the path separator.
IDS = st.text(
    st.characters(blacklist_characters="/", categories=["L", "N", "P", "S", "Zs"]),
    min_size=1,
    max_size=60,
)
PLACES = st.tuples(st.lists(IDS, max_size=6).map(tuple), IDS)


@given(st.lists(PLACES, min_size=2, max_size=6, unique=True))
def test_different_places_have_different_names(places: list[tuple[tuple[str, ...], str]]) -> None:
    names = [name_from_path(path, label) for path, label in places]
    assert len(set(names)) == len(places)


@given(PLACES)
def test_a_name_is_short_enough_and_stable(place: tuple[tuple[str, ...], str]) -> None:
    name = name_from_path(*place)
    assert 0 < len(name) <= MAX_STATE_NAME
    assert name == name_from_path(*place)


def test_a_name_says_where_the_state_is() -> None:
    assert name_from_path((), "Wait") == "Wait"
    assert name_from_path(("Outer", "Inner"), "Submit job") == "Outer.Inner: Submit job"

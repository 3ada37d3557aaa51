"""Names of states and variables: unique, short enough, and the same in every synthesis."""

from __future__ import annotations

import re

from aws_cdk import App, Stack
from constructs import Construct
from hypothesis import given
from hypothesis import strategies as st

from sfn_fragments.states.naming import name_from_path, state_name, variable_name
from sfn_fragments_asl.model.limits import MAX_STATE_NAME

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


def test_names_leave_out_the_stack() -> None:
    names = []
    for stack_id in ("A", "B"):
        inner = Construct(Construct(Stack(App(), stack_id), "Outer"), "Inner")
        names.append((state_name(inner, "Wait"), variable_name(inner, "job")))
    assert names[0] == names[1]
    assert names[0][0] == "Outer.Inner: Wait"


def test_variables_are_identifiers_of_their_own() -> None:
    stack = Stack(App(), "Stack")
    scopes = [Construct(stack, name) for name in ("Sync", "Sync 2", "1st", "ä", "x" * 120)]
    names = [variable_name(scope, label) for scope in scopes for label in ("job", "job definition")]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[A-Za-z_]\w{0,79}", name, re.ASCII) for name in names), names

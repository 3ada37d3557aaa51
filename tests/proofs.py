"""Long proofs: in full where asked for, else a sample that has every kind of thing in it.

``tools/long_proofs.py`` runs them in full, or a part of them, as CI does.
"""

from __future__ import annotations

import os
import zlib
from collections import defaultdict
from typing import TYPE_CHECKING, TypeVar

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

T = TypeVar("T")

#: Set to 1, the proofs are made in full; set to 2/5, the second of five parts of them.
VARIABLE = "SFN_FRAGMENTS_FULL_PROOFS"
_ASKED = os.environ.get(VARIABLE, "")
FULL = _ASKED not in ("", "0")
#: Whether all of them are made, and not a part.
WHOLE = FULL and "/" not in _ASKED

#: Marks a test that takes long, and whose kind others of the suite are of.
long_proof = pytest.mark.skipif(
    not FULL, reason="a long proof: `uv run python tools/long_proofs.py` makes it"
)

#: Marks a test with parameters of which the suite has so many, spread over all: ``@few(5)``.
few = pytest.mark.few


def left_out(tests: Iterable[pytest.Function]) -> set[str]:
    """The node ids of tests that are not to be run: the rest of few, or of another part.

    Args:
        tests: All that were collected.
    """
    found = set()
    groups: dict[str, list[str]] = defaultdict(list)
    for test in tests:
        # What is about one fragment shares its runs.
        fragment = getattr(test, "callspec", None) and test.callspec.params.get("fragment")
        if not is_of_this_part(fragment if isinstance(fragment, str) else test.nodeid):
            found.add(test.nodeid)
        elif (mark := test.get_closest_marker("few")) and not FULL:
            groups[f"{mark.args[0]} {test.nodeid.partition('[')[0]}"].append(test.nodeid)
    for key, group in groups.items():
        number = min(int(key.partition(" ")[0]), len(group))
        found |= set(group) - {group[len(group) * each // number] for each in range(number)}
    return found


def is_of_this_part(what: str) -> bool:
    """Whether something belongs to the part of the proofs that was asked for.

    It belongs to the same one, whatever else comes and goes.

    Args:
        what: The node id of a test, or the name of a fragment.
    """
    part, _, parts = _ASKED.partition("/")
    # The number spreads what takes longest over eight parts.
    return not parts or zlib.crc32(f"237{what}".encode()) % int(parts) == int(part) - 1


#: Fragments that differ in what they do: a function, and a job without a request. Several jobs in
#: a row or in a distributed Map, and nested executions, take longest.
DIFFERENT = ("batch.submit_job", "core.lambda_function")


def chosen(fragments: Iterable[str]) -> list[str]:
    """The fragments of a proof: all in a full one, else those that differ most.

    Args:
        fragments: All.
    """
    return [fragment for fragment in fragments if FULL or fragment in DIFFERENT]


def some(items: Sequence[T], *numbers: int) -> list[T]:
    """All items in a full proof, else a few.

    Args:
        items: What could be proved.
        *numbers: Which of them the suite has.
    """
    return list(items) if FULL else [items[number] for number in numbers]


def sample(items: Iterable[T], kind: Callable[[T], Hashable], turn: int) -> list[T]:
    """All items in a full proof, else one of each kind.

    Args:
        items: What could be proved.
        kind: What an item is one of.
        turn: Chooses among the items of a kind; each user's own, such as its number, so that
            together they have different ones.
    """
    everything = list(items)
    if FULL:
        return everything
    groups: dict[Hashable, list[T]] = defaultdict(list)
    for item in everything:
        groups[kind(item)].append(item)
    return [group[(turn + number) % len(group)] for number, group in enumerate(groups.values())]

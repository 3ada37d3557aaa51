"""Long proofs: in full where asked for, else a sample that has every kind of thing in it.

``tools/long_proofs.py`` runs them in full, as CI does.
"""

from __future__ import annotations

import os
from collections import defaultdict
from typing import TYPE_CHECKING, TypeVar

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

T = TypeVar("T")

#: Set to 1, the proofs are made in full.
VARIABLE = "SFN_FRAGMENTS_FULL_PROOFS"
FULL = os.environ.get(VARIABLE) == "1"

#: Marks a test that takes long, and whose kind others of the suite are of.
long_proof = pytest.mark.skipif(
    not FULL, reason="a long proof: `uv run python tools/long_proofs.py` makes it, as CI does"
)

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

"""What differs within JSON data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sfn_fragments_asl.wording.expressions import value_in_words

#: A value that is longer is cut where it is shown.
_LONGEST = 100
#: How much of what two long texts have in common is shown before the place where they differ.
_BEFORE = 20


def same(first: Any, second: Any) -> bool:
    """Whether two values are the same, whatever the order of keys; ``true`` is not ``1``.

    Args:
        first: JSON data.
        second: JSON data.

    Examples:
        >>> same({"a": 1, "b": [2]}, {"b": [2], "a": 1.0}), same(True, 1)
        (True, False)
    """
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        return first.keys() == second.keys() and all(same(first[key], second[key]) for key in first)
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(map(same, first, second))
    return isinstance(first, bool) == isinstance(second, bool) and bool(first == second)


def value_changes(old: Any, new: Any, name: str) -> Iterator[str]:
    """What differs between two values, each part in a line.

    Args:
        old: The value before.
        new: The value after.
        name: What it is called.

    Yields:
        The lines; those of objects and lists are about what is within them.

    Examples:
        >>> list(value_changes({"Memory": 1, "Tags": ["a"]}, {"Memory": 2, "Tags": ["a", "b"]}, ""))
        ['Memory: 2 instead of 1', 'Tags[1]: "b" is new']
    """
    if same(old, new):
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _members(old, new, name, listed=False)
    elif isinstance(old, list) and isinstance(new, list):
        first, second = ({str(i): item for i, item in enumerate(each)} for each in (old, new))
        yield from _members(first, second, name, listed=True)
    else:
        yield f"{name}: {' instead of '.join(_both_shown(new, old))}"


def _both_shown(*values: Any) -> list[str]:
    """Two values; of long texts, from a little before the place where they differ."""
    texts = [value_in_words(value) for value in values]
    pairs = enumerate(zip(*texts, strict=False))
    alike = next((i for i, (one, other) in pairs if one != other), min(map(len, texts)))
    if max(map(len, texts)) > _LONGEST and alike > 2 * _BEFORE:
        texts = [f"…{text[alike - _BEFORE :]}" for text in texts]
    return [_cut(text) for text in texts]


def _members(
    old: Mapping[str, Any], new: Mapping[str, Any], name: str, *, listed: bool
) -> Iterator[str]:
    # A field whose value is computed has another name than one with a plain value.
    old_names = {_plain(each): each for each in old}
    new_names = {_plain(each): each for each in new}
    for plain in dict.fromkeys([*old_names, *new_names]):
        place = f"{name}[{plain}]" if listed else f"{name}.{plain}" if name else plain
        if plain not in new_names:
            yield f"{place} is gone, which was {shown(old[old_names[plain]])}"
        elif plain not in old_names:
            yield f"{place}: {shown(new[new_names[plain]])} is new"
        else:
            first, second = old[old_names[plain]], new[new_names[plain]]
            if old_names[plain] == new_names[plain]:
                yield from value_changes(first, second, place)
            else:
                yield f"{place}: {' instead of '.join(_both_shown(second, first))}"


def _plain(name: str) -> str:
    return name.removesuffix(".$")


def shown(value: Any) -> str:
    """A value as it is shown: expressions by their words, the rest as JSON, cut where it is long.

    Args:
        value: JSON data.
    """
    return _cut(value_in_words(value))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"

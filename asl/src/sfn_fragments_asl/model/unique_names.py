"""Names of states and variables that are unique by construction, made of paths that are unique.

A path is the names of what a state stands in, outermost first. AWS takes names of at most 80
characters: https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html
"""

from __future__ import annotations

import hashlib
import re

from sfn_fragments_asl.model.limits import MAX_STATE_NAME

_HASH_LENGTH = 8
# At the end of a name, or at the end of a prefix.
_HASHED = re.compile(rf" ?#[0-9a-f]{{{_HASH_LENGTH}}}(: |$)")


def name_from_path(path: tuple[str, ...], label: str) -> str:
    """Name a state from what it stands in.

    Args:
        path: The names of what it stands in.
        label: What the state does, unique there.

    Returns:
        ``Outer.Inner: Submit job``: at most 80 characters. A name that would be longer, or
        ambiguous, carries a hash of the path.

    Examples:
        >>> name_from_path(("Outer", "Inner"), "Submit job")
        'Outer.Inner: Submit job'
    """
    prefix = ".".join(path)
    name = f"{prefix}: {label}" if prefix else label
    ambiguous = any("." in part or ": " in part for part in path) or (not path and ": " in label)
    return _fitted(name, ambiguous, *path, label)


def name_of_path(path: tuple[str, ...]) -> str:
    """Name a state that stands for all of a path.

    Args:
        path: The names.

    Returns:
        ``Outer.Inner``: at most 80 characters, and different for each path.

    Examples:
        >>> name_of_path(("Outer", "Inner"))
        'Outer.Inner'
    """
    return _fitted(".".join(path), any("." in part for part in path), *path)


def is_name_from_path(path: tuple[str, ...], name: str) -> bool:
    """Whether a name is one that was made of a path.

    Args:
        path: The names of what the state stands in.
        name: The state's name.

    Returns:
        True for names of `name_from_path` and `name_of_path`, and for those that have
        got their `prefix_from_path`.

    Examples:
        >>> is_name_from_path(("Outer",), "Outer: Wait"), is_name_from_path(("Outer",), "Wait")
        (True, False)
    """
    prefix = ".".join(path)
    if hashed := _HASHED.search(name):
        start = name[: hashed.start()]
        return start.startswith(prefix) or prefix.startswith(start)
    return bool(prefix) and (name == prefix or name.startswith(f"{prefix}: "))


def prefix_from_path(path: tuple[str, ...], name: str, prefix: str | None = None) -> str:
    """What to put before a state's plain name to tell it from others of that name.

    Args:
        path: The names of what it stands in.
        name: Its name.
        prefix: The prefix to use. Defaults to the path and a colon.

    Returns:
        The prefix; if the whole would be too long, as much of it as fits, and a hash of it.

    Examples:
        >>> prefix_from_path(("Outer",), "Wait")
        'Outer: '
    """
    if prefix is None:
        prefix = f"{'.'.join(path)}: "
    room = MAX_STATE_NAME - len(name)
    if len(prefix) <= room:
        return prefix
    mark = f"#{_digest(prefix)}: "
    return prefix[: max(0, room - len(mark))] + mark


def variable_from_path(path: tuple[str, ...], label: str) -> str:
    """Name a workflow variable after what assigns it.

    An inner scope (a Map, a branch) cannot assign a variable of an outer one, so that what stands
    in another must not use the other's names:
    https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html

    Args:
        path: The names of what assigns it stands in, its own the last.
        label: What the variable holds.

    Returns:
        An identifier of at most 80 characters, without the ``$``.

    Examples:
        >>> variable_from_path(("Outer", "Sync"), "result")
        'Sync_result_fef15f90'
    """
    words = re.sub(r"\W+", "_", "_".join([*path[-1:], label]), flags=re.ASCII).strip("_")
    if not words[:1].isalpha():
        words = f"v_{words}"
    return f"{words[: MAX_STATE_NAME - _HASH_LENGTH - 1]}_{_digest(*path, label)}"


def _fitted(name: str, ambiguous: bool, *parts: str) -> str:
    """The name, or its beginning and a hash of its parts."""
    if len(name) <= MAX_STATE_NAME and not ambiguous:
        return name
    suffix = f" #{_digest(*parts)}"
    return name[: MAX_STATE_NAME - len(suffix)] + suffix


def _digest(*parts: str) -> str:
    # Not for security. A character that ids of constructs cannot hold keeps the parts apart.
    text = "/".join(parts).encode()
    return hashlib.sha256(text).hexdigest()[:_HASH_LENGTH]

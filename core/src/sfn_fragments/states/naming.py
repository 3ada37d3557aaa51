"""Names of states and variables that are unique by construction.

A name is made of the construct path, which CDK keeps unique, so that a fragment can be used
any number of times in one state machine, inside Map, Parallel and other fragments.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from sfn_fragments_asl.model.limits import MAX_STATE_NAME

if TYPE_CHECKING:
    from constructs import Construct

_HASH_LENGTH = 8
# At the end of a name, or at the end of a prefix.
_HASHED = re.compile(rf" ?#[0-9a-f]{{{_HASH_LENGTH}}}(: |$)")
# Each look at a path is two round trips to Node.
_paths: WeakKeyDictionary[Construct, tuple[str, ...]] = WeakKeyDictionary()


def state_name(scope: Construct, label: str) -> str:
    """Name a state after its place in the construct tree.

    Args:
        scope: The construct that holds the state.
        label: What the state does, unique within the scope, such as ``Submit job``.

    Returns:
        ``Outer.Inner: Submit job``: at most 80 characters, and the same in every synthesis. The
        stack is left out. A name that would be longer, or ambiguous, carries a hash of the path.
    """
    return name_from_path(_path(scope), label)


def name_from_path(path: tuple[str, ...], label: str) -> str:
    """Name a state from the ids of the constructs above it, outermost first, without the stack.

    Args:
        path: Construct ids.
        label: What the state does.

    Returns:
        The name; see :func:`state_name`.
    """
    prefix = ".".join(path)
    name = f"{prefix}: {label}" if prefix else label
    ambiguous = any("." in part or ": " in part for part in path) or (not path and ": " in label)
    return _fitted(name, ambiguous, *path, label)


def _fitted(name: str, ambiguous: bool, *parts: str) -> str:
    """The name, or its beginning and a hash of its parts."""
    if len(name) <= MAX_STATE_NAME and not ambiguous:
        return name
    suffix = f" #{_digest(*parts)}"
    return name[: MAX_STATE_NAME - len(suffix)] + suffix


def scope_name(scope: Construct) -> str:
    """Name a state that stands for all of a construct, after the construct.

    Args:
        scope: The construct.

    Returns:
        ``Outer.Inner``: at most 80 characters, and different for each construct.
    """
    path = _path(scope)
    return _fitted(".".join(path), any("." in part for part in path), *path)


def is_state_name(state: Construct, name: str) -> bool:
    """Whether a state's name is unique by construction.

    Args:
        state: The state, whose scope the name is to tell.
        name: Its name.

    Returns:
        True for what :func:`state_name` and :func:`scope_name` make of the scope, and for names
        that have got their :func:`name_prefix`.
    """
    prefix = ".".join(_path(state)[:-1])
    if hashed := _HASHED.search(name):
        start = name[: hashed.start()]
        return start.startswith(prefix) or prefix.startswith(start)
    return bool(prefix) and (name == prefix or name.startswith(f"{prefix}: "))


def name_prefix(state: Construct, name: str, prefix: str | None = None) -> str:
    """What to put before a state's plain name to tell it from others of that name.

    Args:
        state: The state.
        name: Its name.
        prefix: The prefix to use. Defaults to the path of the state's scope and a colon.

    Returns:
        The prefix; where the whole would be too long, as much of it as fits, and a hash of it.
    """
    if prefix is None:
        prefix = f"{'.'.join(_path(state)[:-1])}: "
    room = MAX_STATE_NAME - len(name)
    if len(prefix) <= room:
        return prefix
    mark = f"#{_digest(prefix)}: "
    return prefix[: max(0, room - len(mark))] + mark


def variable_name(scope: Construct, label: str) -> str:
    """Name a workflow variable after the construct that assigns it.

    An inner scope (a Map, a branch) cannot assign a variable of an outer one, so a fragment
    inside another must not use the other's names:
    https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html

    Args:
        scope: The construct.
        label: What the variable holds.

    Returns:
        An identifier of at most 80 characters, without the ``$``.
    """
    path = _path(scope)
    words = re.sub(r"\W+", "_", "_".join([*path[-1:], label]), flags=re.ASCII).strip("_")
    if not words[:1].isalpha():
        words = f"v_{words}"
    return f"{words[: MAX_STATE_NAME - _HASH_LENGTH - 1]}_{_digest(*path, label)}"


def _path(scope: Construct) -> tuple[str, ...]:
    path = _paths.get(scope)
    if path is None:
        # The first id is the stack's: the same machine in two stacks has the same state names.
        path = _paths[scope] = tuple(scope.node.path.split("/")[1:])
    return path


def _digest(*parts: str) -> str:
    # Not for security. A character that construct ids cannot hold keeps the parts apart.
    text = "/".join(parts).encode()
    return hashlib.sha256(text).hexdigest()[:_HASH_LENGTH]

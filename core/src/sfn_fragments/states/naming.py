"""Names of states and variables that are unique by construction.

A name is made of the construct path, which CDK keeps unique, so that a fragment can be used
any number of times in one state machine, inside Map, Parallel and other fragments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from sfn_fragments_asl.model.unique_names import (
    is_name_from_path,
    name_from_path,
    name_of_path,
    prefix_from_path,
    variable_from_path,
)

if TYPE_CHECKING:
    from constructs import Construct

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


def scope_name(scope: Construct) -> str:
    """Name a state that stands for all of a construct, after the construct.

    Args:
        scope: The construct.

    Returns:
        ``Outer.Inner``: at most 80 characters, and different for each construct.
    """
    return name_of_path(_path(scope))


def is_state_name(state: Construct, name: str) -> bool:
    """Whether a state's name is unique by construction.

    Args:
        state: The state, whose scope the name is to tell.
        name: Its name.

    Returns:
        True for what `state_name` and `scope_name` make of the scope, and for names
        that have got their `name_prefix`.
    """
    return is_name_from_path(_path(state)[:-1], name)


def name_prefix(state: Construct, name: str, prefix: str | None = None) -> str:
    """What to put before a state's plain name to tell it from others of that name.

    Args:
        state: The state.
        name: Its name.
        prefix: The prefix to use. Defaults to the path of the state's scope and a colon.

    Returns:
        The prefix; where the whole would be too long, as much of it as fits, and a hash of it.
    """
    return prefix_from_path(_path(state)[:-1], name, prefix)


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
    return variable_from_path(_path(scope), label)


def _path(scope: Construct) -> tuple[str, ...]:
    path = _paths.get(scope)
    if path is None:
        # The first id is the stack's: the same machine in two stacks has the same state names.
        path = _paths[scope] = tuple(scope.node.path.split("/")[1:])
    return path

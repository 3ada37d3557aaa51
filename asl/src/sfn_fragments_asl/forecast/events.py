"""How many events an execution writes into its history, which ends at 25,000.

https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html. Executions of EXPRESS
state machines, and of items of that type, have no such limit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfn_fragments_asl.model.expressions import jsonata_in, jsonpath_in
from sfn_fragments_asl.model.json_data import mapping
from sfn_fragments_asl.model.jsonata import Node
from sfn_fragments_asl.model.paths import Path

if TYPE_CHECKING:
    from sfn_fragments_asl.model.machine import Machine, State

# Entered and exited; with MapStateStarted and MapStateSucceeded, or those of a Parallel state.
_STATE = 2
_CONTAINER = 4
# Those of a Map run: started and succeeded.
_MAP_RUN = 2
# A service call: scheduled, started, succeeded; submitted, where its end is waited for.
_CALL = 3
_SUBMITTED = 1
#: Events of an item of an inline Map besides its states': it started and succeeded.
ITERATION_EVENTS = 2
#: Events of an execution besides its states': it started, and succeeded or failed.
EXECUTION_EVENTS = 2


def known_items(state: State) -> int | None:
    """How many items a Map has at most, where the definition tells."""
    items = state.fields.get("Items")
    if isinstance(items, list):
        return len(items)
    around = state.machine.parent
    if around is not None and around.distributed:
        most = mapping(around.fields.get("ItemBatcher")).get("MaxItemsPerBatch")
        if isinstance(most, int) and _over_batch(state):
            return most
    return None


def _over_batch(state: State) -> bool:
    """Whether a Map goes over the items of a batch, which come as the field ``Items``."""
    if state.jsonata:
        found = list(jsonata_in(state.fields.get("Items")))
    else:
        found = list(jsonpath_in({"ItemsPath": state.fields.get("ItemsPath")}))
    for tree in (each.tree for each in found):
        if isinstance(tree, Node) and tree.beginning[:3] == ("states", "input", "Items"):
            return True
        if isinstance(tree, Path) and tree.root == "$" and (tree.names or ())[:1] == ("Items",):
            return True
    return False


def own_events(state: State) -> int:
    """Events that a state itself writes in one pass without failures, those inside it left out.

    A Fail state is entered and never exited; it counts like the others here, which leaves the rule
    ``asl.history-events`` on the safe side by one.
    """
    if state.type == "Task":
        return _STATE + _CALL + (_SUBMITTED if state.call and state.call.waits else 0)
    if state.type in ("Map", "Parallel"):
        return _CONTAINER + (_MAP_RUN if state.distributed else 0)
    return _STATE


def events_of(state: State) -> int:
    """Events of one pass through a state without failures.

    A Map whose number of items the definition does not tell counts with one item.
    """
    own = own_events(state)
    if state.type == "Map" and not state.distributed:
        items = known_items(state)
        return own + (1 if items is None else items) * events_per_item(state)
    if state.type == "Parallel":
        return own + sum(events_on_longest_way(branch) for branch in state.inner)
    return own


def events_per_item(state: State) -> int:
    """Events of one item of an inline Map."""
    return ITERATION_EVENTS + sum(events_on_longest_way(inner) for inner in state.inner)


def events_on_longest_way(machine: Machine) -> int:
    """Events on the way with the most of them, going through each loop once."""
    after: dict[str, int] = {}
    for state in machine.deepest_first:
        following = (after.get(each.name, 0) for each in machine.following(state))
        after[state.name] = events_of(state) + max(following, default=0)
    return after[machine.start.name] if machine.start else 0

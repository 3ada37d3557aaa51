"""How many items a Map goes over, and how many executions those of a distributed one are.

https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.forecast.events import known_items
from sfn_fragments_asl.forecast.interval import NONE, ONE, Interval, exactly
from sfn_fragments_asl.model.json_data import mapping

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sfn_fragments_asl.model.machine import State


def items_of(state: State, assumed: Mapping[str, int], lists: Sequence[Any]) -> Interval:
    """How many items a Map goes over.

    Args:
        state: The state.
        assumed: Name of a Map to the number of its items.
        lists: The list, where the definition tells it; else empty.

    Returns:
        The number; 1 for a state that is no Map.
    """
    if state.type != "Map":
        return ONE
    if state.name in assumed:
        return exactly(assumed[state.name])
    for known in lists:
        if isinstance(known, list):
            return exactly(len(known))
    if isinstance(state.fields.get("Items"), list):
        return exactly(len(state.fields["Items"]))
    reader = mapping(mapping(state.fields.get("ItemReader")).get("ReaderConfig"))
    bounds = (known_items(state), _positive(reader.get("MaxItems")))
    return Interval(0, min((each for each in bounds if each is not None), default=None))


def executions_of(state: State, items: Interval) -> Interval:
    """How many executions the items of a distributed Map are.

    Args:
        state: The Map.
        items: How many items it goes over.

    Examples:
        >>> from sfn_fragments_asl.model.machine import Machine
        >>> map_state = {"Type": "Map", "ItemBatcher": {"MaxItemsPerBatch": 10}}
        >>> machine = Machine({"StartAt": "A", "States": {"A": map_state}})
        >>> executions_of(machine.states["A"], Interval(0, 95))
        Interval(least=0, most=10)
    """
    if "ItemBatcher" not in state.fields:
        return items
    batcher = mapping(state.fields["ItemBatcher"])
    size = _positive(batcher.get("MaxItemsPerBatch"))
    full = NONE if items.most == 0 else Interval(min(items.least, 1), None)
    if size is not None:
        most = None if items.most is None else -(-items.most // size)
        full = Interval(-(-items.least // size), most)
    # By their bytes, batches may be smaller than that, down to one item.
    by_bytes = any(name.startswith("MaxInputBytesPerBatch") for name in batcher)
    return Interval(full.least, items.most) if by_bytes or size is None else full


def _positive(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None

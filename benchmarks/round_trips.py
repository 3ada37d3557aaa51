"""Round trips between Python and Node.js to build a fragment and its state machine."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks import fragments
from benchmarks.libraries import LIBRARIES, OURS, REFERENCE
from benchmarks.measure import Measure
from benchmarks.processes import call
from sfn_fragments.node import ensure_node
from sfn_fragments.sandbox import Sandbox

if TYPE_CHECKING:
    from benchmarks.fragments import Case

GROUP = "jsii round trips to build a fragment and its state machine"

#: What the goal allows of the other library's.
_SHARE = 0.4


@dataclass(frozen=True)
class Comparison:
    """A case, and the other library's figure that its goal is a share of."""

    case: Case
    stored_reference: int


COMPARISONS = (
    Comparison(fragments.LAMBDA, 118),
    Comparison(fragments.SYNC, 181),
    Comparison(fragments.DISTRIBUTED_SYNC, 230),
    Comparison(fragments.CLEAN_FILE_SYSTEM, 231),
    Comparison(fragments.DEMAND, 485),
)
CASES = {comparison.case.name.partition(",")[0]: comparison for comparison in COMPARISONS}


def count(library: str, name: str) -> int:
    """Count in this process, which should be a fresh one.

    Args:
        library: Key of the library.
        name: Name of the case.

    Returns:
        The requests sent to Node.js; stack, bucket and file system are there before.
    """
    ensure_node()
    from jsii._kernel.providers.process import _NodeProcess

    case = CASES[name].case
    sandbox = Sandbox("dev-bench")
    for need in case.needs:
        getattr(sandbox, need)
    LIBRARIES[library].load(case.callee)
    sent = 0
    process: Any = _NodeProcess
    send = process.send

    def counted(self: Any, *arguments: Any) -> Any:
        nonlocal sent
        sent += 1
        return send(self, *arguments)

    process.send = counted
    try:
        case.build(LIBRARIES[library], sandbox, {}).to_state_machine("benchmark")
    finally:
        process.send = send
    return sent


def count_all(library: str) -> dict[str, int]:
    """Count every case of a library, each in a process of its own."""
    return {name: call("round_trips.count", library, name) for name in CASES}


def measure() -> list[Measure]:
    """Count with this project and, where it is installed, with the other library."""
    ours = count_all(OURS.key)
    reference = count_all(REFERENCE.key) if REFERENCE.version else {}
    return [
        Measure(
            GROUP,
            name,
            ours[name],
            _SHARE * min(comparison.stored_reference, reference.get(name, sys.maxsize)),
            reference.get(name, comparison.stored_reference),
            unit="calls",
            note="" if reference else "reference: stored figure",
        )
        for name, comparison in CASES.items()
    ]

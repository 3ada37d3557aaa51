"""The results as a page, a chart and JSON."""

from __future__ import annotations

import json
import os
import platform
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from benchmarks import scale, states
from benchmarks.chart import Series, bar_chart
from benchmarks.libraries import LIBRARIES
from benchmarks.processes import ROOT
from sfn_fragments.node import find_node
from sfn_fragments_asl.forecast.prices import DOLLARS_PER_MILLION_TRANSITIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from benchmarks.measure import Measure

PAGE = ROOT / "docs" / "benchmarks.md"
CHART = ROOT / "docs" / "benchmarks.svg"
TRACKED = ROOT / "benchmarks" / "results.json"

COMMAND = "uv run --group reference python -m benchmarks"

_INTRODUCTION = f"""# Benchmarks

What a run costs, how fast synthesis is, how far things scale: this project ("ours") beside the
library whose API it follows (`aibs-informatics-cdk-lib`, "reference") and beside the floor, the
least that there can be. All of it is measured by one command, in one run, and this page is written
by it:

```console
$ {COMMAND}
```

Counts are exact. Times are medians of ratios: what is compared runs in turn, so that whatever else
the machine does falls on both.
"""

_CHART = """
## Cost of a million runs

AWS bills each state entered, $0.025 for 1,000. The floor is one state for each service call, the
job definition registered and deregistered in the run.

![What a million runs of each fragment cost](benchmarks.svg)
"""

_SCALE = """
Measured with stub jobs on the engine; the last row is computed from the rows above it. A child
is the execution of one batch, of which AWS counts the events for themselves. Step Functions ends
an execution at 25,000 events, and takes no state input above 262,144 bytes.
"""


@dataclass(frozen=True)
class Results:
    """What one run measured.

    Attributes:
        measures: The measures, group after group.
        scale: The table of the distributed data sync by number of batches.
        options: How it was run.
    """

    measures: Sequence[Measure]
    scale: Sequence[dict[str, float]]
    options: dict[str, int]


def versions() -> dict[str, str]:
    """Versions of what was measured and of what it ran on."""
    node = find_node()
    found = {library.distribution: library.version for library in LIBRARIES.values()}
    for name in ("aws-cdk-lib", "jsii", "moto", "aibs-informatics-aws-lambda"):
        found[name] = version(name)
    found["Python"] = platform.python_version()
    found["Node.js"] = node.version if node else None
    return {name: text or "not installed" for name, text in found.items()}


def write(results: Results) -> None:
    """Write the page, the chart and the JSON.

    Args:
        results: Those of a whole run.
    """
    measured = datetime.now(UTC).date().isoformat()
    rows = [asdict(measure) | {"met": measure.met} for measure in results.measures]
    tracked = {
        "date": measured,
        "versions": versions(),
        "machine": {"system": sys.platform, "cpus": os.cpu_count()},
        "options": results.options,
        "measures": rows,
        "scale": list(results.scale),
    }
    TRACKED.write_text(json.dumps(tracked, indent=2) + "\n")
    CHART.write_text(_cost_chart(results.measures))
    listed = ", ".join(f"{name} {text}" for name, text in versions().items())
    page = [
        _INTRODUCTION,
        f"\nMeasured {measured} on {sys.platform} with {os.cpu_count()} CPUs: {listed}.\n",
        _CHART,
        tables(results),
    ]
    PAGE.write_text("".join(page))


def tables(results: Results) -> str:
    """The measures as Markdown, a table for each group.

    Args:
        results: The results.

    Returns:
        The text.
    """
    groups: dict[str, list[Measure]] = {}
    for measure in results.measures:
        groups.setdefault(measure.group, []).append(measure)
    parts = []
    for group, measures in groups.items():
        parts.append(f"\n## {group}\n\n{_table(measures)}")
        if results.scale and group == scale.GROUP:
            parts.append(_SCALE + "\n" + _scale_table(results.scale))
    return "".join(parts)


def _table(measures: Sequence[Measure]) -> str:
    lines = [_row(["figure", "ours", "goal", "reference", "floor"]), _row(["---"] * 5)]
    notes: list[str] = []
    for measure in measures:
        mark = ""
        if measure.note:
            if measure.note not in notes:
                notes.append(measure.note)
            mark = f" [{notes.index(measure.note) + 1}]"
        met = "met" if measure.met else "**not met**"
        lines.append(
            _row(
                [
                    f"{measure.name}{mark}",
                    f"{_number(measure.ours)} {_unit(measure)}".strip(),
                    f"≤ {_number(measure.goal)}, {met}" if measure.goal is not None else "",
                    _number(measure.reference),
                    _number(measure.floor),
                ]
            )
        )
    listed = "".join(f"\n[{index}] {note}\n" for index, note in enumerate(notes, 1))
    return "\n".join(lines) + "\n" + listed


def _unit(measure: Measure) -> str:
    # The heading of the group says what is counted.
    return "" if measure.unit in ("states", "calls", "ratio") else measure.unit


def _scale_table(rows: Sequence[dict[str, float]]) -> str:
    names = list(rows[0])
    lines = [_row([names[0], *(_number(row[names[0]]) for row in rows)])]
    lines.append(_row(["---"] * (len(rows) + 1)))
    lines += [_row([name, *(_number(row[name]) for row in rows)]) for name in names[1:]]
    return "\n".join(lines) + "\n"


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _number(value: float | None) -> str:
    if value is None:
        return ""
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.2f}" if abs(value) < 100 else f"{value:,.0f}"


def _cost_chart(measures: Sequence[Measure]) -> str:
    counted = {one.name: one for one in measures if one.group == states.GROUP}
    rows = [name for name in counted if not name.endswith(states.IN_THE_STACK)]

    def cost(found: Any) -> float | None:
        return None if found is None else found * DOLLARS_PER_MILLION_TRANSITIONS

    def in_the_stack(name: str) -> float | None:
        found = counted.get(name + states.IN_THE_STACK)
        return found.ours if found else None

    return bar_chart(
        "Cost of a million runs, US dollars",
        rows,
        [
            Series("reference", "#9aa5b1", [cost(counted[name].reference) for name in rows]),
            Series("this project", "#1f6feb", [cost(counted[name].ours) for name in rows]),
            Series(
                "… job definition in the stack", "#2da077", [cost(in_the_stack(n)) for n in rows]
            ),
            Series("floor", "#e0a100", [cost(counted[name].floor) for name in rows]),
        ],
    )

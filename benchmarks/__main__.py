"""Measures everything, prints the tables, and writes the page and the JSON.

Run it at the root of the repository: ``uv run --group reference python -m benchmarks``.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from benchmarks import (
    checks,
    engine,
    processes,
    registry,
    report,
    round_trips,
    scale,
    scale_demand,
    states,
    transfers,
)
from benchmarks.libraries import REFERENCE

if TYPE_CHECKING:
    from benchmarks.measure import Measure

SECTIONS = (
    "states",
    "round_trips",
    "processes",
    "registry",
    "checks",
    "engine",
    "scale",
    "scale_demand",
    "transfers",
)


def main() -> None:
    """Measure what was asked for."""
    options = _options()
    rounds, batches = options.rounds, options.batches
    if REFERENCE.version is None:
        _say(f"{REFERENCE.distribution} is not installed: stored figures. Use {report.COMMAND}")
    measures: list[Measure] = []
    rows: list[dict[str, float]] = []
    used = {"rounds": rounds, "batches": batches}
    for section in options.only or SECTIONS:
        _say(f"{section} ...")
        found: list[Measure]
        table: list[dict[str, float]] = []
        if section == "states":
            found = states.measure()
        elif section == "round_trips":
            found = round_trips.measure()
        elif section == "processes":
            found = processes.measure(rounds)
        elif section == "registry":
            found = registry.measure(rounds)
        elif section == "checks":
            found = checks.measure()
        elif section == "engine":
            found = engine.measure(rounds)
        elif section == "transfers":
            found = transfers.measure()
        elif section == "scale_demand":
            found = scale_demand.measure(max(8, batches // 4))
        else:
            found, table = scale.measure(batches)
        # As it comes: a whole run takes minutes.
        sys.stdout.write(report.tables(report.Results(found, table, used)))
        sys.stdout.flush()
        measures += found
        rows += table
    results = report.Results(measures, rows, used)
    missed = [measure.name for measure in measures if measure.met is False]
    _say(f"goals missed: {', '.join(missed) or 'none'}")
    if not options.only:
        report.write(results)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--rounds", type=int, default=5, help="how often times are taken, at least 5 (default: 5)"
    )
    parser.add_argument(
        "--batches", type=int, default=200, help="batches of the distributed data sync (200)"
    )
    parser.add_argument(
        "--only",
        action="append",
        choices=SECTIONS,
        help="one section, repeatable; then nothing is written",
    )
    options = parser.parse_args()
    if options.rounds < 5 and not options.only:
        parser.error("--rounds: a result that is written down needs at least 5")
    if options.batches < 8:
        parser.error("--batches: give at least 8")
    return options


def _say(text: str) -> None:
    # So that standard output holds the tables alone.
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main()

"""The registry in a fresh process, and with many plugins."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from statistics import median

from benchmarks.measure import Measure
from benchmarks.processes import TIMES_ROUNDS, in_turn, median_ratio, run

GROUP = "Registry"
PLUGINS = (5, 50, 500)

_NOTHING = "pass"
_FLOOR = "import importlib_metadata, pluggy"
_NAMES = "from sfn_fragments import get_registry; get_registry().names()"

_TIMED = """
import time
{before}
start = time.perf_counter()
{timed}
print(time.perf_counter() - start)
"""

_METADATA = """Metadata-Version: 2.1
Name: {name}
Version: 1.0
Requires-Dist: sfn-fragments>={core}
"""
_PLUGIN = """
from sfn_fragments import FragmentSpec, hookimpl

@hookimpl
def sfn_fragments_register():
    yield FragmentSpec("{name}.wait", "{name}_fragments:Wait", "Waits for a delivery.")
"""


def write_plugins(folder: Path, number: int) -> None:
    """Put distributions with one plugin each into a folder, as an installer would.

    Args:
        folder: An existing folder, to be put on ``sys.path``.
        number: How many.
    """
    for index in range(number):
        name = f"generated{index}"
        info = folder / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(_METADATA.format(name=name, core="0.1"))
        (info / "entry_points.txt").write_text(f"[sfn_fragments]\n{name} = {name}_plugin\n")
        (folder / f"{name}_plugin.py").write_text(_PLUGIN.format(name=name))


def measure(rounds: int) -> list[Measure]:
    """Time listing in fresh processes, alone and with generated plugins.

    Args:
        rounds: How often.
    """
    environment = {
        name: text for name, text in os.environ.items() if not name.startswith("SFN_FRAGMENTS_")
    }
    scripts = {"nothing": _NOTHING, "floor": _FLOOR, "names": _NAMES}
    times = rounds * TIMES_ROUNDS
    seconds = in_turn(scripts, times, environment)
    start = median(seconds["nothing"])
    floor, names = median(seconds["floor"]), median(seconds["names"])
    measures = [
        Measure(
            GROUP,
            "process of get_registry().names() / process of import importlib_metadata, pluggy",
            median_ratio(seconds["names"], seconds["floor"]),
            2.0,
            floor=1.0,
            unit="ratio",
            note=(
                f"medians of {times}: {names * 1e3:.0f} ms and {floor * 1e3:.0f} ms, of which "
                f"Python alone takes {start * 1e3:.0f} ms; without that, "
                f"{(names - start) / (floor - start):.2f}"
            ),
        )
    ]
    measures += [
        Measure(
            GROUP,
            f"cost of a plugin at {number}",
            milliseconds,
            1.0,
            unit="ms",
            note=f"median of {rounds}; generated plugins, each a distribution",
        )
        for number, milliseconds in _cost_of_a_plugin(rounds, environment).items()
    ]
    return measures


def _cost_of_a_plugin(rounds: int, environment: dict[str, str]) -> dict[int, float]:
    taken: dict[int, list[float]] = {number: [] for number in (0, *PLUGINS)}
    with tempfile.TemporaryDirectory() as folder:
        for number in taken:
            (Path(folder) / str(number)).mkdir()
            write_plugins(Path(folder) / str(number), number)
        for turn in range(rounds + 1):
            for number, list_of_seconds in taken.items():
                # In the process, since the start of Python would drown five plugins.
                script = _TIMED.format(
                    before=(
                        f"import sys; sys.path.insert(0, {str(Path(folder) / str(number))!r}); "
                        "import importlib_metadata, pluggy; from sfn_fragments import get_registry"
                    ),
                    timed=f"assert len(get_registry().names()) >= {number}",
                )
                seconds = float(run(script, environment)[1])
                if turn:
                    list_of_seconds.append(seconds)
    return {
        number: 1e3 * median((a - b) / number for a, b in zip(taken[number], taken[0], strict=True))
        for number in PLUGINS
    }

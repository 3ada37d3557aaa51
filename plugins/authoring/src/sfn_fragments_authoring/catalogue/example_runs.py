"""Runs examples as ``sfn-fragments run NAME --report`` does, for the pages on them."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from sfn_fragments_authoring.catalogue.entries import Run

if TYPE_CHECKING:
    from sfn_fragments import FragmentRegistry

#: What brings ``run``.
_DISTRIBUTION = "sfn-fragments-local"
#: Seconds after which an example is given up: the longest takes two minutes on a slow machine.
_TIMEOUT = 900

#: ``sfn-fragments``, whether or not its script is on the path; reports name it so.
_COMMAND_LINE = (
    "import sys; from sfn_fragments.cli import main; sys.argv[0] = 'sfn-fragments'; main()"
)


def run_example(registry: FragmentRegistry, name: str) -> Run:
    """Run the example of a fragment.

    It runs in a process of its own, since the engine takes over AWS's clients of its process.

    Args:
        registry: Where the plugins are that run it.
        name: Registry name of the fragment.

    Returns:
        The page on the run, or why there is none.
    """
    if "local" not in {plugin.name for plugin in registry.plugins()}:
        return Run(
            told=f"Running examples takes {_DISTRIBUTION}, which is not installed: "
            'pip install "sfn-fragments[local]"'
        )
    with tempfile.TemporaryDirectory(prefix="sfn-fragments-") as folder:
        page = Path(folder) / "report.html"
        command = ["run", name, "--report", str(page)]
        try:
            done = subprocess.run(  # noqa: S603 - this program, with a name that it knows
                [sys.executable, "-c", _COMMAND_LINE, *command],
                check=False,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=_TIMEOUT,
            )
        except subprocess.TimeoutExpired:
            return Run(told=f"The run had not ended after {_TIMEOUT} seconds.")
        if not page.exists():
            said = (done.stderr or done.stdout).strip().splitlines()
            return Run(told=f"The run gave no report: {said[-1] if said else done.returncode}")
        return Run(page.read_text(encoding="utf-8"), done.returncode == 0)

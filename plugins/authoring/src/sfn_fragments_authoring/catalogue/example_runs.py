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
        said, code = _called(["run", name, "--report", str(page)])
        if not page.exists():
            last = next(reversed(said.strip().splitlines()), f"exit code {code}")
            return Run(told=f"`sfn-fragments run` gave none: {last}")
        return Run(page.read_text(encoding="utf-8"), code == 0)


def _called(arguments: list[str]) -> tuple[str, int]:
    """What the command line wrote, and its exit code."""
    with subprocess.Popen(  # noqa: S603 - no shell: this Python, and a name of the registry
        [sys.executable, "-c", _COMMAND_LINE, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as process:
        try:
            said, _ = process.communicate()
        except KeyboardInterrupt:
            # It is interrupted too, and has jobs to stop before it ends.
            process.communicate()
            raise
        return said, process.returncode

"""Make the long proofs in full, of which the test suite has a sample.

Run with: uv run python tools/long_proofs.py [arguments of pytest]
"""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
VARIABLE = runpy.run_path(str(ROOT / "tests" / "proofs.py"))["VARIABLE"]


def proofs() -> list[str]:
    """The files that ask whether the proofs are to be full, or that generate cases."""
    files = [*ROOT.glob("*/tests/**/test_*.py"), *ROOT.glob("plugins/*/tests/**/test_*.py")]
    files += ROOT.glob("tests/**/test_*.py")
    asking = ("from tests.proofs import", "from hypothesis import")
    return sorted(
        str(file) for file in files if any(one in file.read_text("utf-8") for one in asking)
    )


def main() -> int:
    """Run them; what pytest returns."""
    command = [sys.executable, "-m", "pytest", *sys.argv[1:], *proofs()]
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, VARIABLE: "1"}, check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main())

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

#: The files that ask whether they are to be full.
PROOFS = (
    "asl/tests/test_fuzz.py",
    "tests/contract/test_faults.py",
    "tests/contract/test_action_table.py",
    "tests/contract/test_exact_permissions.py",
    "tests/contract/test_bad_input.py",
    "tests/contract/test_bad_commands.py",
    "tests/contract/test_hostile_machine.py",
    "tests/install/test_wheels.py",
)


def main() -> int:
    """Run them; what pytest returns."""
    files = [str(ROOT / name) for name in PROOFS]
    command = [sys.executable, "-m", "pytest", *sys.argv[1:], *files]
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, VARIABLE: "1"}, check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main())

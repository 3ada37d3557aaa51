"""Make the long proofs in full, of which the test suite has a sample.

Run with: uv run python tools/long_proofs.py [--part 2/5] [arguments of pytest]

In parts, each of which has some of every file, they are made by several machines, or one after
the other.
"""

from __future__ import annotations

import argparse
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


def part(text: str) -> str:
    """A part such as ``2/5``.

    Args:
        text: What was typed.
    """
    number, _, parts = text.partition("/")
    if not (number.isdecimal() and parts.isdecimal() and 1 <= int(number) <= int(parts)):
        raise argparse.ArgumentTypeError(f"{text!r} is no part of a whole, such as 2/5")
    return text


def main() -> int:
    """Run them; what pytest returns."""
    parser = argparse.ArgumentParser(description=__doc__, usage="%(prog)s [--part K/N] ...")
    parser.add_argument("--part", type=part, help="such as 2/5; else all")
    given, rest = parser.parse_known_args()
    command = [sys.executable, "-m", "pytest", *rest, *proofs()]
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, VARIABLE: given.part or "1"}, check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main())

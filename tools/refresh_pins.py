"""Pin the development environment anew: ``uv run python tools/refresh_pins.py``.

Resolves everything at its newest, and writes the exact versions to ``constraint-dependencies`` of
the root ``pyproject.toml``. A lock file would hold the hosts of whoever made it. With ``--new`` the
pins that there are stay, and only what has none gets one.
"""

from __future__ import annotations

import argparse
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent
COMMAND = (
    *("uv", "export", "--quiet", "--all-groups"),
    *("--no-header", "--no-annotate", "--no-hashes", "--no-emit-workspace"),
)
PINS = re.compile(r"^constraint-dependencies = \[\n.*?^\]\n", re.DOTALL | re.MULTILINE)


def main() -> None:
    """Rewrite the pins."""
    parser = argparse.ArgumentParser(description="Pin the development environment anew.")
    parser.add_argument("--new", action="store_true", help="keep the pins that there are")
    upgrade = () if parser.parse_args().new else ("--upgrade",)
    pyproject = ROOT / "pyproject.toml"
    text = pyproject.read_text()
    if upgrade:
        pyproject.write_text(PINS.sub("constraint-dependencies = [\n]\n", text))
    try:
        exported = subprocess.run(
            [*COMMAND, *upgrade],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
    except BaseException:
        pyproject.write_text(text)
        raise
    pins = sorted(line.strip() for line in exported.splitlines() if "==" in line)
    listed = "".join(f'    "{pin}",\n' for pin in pins)
    pyproject.write_text(PINS.sub(lambda _: f"constraint-dependencies = [\n{listed}]\n", text))
    print(f"{len(pins)} pins")


if __name__ == "__main__":
    main()

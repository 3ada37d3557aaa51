"""Draw the pictures of the fragments in docs/pictures anew.

Run it after a change to a fragment or to how state machines are drawn:
``uv run python tools/draw_fragments.py``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from sfn_fragments import get_registry
from sfn_fragments.sandbox import Sandbox
from sfn_fragments_asl.drawing import draw
from sfn_fragments_asl.model.machine import Machine

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "pictures"
#: Registry names of this project's fragments begin so.
OURS = ("batch.", "core.", "data_sync.", "demand_execution.", "efs.")


def names() -> list[str]:
    """The fragments of this project's distributions."""
    return [name for name in get_registry().names() if name.startswith(OURS)]


def picture(name: str) -> str:
    """The picture of a fragment as its example makes it.

    Args:
        name: Registry name of the fragment.
    """
    definition = Sandbox().build(get_registry(), name).definition
    return draw(Machine(definition), title=name).svg()


def main() -> int:
    """Write the pictures, and remove those of fragments that are gone."""
    FOLDER.mkdir(exist_ok=True)
    for file in FOLDER.glob("*.svg"):
        file.unlink()
    for name in names():
        (FOLDER / f"{name}.svg").write_text(picture(name), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

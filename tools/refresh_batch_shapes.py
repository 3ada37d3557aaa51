"""Write the shapes of Batch's requests anew, from botocore's models.

Run it after an update of botocore: ``uv run python tools/refresh_batch_shapes.py``. The fragments
read the file alone, so that checking a job's settings needs no botocore.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.model import Shape

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "plugins" / "batch" / "src" / "sfn_fragments_batch" / "request_shapes.json"

#: What the file has, and the shapes that botocore has for it.
SHAPES = {
    "container_properties": "ContainerProperties",
    "submit_job": "SubmitJobRequest",
}
_PLAIN = {"long": "integer"}
#: Ends the name of a member that must be there.
_REQUIRED = "!"


def _described(shape: Shape) -> Any:
    """A shape as data: members of a structure, the item of a list, choices of a text, or a name."""
    kind: str = shape.type_name
    if kind == "structure":
        required = shape.required_members
        return {
            f"{name}{_REQUIRED if name in required else ''}": _described(member)
            for name, member in sorted(shape.members.items())
        }
    if kind == "list":
        return [_described(shape.member)]
    choices = getattr(shape, "enum", None)
    return "|".join(choices) if choices else _PLAIN.get(kind, kind)


def shapes() -> dict[str, Any]:
    """What the file holds."""
    from botocore.session import get_session

    model = get_session().get_service_model("batch")
    return {name: _described(model.shape_for(shape)) for name, shape in SHAPES.items()}


def main() -> None:
    """Write the file."""
    FILE.write_text(json.dumps(shapes(), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

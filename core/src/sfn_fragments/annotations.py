"""What constructs were annotated with, read from a cloud assembly.

From its files, not by ``SynthesisMessage``: two distributions of CDK install the same package,
``aws_cdk.cloud_assembly_schema``, and where the wrong one was unpacked last, jsii does not know the
type of a message.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

_LEVELS: dict[str, Literal["error", "warning", "info"]] = {
    "aws:cdk:error": "error",
    "aws:cdk:warning": "warning",
    "aws:cdk:info": "info",
}


@dataclass(frozen=True)
class Annotation:
    """A message on a construct.

    Attributes:
        level: ``error``, ``warning`` or ``info``.
        path: Path of the construct.
        text: The message.
    """

    level: Literal["error", "warning", "info"]
    path: str
    text: str


def read_annotations(assembly: str | Path) -> list[Annotation]:
    """The annotations of every stack of a cloud assembly.

    Args:
        assembly: Its folder.

    Returns:
        The messages, in the order of the stacks and constructs.
    """
    folder = Path(assembly)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    found = []
    for artifact in manifest.get("artifacts", {}).values():
        metadata: dict[str, Any] = dict(artifact.get("metadata", {}))
        # Newer releases of CDK write it to a file of its own.
        if name := artifact.get("additionalMetadataFile"):
            metadata |= json.loads((folder / name).read_text(encoding="utf-8"))
        for path, entries in metadata.items():
            found += [
                Annotation(_LEVELS[entry["type"]], path, str(entry["data"]))
                for entry in entries
                if entry["type"] in _LEVELS
            ]
    return found

"""moto's images of EC2 are read when they are asked for, not for every engine.

moto reads them whenever a region's EC2 is first used, and makes a volume
and a snapshot for each of them. A state machine with a VPC waits for that, and needs none.
"""

from __future__ import annotations

from typing import Any

from moto.ec2.models.amis import AmiBackend

from sfn_fragments_local.moto_gaps.patching import load, replace


class _Images:
    """The attribute ``amis`` of a backend, which moto reads its images into."""

    def __get__(self, backend: Any, owner: type | None = None) -> dict[str, Any]:
        images: dict[str, Any] = {}
        # In its place first: moto reads them into it. From then on it is found before this is.
        vars(backend)["amis"] = images
        backend._load_amis()
        return images


def _without_images(backend: Any) -> None:
    backend.deleted_amis = []


def close() -> None:
    """Let backends of EC2 read their images later."""
    load("/moto.ec2.models.amis:AmiBackend._load_amis")
    replace(AmiBackend, "__init__", _without_images)
    # moto gives it to each backend, so the class has none to replace.
    backend: Any = AmiBackend
    backend.amis = _Images()

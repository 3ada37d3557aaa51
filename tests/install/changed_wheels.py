"""Wheels made of others."""

from __future__ import annotations

import base64
import hashlib
import re
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Files = dict[str, bytes]


def changed(wheel: Path, folder: Path, change: Callable[[Files], Files]) -> Path:
    """A wheel with other files, by the name that its metadata has.

    Args:
        wheel: The wheel that it is made of.
        folder: Where it is written.
        change: Given the files by name, without the list of them; returns those of the new wheel.
    """
    with zipfile.ZipFile(wheel) as archive:
        files = {
            name: archive.read(name)
            for name in archive.namelist()
            if not name.endswith(".dist-info/RECORD")
        }
    files = change(files)
    (metadata,) = (name for name in files if name.endswith(".dist-info/METADATA"))
    version = re.search(r"^Version: (.+)$", files[metadata].decode(), re.MULTILINE)
    assert version is not None
    name = wheel.name.partition("-")[0]
    info = f"{name}-{version[1]}.dist-info"
    files = {
        f"{info}/{path.partition('/')[2]}" if ".dist-info/" in path else path: content
        for path, content in files.items()
    }
    lines = [f"{path},{_digest(content)},{len(content)}" for path, content in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*lines, f"{info}/RECORD,,", ""]).encode()
    target = folder / f"{name}-{version[1]}-py3-none-any.whl"
    with zipfile.ZipFile(target, "w") as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return target


def with_metadata(pattern: str, replacement: str) -> Callable[[Files], Files]:
    """A change of the metadata alone.

    Args:
        pattern: What is replaced, once, from the beginning of a line.
        replacement: By what.
    """

    def change(files: Files) -> Files:
        (name,) = (each for each in files if each.endswith(".dist-info/METADATA"))
        text, count = re.subn(
            f"^{pattern}", replacement, files[name].decode(), count=1, flags=re.MULTILINE
        )
        assert count, f"{pattern} is not in the metadata"
        return {**files, name: text.encode()}

    return change


def _digest(content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
    return f"sha256={digest}"

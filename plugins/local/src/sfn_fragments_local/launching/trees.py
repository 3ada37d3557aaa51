"""Deleting folders that others have written."""

from __future__ import annotations

import os
import shutil


def remove_tree(folder: str | os.PathLike[str]) -> None:
    """Delete a folder, whatever modes the folders in it have.

    Args:
        folder: It need not exist. What this user may not delete stays.
    """
    shutil.rmtree(folder, ignore_errors=True)
    if not os.path.lexists(folder):
        return
    # A folder without its permissions cannot be listed; walk() does so after it was yielded.
    for parent, folders, _ in os.walk(folder):
        for path in (parent, *(f"{parent}/{name}" for name in folders)):
            if not os.path.islink(path):
                try:
                    os.chmod(path, 0o700)
                except OSError:
                    continue
    shutil.rmtree(folder, ignore_errors=True)

"""Imports one plugin module, and tells what that brought with it.

Runs in a process of its own, ``python -m sfn_fragments_authoring.probe``, which imports nothing
else but the core's names: what is in ``sys.modules`` afterwards is the plugin's doing, and so is
the time that it took.
"""

from __future__ import annotations

import inspect
import json
import sys
import time
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

#: Packages that a plugin module must not import: they take long, or need Node.js.
HEAVY = ("aws_cdk", "boto3", "botocore", "constructs", "jsii", "moto", "pydantic")

PROJECT = "sfn_fragments"


class ImportWatch(MetaPathFinder):
    """Notes who imports the heavy packages first; it finds nothing itself.

    Attributes:
        seen: Package to the module that imports it, with the file and the line.
    """

    def __init__(self) -> None:
        """Nothing was imported yet."""
        self.seen: dict[str, dict[str, Any]] = {}

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:
        """Note the import, and leave it to the other finders."""
        del path, target
        package = fullname.partition(".")[0]
        if package not in HEAVY or package in self.seen:
            return
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and frame.f_code.co_filename.startswith("<frozen importlib"):
            frame = frame.f_back
        if frame is None:
            return
        module = str(frame.f_globals.get("__name__"))
        # What a heavy package imports in its turn is not the plugin's doing.
        if module.partition(".")[0] in HEAVY:
            return
        self.seen[package] = {
            "package": package,
            "module": module,
            "file": frame.f_code.co_filename,
            "line": frame.f_lineno,
        }


def _place(function: Any) -> dict[str, Any]:
    code = getattr(function, "__code__", None)
    if code is None:
        return {"file": "", "line": 0}
    return {"file": code.co_filename, "line": code.co_firstlineno}


def hooks_of(plugin: object) -> Iterator[dict[str, Any]]:
    """The functions of a plugin that are hooks, or look like one.

    Args:
        plugin: The module or object that the entry point names.

    Yields:
        ``name``, ``marker`` (the pluggy project whose marker it has; empty without one), ``file``
        and ``line``.
    """
    for name in dir(plugin):
        function = getattr(plugin, name, None)
        if not callable(function) or isinstance(function, type):
            continue
        # pluggy leaves what the marker was given at the function, under the project's name.
        marks = getattr(function, "__dict__", {})
        # pluggy calls functions and methods alone, and passes over other objects that are marked.
        if f"{PROJECT}_impl" in marks and inspect.isroutine(function):
            yield {"name": name, "marker": PROJECT, **_place(function)}
        elif name.startswith(f"{PROJECT}_") and f"{PROJECT}_spec" not in marks:
            others = [
                key.removesuffix("_impl")
                for key, value in marks.items()
                if key.endswith("_impl") and isinstance(value, dict) and "optionalhook" in value
                if key != f"{PROJECT}_impl"
            ]
            yield {"name": name, "marker": others[0] if others else "", **_place(function)}


def look(value: str) -> dict[str, Any]:
    """Import a plugin and look at it.

    Args:
        value: Value of its entry point, such as ``acme.plugin`` or ``acme.plugins:Plugin``.

    Returns:
        ``seconds`` of its import, ``heavy`` imports, ``hooks``; ``failed`` if it raised.
    """
    import importlib

    import sfn_fragments

    # What every plugin imports is the core's time, not its own.
    _ = sfn_fragments.hookimpl, sfn_fragments.FragmentSpec
    watch = ImportWatch()
    sys.meta_path.insert(0, watch)
    module, _, attributes = value.partition(":")
    failed = False
    plugin: object = None
    start = time.perf_counter()
    try:
        plugin = importlib.import_module(module.strip())
        for attribute in filter(None, attributes.partition("[")[0].strip().split(".")):
            plugin = getattr(plugin, attribute)
    except BaseException:
        # What it raised is known from discovery, where it happened too.
        failed = True
    seconds = time.perf_counter() - start
    sys.meta_path.remove(watch)
    return {
        "seconds": seconds,
        "failed": failed,
        "heavy": [*watch.seen.values()],
        "hooks": [] if failed else [*hooks_of(plugin)],
    }


def main() -> None:
    """Look at the plugin that the first argument describes; the second is the file to write."""
    asked = json.loads(sys.argv[1])
    # That of the process that asks, which may have changed it.
    sys.path[:] = asked["path"]
    Path(sys.argv[2]).write_text(json.dumps(look(asked["value"])), encoding="utf-8")


if __name__ == "__main__":
    main()

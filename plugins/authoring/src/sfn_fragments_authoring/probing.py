"""Looks at a plugin in a process of its own; see `sfn_fragments_authoring.probe`."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

#: Seconds that the import of a plugin may take: one that takes longer waits for something.
LONGEST = 60.0


@dataclass(frozen=True)
class HeavyImport:
    """A package that a plugin module imports, and must not.

    Attributes:
        package: The package, such as ``aws_cdk``.
        module: The module that imports it.
        file: File of that module.
        line: Line of the import.
    """

    package: str
    module: str
    file: str
    line: int

    def __str__(self) -> str:
        """One phrase: the package, and who imports it where."""
        return f"{self.package}, by {self.module} ({self.file}:{self.line})"


@dataclass(frozen=True)
class HookFunction:
    """A function of a plugin that is a hook, or looks like one.

    Attributes:
        name: Its name.
        marker: The pluggy project whose marker it has; empty without one.
        file: Its file.
        line: Its line.
    """

    name: str
    marker: str
    file: str
    line: int


@dataclass(frozen=True)
class Probe:
    """What the import of a plugin brought.

    Attributes:
        seconds: How long it took; None if it did not end.
        failed: Whether it raised.
        heavy: The heavy packages that it imported.
        hooks: Its functions that are hooks, or look like one.
        output: What it wrote to the standard output.
    """

    seconds: float | None = None
    failed: bool = False
    heavy: tuple[HeavyImport, ...] = ()
    hooks: tuple[HookFunction, ...] = ()
    output: str = field(default="", repr=False)


def probe(value: str, longest: float = LONGEST) -> Probe:
    """Import a plugin in a process of its own, and look at it.

    Args:
        value: Value of its entry point, such as ``acme.plugin``.
        longest: Seconds that the process may take.

    Returns:
        What was seen; without ``seconds`` if the process did not end in time, or ended itself.

    Examples:
        >>> probe("sfn_fragments_authoring.plugin").heavy
        ()
    """
    with tempfile.TemporaryDirectory(prefix="sfn-fragments-") as folder:
        result = Path(folder) / "result.json"
        asked = json.dumps({"value": value, "path": sys.path})
        # Without the working directory, whose modules would hide Python's own.
        command = [sys.executable, "-P", "-m", f"{__package__}.probe", asked, str(result)]
        try:
            done = subprocess.run(  # noqa: S603 - this interpreter, on a module of our own
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                timeout=longest,
            )
        except subprocess.TimeoutExpired:
            return Probe(failed=True)
        if not result.exists():
            return Probe(failed=True, output=done.stdout)
        seen: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    return Probe(
        seconds=seen["seconds"],
        failed=seen["failed"],
        heavy=tuple(HeavyImport(**each) for each in seen["heavy"]),
        hooks=tuple(HookFunction(**each) for each in seen["hooks"]),
        output=done.stdout,
    )

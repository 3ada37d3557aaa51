"""Findings that somebody has looked at: by a marker in a state's Comment, or in a baseline."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.cli.settings import SettingsError
from sfn_fragments_asl.model.json_data import mapping

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sfn_fragments_asl.cli.reported import Reported
    from sfn_fragments_asl.model.state_machine import CheckedDefinition

_MARKER = re.compile(r"sfn-fragments:\s*ignore\s*\[([^\[\]]*)\]")
_VERSION = 1


def excused_rules(checked: CheckedDefinition) -> dict[str, frozenset[str]]:
    """The rules that comments excuse.

    Args:
        checked: The definition. A ``Comment`` of a state, or of the whole state machine, may hold
            ``sfn-fragments: ignore[asl.literal-expression] the service reads the path``.

    Returns:
        Name of a state, or ``definition``, to ids of rules.
    """
    comments = [("definition", mapping(checked.definition).get("Comment"))]
    comments += [(state.name, state.fields.get("Comment")) for state in checked.states()]
    found: dict[str, frozenset[str]] = {}
    for place, comment in comments:
        if not (isinstance(comment, str) and "sfn-fragments" in comment):
            continue
        rules = {rule.strip() for listed in _MARKER.findall(comment) for rule in listed.split(",")}
        found[place] = found.get(place, frozenset()) | (rules - {""})
    return found


class Baseline:
    """Findings of old code that are known, and not told again.

    A finding is known by its rule, file, state machine and state: lines move.

    Args:
        file: The file; paths in it are meant from its folder.
    """

    def __init__(self, file: Path) -> None:
        """Read the file.

        Raises:
            SettingsError: There is none, or it is no baseline.
        """
        self.file = file
        try:
            content = json.loads(file.read_text(encoding="utf-8"))
            entries = content["findings"]
            if content["version"] != _VERSION:
                raise ValueError(f"its version is {content['version']!r}")
            self._left = Counter(
                (one["rule"], one["file"], one["state_machine"], one["place"]) for one in entries
            )
        except FileNotFoundError as error:
            raise SettingsError(
                f"{file}: there is no such baseline; write it with --write-baseline {file}"
            ) from error
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise SettingsError(
                f"{file} is no baseline ({type(error).__name__}: {error}); write it with "
                f"--write-baseline {file}"
            ) from error

    def knows(self, reported: Reported) -> bool:
        """Whether a finding is known; each entry stands for one."""
        key = _key(reported, self.file)
        if self._left[key] <= 0:
            return False
        self._left[key] -= 1
        return True


def write_baseline(file: Path, reported: Iterable[Reported]) -> int:
    """Write findings into a baseline.

    Args:
        file: The file, which is replaced.
        reported: The findings.

    Returns:
        How many they are.
    """
    names = ("rule", "file", "state_machine", "place")
    findings: list[Mapping[str, Any]] = [
        dict(zip(names, _key(one, file), strict=True)) for one in reported
    ]
    text = json.dumps({"version": _VERSION, "findings": findings}, indent=1, ensure_ascii=False)
    file.write_text(f"{text}\n", encoding="utf-8")
    return len(findings)


def _key(reported: Reported, baseline: Path) -> tuple[str, str, str, str]:
    file = Path(os.path.relpath(reported.machine.file.absolute(), baseline.absolute().parent))
    return (
        reported.check.id,
        file.as_posix(),
        reported.machine.name,
        reported.finding.place,
    )

"""What is known at synthesis about the values that a state passes to a service.

A value may be a literal, or name a variable whose default an earlier state assigned, or be put
together of such parts. What is known of it narrows a permission.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sfn_fragments.definition import walk_states

_EXPRESSION = re.compile(r"\{%\s*(.*?)\s*%\}", re.DOTALL)
_JSONATA_VARIABLE = re.compile(r"\$(\w+)\.(\w+)")
# A setting before the overrides of an execution are merged into its default.
_JSONATA_MERGE = re.compile(r"\$merge\(\[\$(\w+)\.defaults, .*\]\)\.(\w+)", re.DOTALL)
_JSONATA_TEXT = re.compile(r"""'([^'\\]*)'|"([^"\\]*)\"""")
_FORMAT = re.compile(r"States\.Format\(\s*'((?:\\.|[^'\\])*)'")


@dataclass(frozen=True)
class Known:
    """What is known of a text.

    Attributes:
        prefix: The text that it begins with.
        complete: Whether the prefix is the whole text.
        overridable: Whether an execution's input may replace the value.
    """

    prefix: str = ""
    complete: bool = False
    overridable: bool = False


class KnownValues:
    """Looks up what a definition says about its values.

    Args:
        definition: The parsed definition.
    """

    def __init__(self, definition: Mapping[str, Any]) -> None:
        """Collect every literal that a state assigns to a variable."""
        self._assigned: dict[tuple[str, str], Known] = {}
        for _, state in walk_states(definition):
            for variable, value in state.get("Assign", {}).items():
                if isinstance(value, Mapping):
                    self._collect(variable, value)

    def _collect(self, variable: str, value: Mapping[str, Any]) -> None:
        # Defaults that an execution may override stand in an object of their own.
        for fields, overridable in ((value, False), (value.get("defaults", {}), True)):
            for name, text in fields.items():
                computed = name.endswith(".$") or _EXPRESSION.fullmatch(str(text))
                if isinstance(text, str) and not computed:
                    self._assigned[variable, name] = Known(text, True, overridable)

    def look_up(self, fields: Mapping[str, Any], name: str) -> Known:
        """What is known of a field of ``Parameters`` or ``Arguments``.

        Args:
            fields: The parameters of the call.
            name: The parameter's name, without ``.$``.

        Returns:
            What is known; nothing where the parameter is absent.
        """
        if f"{name}.$" in fields:
            return self._jsonpath(str(fields[f"{name}.$"]))
        value = fields.get(name)
        if not isinstance(value, str):
            return Known()
        match = _EXPRESSION.fullmatch(value)
        return self._jsonata(match.group(1)) if match else Known(value, complete=True)

    def _jsonpath(self, path: str) -> Known:
        if match := _FORMAT.match(path):
            return Known(match.group(1).split("{}")[0])
        if match := _JSONATA_VARIABLE.fullmatch(path):
            return self._assigned.get((match.group(1), match.group(2)), Known())
        return Known()

    def _jsonata(self, expression: str) -> Known:
        prefix = ""
        overridable = False
        for term in _terms(expression):
            known = self._term(term)
            prefix += known.prefix
            overridable = overridable or known.overridable
            if not known.complete:
                return Known(prefix, complete=False, overridable=overridable)
        return Known(prefix, complete=True, overridable=overridable)

    def _term(self, term: str) -> Known:
        if match := _JSONATA_TEXT.fullmatch(term):
            return Known(match.group(1) or match.group(2) or "", complete=True)
        match = _JSONATA_VARIABLE.fullmatch(term) or _JSONATA_MERGE.fullmatch(term)
        return self._assigned.get((match.group(1), match.group(2)), Known()) if match else Known()


def _terms(expression: str) -> Iterator[str]:
    """The operands of a JSONata concatenation."""
    for term in expression.split(" & "):
        yield term.strip()

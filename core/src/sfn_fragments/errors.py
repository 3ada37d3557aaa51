"""Errors that users of sfn-fragments meet; each names the thing, the value and the way out."""

from __future__ import annotations

import reprlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class FragmentsError(Exception):
    """Base class of every error that this library raises on purpose.

    Examples:
        >>> from sfn_fragments import FragmentsError, get_registry
        >>> try:
        ...     get_registry().load("no.such")
        ... except FragmentsError as error:
        ...     print(type(error).__name__)
        UnknownFragmentError
    """


class UnknownFragmentError(FragmentsError, KeyError):
    """No installed plugin provides a fragment of this name."""

    # KeyError shows repr(args[0]), which turns line breaks into "\n".
    __str__ = Exception.__str__


class FragmentConflictError(FragmentsError, KeyError):
    """Several plugins provide this name, so none of them can be used.

    A ``KeyError`` like that of an unknown name, since the registry does not contain it.
    """

    __str__ = Exception.__str__


class PluginError(FragmentsError):
    """A plugin, or the target that one of its fragments names, could not be loaded."""


#: Enough of a value to find it, however large or deep it is, with the remedy still in sight.
shown = reprlib.Repr()
shown.maxstring = shown.maxother = shown.maxlong = 120
shown.maxlist = shown.maxtuple = shown.maxdict = 10
shown.maxlevel = 4


@dataclass(frozen=True)
class InvalidValue:
    """One parameter that cannot work.

    Attributes:
        parameter: Name of the parameter, or its path within a request (``payload.memory``).
        value: The value that was given.
        remedy: What to give instead.
    """

    parameter: str
    value: object
    remedy: str

    def __str__(self) -> str:
        """One line: the parameter, its value, the way out."""
        return f"{self.parameter}: {shown.repr(self.value)}: {self.remedy}"


class InvalidParametersError(FragmentsError, ValueError):
    """Parameters that cannot work, all of them at once.

    Args:
        subject: What the parameters were for, such as ``data_sync.sync 'Sync'``.
        problems: Every problem that was found, in the order of the parameters.
    """

    def __init__(self, subject: str, problems: Sequence[InvalidValue]) -> None:
        """Keep the problems, and list them in the message."""
        self.subject = subject
        self.problems = tuple(problems)
        lines = "".join(f"\n  - {problem}" for problem in self.problems)
        super().__init__(f"{subject}: {len(self.problems)} invalid parameter(s):{lines}")


class MissingDefinitionError(FragmentsError, AttributeError):
    """A fragment has assigned no states; for ``hasattr`` it has no definition."""


class MissingTaskError(InvalidParametersError, AssertionError):
    """A task with hooks was given no task by the time that its states are made."""

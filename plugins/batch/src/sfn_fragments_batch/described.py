"""Descriptions of parameters that many classes and functions have, from the one place they are in.

A docstring describes a parameter itself, or leaves it to a source, whose docstring has all of them.
``help()``, the catalogue and the documentation show the whole.
"""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_Described = TypeVar("_Described", bound="Callable[..., Any]")

_HEADINGS = ("Args:", "Attributes:")
_ENTRY = re.compile(r" {4}(\w+): ")


def described_by(source: type) -> Callable[[_Described], _Described]:
    """Decorate a class or function whose parameters are described elsewhere.

    Args:
        source: The class whose docstring describes them.

    Returns:
        The decorator. It returns what it is given, with those parameters in its docstring that the
        docstring did not describe, in the order of the signature.

    Examples:
        >>> class Sizes:
        ...     '''Sizes.
        ...
        ...     Args:
        ...         memory: Memory in MiB.
        ...     '''
        >>> @described_by(Sizes)
        ... def run(name, memory):
        ...     '''Run it.
        ...
        ...     Args:
        ...         name: Its name.
        ...     '''
        >>> print(run.__doc__)
        Run it.
        <BLANKLINE>
        Args:
            name: Its name.
            memory: Memory in MiB.
    """

    def complete(target: _Described) -> _Described:
        # Without docstrings, by python -OO, there is nothing to complete.
        if target.__doc__ and source.__doc__:
            signature = inspect.signature(vars(target).get("__init__", target))
            target.__doc__ = completed(target.__doc__, signature.parameters, source.__doc__)
        return target

    return complete


def completed(text: str, parameters: Iterable[str], source: str) -> str:
    """A docstring with the descriptions of a source.

    Args:
        text: The docstring, which has a section ``Args:``.
        parameters: Names of the parameters, in their order.
        source: The docstring that describes those that the first does not, as ``Args:`` or as
            ``Attributes:``.

    Returns:
        The docstring, without its indentation.
    """
    before, own, after = _parted(text)
    known = _parted(source)[1]
    described = [own.get(name) or known.get(name, []) for name in parameters]
    return "\n".join([*before, *(line for lines in described for line in lines), *after])


def _parted(text: str) -> tuple[list[str], dict[str, list[str]], list[str]]:
    """A docstring up to its parameters, the lines of each parameter, and what follows."""
    lines = inspect.cleandoc(text).splitlines()
    begin = end = next(i for i, line in enumerate(lines, 1) if line in _HEADINGS)
    entries: dict[str, list[str]] = {}
    for line in lines[begin:]:
        if entry := _ENTRY.match(line):
            entries[entry[1]] = []
        elif not line.startswith("     "):
            break
        entries[next(reversed(entries))].append(line)
        end += 1
    return lines[:begin], entries, lines[end:]

"""What docstrings tell, as text for a person: without the markup of Sphinx."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_ROLE = re.compile(r":\w+(?::\w+)?:`~?(?:[\w.]+\.)?([^`]+)`")
_LITERAL = re.compile(r"``?([^`]+)``?")


def description_in(docstring: str, literal: Callable[[str], str] = str) -> str:
    """What stands before the sections of a docstring; paragraphs have an empty line between.

    Args:
        docstring: The docstring.
        literal: How code in it is written; as it is by default.

    Examples:
        >>> description_in("Reads ``a.json``, see `Wait`.", lambda code: f"<{code}>")
        'Reads <a.json>, see <Wait>.'
    """
    return _plain(_parsed(docstring).description or "", literal)


def told_in(docstring: str, literal: Callable[[str], str] = str) -> dict[str, str]:
    """What a docstring tells of parameters or attributes, by name.

    Args:
        docstring: The docstring.
        literal: How code in it is written; as it is by default.
    """
    return {
        each.arg_name: " ".join(_plain(each.description or "", literal).split())
        for each in _parsed(docstring).params
    }


def told_of(model: Any, literal: Callable[[str], str] = str) -> dict[str, str]:
    """What the docstrings of a class and of its bases tell of attributes, by name.

    Args:
        model: The class.
        literal: How code in them is written; as it is by default.
    """
    told: dict[str, str] = {}
    for klass in reversed(getattr(model, "__mro__", ())):
        told |= told_in(klass.__dict__.get("__doc__") or "", literal)
    return told


def _plain(text: str, literal: Callable[[str], str]) -> str:
    return _LITERAL.sub(lambda found: literal(found[1]), _ROLE.sub(r"``\1``", text))


def _parsed(docstring: str) -> Any:
    from docstring_parser import DocstringStyle, parse

    return parse(inspect.cleandoc(docstring), DocstringStyle.GOOGLE)

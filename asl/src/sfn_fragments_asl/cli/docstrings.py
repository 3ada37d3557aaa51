"""What docstrings tell, as text for a person: without the markup of Sphinx."""

from __future__ import annotations

import inspect
import re
from typing import Any

_ROLE = re.compile(r":\w+(?::\w+)?:`~?(?:[\w.]+\.)?([^`]+)`")
_LITERAL = re.compile(r"``?([^`]+)``?")


def description_in(docstring: str) -> str:
    """What stands before the sections of a docstring; paragraphs have an empty line between."""
    return _plain(_parsed(docstring).description or "")


def told_in(docstring: str) -> dict[str, str]:
    """What a docstring tells of parameters or attributes, by name."""
    return {
        each.arg_name: " ".join(_plain(each.description or "").split())
        for each in _parsed(docstring).params
    }


def told_of(model: Any) -> dict[str, str]:
    """What the docstrings of a class and of its bases tell of attributes, by name."""
    told: dict[str, str] = {}
    for klass in reversed(getattr(model, "__mro__", ())):
        told |= told_in(klass.__dict__.get("__doc__") or "")
    return told


def _plain(text: str) -> str:
    return _LITERAL.sub(r"\1", _ROLE.sub(r"\1", text))


def _parsed(docstring: str) -> Any:
    from docstring_parser import DocstringStyle, parse

    return parse(inspect.cleandoc(docstring), DocstringStyle.GOOGLE)

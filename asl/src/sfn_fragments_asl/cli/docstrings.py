"""What docstrings tell, as text for a person: without the markup of Sphinx."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

#: Sections that the docstring of a fragment may have besides those of Google's style, which say of
#: the fragment what none of its parameters can.
SECTIONS = ("When to use", "Deletes")

# With an indented text below: prose that happens to begin a line so is none.
_SECTION = re.compile(
    rf"^(?P<title>{'|'.join(SECTIONS)}):[ \t]*\n(?=\n*[ \t]+\S)(?P<text>(?:[ \t].*\n?|\n)+)",
    re.MULTILINE,
)
_ROLE = re.compile(r":\w+(?::\w+)?:`~?(?:[\w.]+\.)?([^`]+)`")
_LITERAL = re.compile(r"``?([^`]+)``?")


def description_in(docstring: str, literal: Callable[[str], str] = str) -> str:
    """What a docstring says outside of its sections; paragraphs have an empty line between.

    Args:
        docstring: The docstring.
        literal: How code in it is written; as it is by default.

    Examples:
        >>> description_in("Reads ``a.json``, see `Wait`.", lambda code: f"<{code}>")
        'Reads <a.json>, see <Wait>.'
    """
    return _plain(_parsed(docstring).description or "", literal).strip()


def section_in(docstring: str, title: str, literal: Callable[[str], str] = str) -> str:
    r"""One of the `SECTIONS` of a docstring; paragraphs have an empty line between.

    Args:
        docstring: The docstring.
        title: Which.
        literal: How code in it is written; as it is by default.

    Returns:
        Its text; empty where there is none.

    Examples:
        >>> section_in("Cleans.\n\nDeletes:\n    All of ``/tmp``.", "Deletes")
        'All of /tmp.'
    """
    found = _SECTION.finditer(inspect.cleandoc(docstring))
    texts = [inspect.cleandoc(f"\n{each['text']}") for each in found if each["title"] == title]
    return _plain("\n\n".join(texts), literal)


def prose_in(docstring: str) -> str:
    r"""The description in a docstring, and its `SECTIONS`, as paragraphs of one text.

    Args:
        docstring: The docstring.

    Examples:
        >>> prose_in("Cleans.\n\nDeletes:\n    All of it.\n\nArgs:\n    id: Its id.")
        'Cleans.\n\nDeletes: All of it.'
    """
    sections = ((title, section_in(docstring, title)) for title in SECTIONS)
    told = [f"{title}: {text}" for title, text in sections if text]
    return "\n\n".join(filter(None, (description_in(docstring), *told)))


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

    return parse(_SECTION.sub("", inspect.cleandoc(docstring)), DocstringStyle.GOOGLE)

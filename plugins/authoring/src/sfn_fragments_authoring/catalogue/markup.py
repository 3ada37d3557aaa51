"""Texts as HTML: docstrings, whose code stands between backticks, and code in colours."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from collections.abc import Iterator

_CODE = re.compile(r"`+([^`]+)`+")
_DIRECTIVE = re.compile(r"^\s*\.\. [\w-]+::.*$", re.MULTILINE)
_ITEM = re.compile(r"^\s*[-*] ", re.MULTILINE)
_PARAGRAPHS = re.compile(r"\n\s*\n")
_SENTENCES = re.compile(r"(?<=[.!?])\s+(?=[A-Z`])")
#: Parts of JSON and of simple Python, by the class that colours them.
_PARTS = re.compile(
    r"""(?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')"""
    r"|(?P<word>\b(?:from|import|True|False|None|true|false|null)\b)"
    r"|(?P<number>\b\d[\d_.]*\b)"
)


def marked(code: str) -> str:
    """Code as it stands in the texts that `prose` takes.

    Args:
        code: The code.
    """
    return f"``{code}``"


def plain(text: str) -> str:
    """A text without the marks of code, in one line.

    Args:
        text: The text.

    Examples:
        >>> plain("Reads ``a.json``.")
        'Reads a.json.'
    """
    return " ".join(_CODE.sub(r"\1", text).split())


def sentences(text: str) -> list[str]:
    """The sentences of a text.

    Args:
        text: The text.

    Examples:
        >>> sentences("Reads s3://a.b/c. Deletes it.")
        ['Reads s3://a.b/c.', 'Deletes it.']
    """
    return [
        " ".join(sentence.split())
        for paragraph in _paragraphs(text)
        for sentence in _SENTENCES.split(paragraph)
    ]


def prose(text: str) -> Markup:
    """Paragraphs and lists of a docstring.

    Args:
        text: The text; code in it stands between backticks.

    Returns:
        HTML, in which everything else is escaped.

    Examples:
        >>> prose("Reads ``a < b``.")
        Markup('<p>Reads <code>a &lt; b</code>.</p>')
    """
    return Markup("\n").join(map(_block, _paragraphs(text)))


def inline(text: str) -> Markup:
    """One paragraph, without the element around it.

    Args:
        text: The text; code in it stands between backticks.
    """
    parts = _CODE.split(text)
    return Markup("").join(
        Markup("<code>{}</code>").format(" ".join(part.split())) if index % 2 else escape(part)
        for index, part in enumerate(parts)
    )


def coloured(code: str) -> Markup:
    """Python or JSON with its texts, numbers and words coloured by classes.

    Args:
        code: The code.

    Examples:
        >>> coloured("a=1")
        Markup('a=<span class="c-number">1</span>')
    """

    def parts() -> Iterator[Markup]:
        end = 0
        for found in _PARTS.finditer(code):
            yield escape(code[end : found.start()])
            yield Markup('<span class="c-{}">{}</span>').format(found.lastgroup, found[0])
            end = found.end()
        yield escape(code[end:])

    return Markup("").join(parts())


def _paragraphs(text: str) -> list[str]:
    without = _DIRECTIVE.sub("", text)
    return [each for each in _PARAGRAPHS.split(without) if each.strip()]


def _block(paragraph: str) -> Markup:
    lines = paragraph.strip("\n").splitlines()
    if all(line.startswith("    ") for line in lines):
        code = "\n".join(line.removeprefix("    ") for line in lines)
        return Markup('<pre tabindex="0"><code>{}</code></pre>').format(code)
    if _ITEM.match(paragraph.lstrip("\n")):
        items = [each for each in _ITEM.split(paragraph) if each.strip()]
        listed = Markup("").join(Markup("<li>{}</li>").format(inline(each)) for each in items)
        return Markup("<ul>{}</ul>").format(listed)
    return Markup("<p>{}</p>").format(inline(paragraph.strip()))

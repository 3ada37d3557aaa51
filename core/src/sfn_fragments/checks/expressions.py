"""The parts of a state that are evaluated, and the variables that they read.

JSONPath: https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
JSONata: https://docs.jsonata.org, in ``{% %}``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sfn_fragments.checks.graph import State

#: Fields that hold states of their own, or data that is never evaluated.
_NOT_OF_THE_STATE = frozenset({"Branches", "Comment", "ItemProcessor", "Iterator", "Result"})
#: Fields that hold data for a service, an item or a variable.
_TEMPLATES = frozenset(
    {"Assign", "BatchInput", "Credentials", "ItemSelector", "Parameters", "ResultSelector"}
)
_JSONATA = re.compile(r"\s*\{%(.*)%\}\s*", re.DOTALL)
# One pass, since a quote may stand in a regular expression, and a slash in a text. A slash begins
# a regular expression where an operand is expected, and divides where one has ended.
_LITERALS = re.compile(
    r"""
    "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*' | `[^`]*` | /\*.*?\*/
    | (?P<before> [(\[,:=?&] \s*) / (?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\\n])+ / [im]*
    """,
    re.DOTALL | re.VERBOSE,
)
#: The texts in JSONata source, with their quotes.
TEXTS = re.compile(r'"(?:\\.|[^"\\])*"' "|" r"'(?:\\.|[^'\\])*'")
_QUOTED = re.compile(r"'(?:\\.|[^'\\])*'")
_VARIABLE = re.compile(r"(?<![\w$])\$([A-Za-z_]\w*)")
_CALLED = re.compile(r"(?<![\w$])\$([A-Za-z_]\w*)(?=\s*\()")
_BOUND = re.compile(r"\$(\w+)\s*:=|[@#]\$(\w+)")
_PARAMETERS = re.compile(r"(?:function|λ)\s*\(([^)]*)\)")
_GUARDED = re.compile(r"\$exists\s*\(\s*\$(\w+)")
#: What the language and Step Functions bind; functions may be passed as values.
_BUILT_IN = frozenset(
    re.findall(
        r"\w+",
        """
        states abs append assert average base64decode base64encode boolean ceil clone contains count
        decodeUrl decodeUrlComponent distinct each encodeUrl encodeUrlComponent error eval exists
        filter floor formatBase formatInteger formatNumber fromMillis hash join keys length lookup
        lowercase map match max merge millis min not now number pad parse parseInteger partition
        power random range reduce replace reverse round shuffle sift single sort split spread sqrt
        string substring substringAfter substringBefore sum toMillis trim type uppercase uuid zip
        """,
    )
)


def without_literals(source: str) -> str:
    """JSONata source with its texts, quoted names, comments and regular expressions left out."""
    return _LITERALS.sub(lambda match: f"{match['before'] or ''}''", source)


def jsonata_sources(value: Any) -> Iterator[str]:
    """The source of every JSONata expression in a value, without ``{% %}``."""
    for text in texts(value):
        if match := _JSONATA.fullmatch(text):
            yield match.group(1)


def texts(value: Any) -> Iterator[str]:
    """Every text in a value, without the names of fields."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


def jsonpath_fields(value: Any, *, template: bool = False) -> Iterator[tuple[str, Any]]:
    """The fields in a value whose own value is a path or a call of an intrinsic function.

    Args:
        value: Fields of a state.
        template: Whether it is data for a service or a variable: there the names of fields are
            the service's, and those that end with ``.$`` alone are evaluated.

    Yields:
        The name and the value; of what is malformed, the value may be no text.
    """
    if isinstance(value, Mapping):
        for name, item in value.items():
            path = not template and (name.endswith("Path") or name == "Variable")
            if name.endswith(".$") or (path and item is not None):
                yield name, item
            elif name not in _NOT_OF_THE_STATE:
                yield from jsonpath_fields(item, template=template or name in _TEMPLATES)
    elif isinstance(value, list):
        for item in value:
            yield from jsonpath_fields(item, template=template)


def jsonpath_sources(value: Any, *, template: bool = False) -> Iterator[str]:
    """The paths and intrinsic functions in a value, which :func:`jsonpath_fields` describes."""
    for _, source in jsonpath_fields(value, template=template):
        if isinstance(source, str):
            yield source


def own_fields(state: State) -> dict[str, Any]:
    """What a state evaluates itself: without data that is literal, and states inside it."""
    return {name: value for name, value in state.fields.items() if name not in _NOT_OF_THE_STATE}


def evaluated(state: State) -> list[str]:
    """The sources of a state's own expressions, in its query language."""
    own = own_fields(state)
    return list(jsonata_sources(own) if state.jsonata else jsonpath_sources(own))


def reads(state: State) -> dict[str, bool]:
    """The workflow variables that a state reads.

    Args:
        state: The state; those inside it have their own.

    Returns:
        Name to whether some place needs a value: not where ``$exists`` asks for it first, nor
        where the name is one that the expression itself binds.
    """
    found: dict[str, bool] = {}
    for source in evaluated(state):
        if not state.jsonata:
            found |= dict.fromkeys(_VARIABLE.findall(_QUOTED.sub("''", source)), True)
            continue
        text = without_literals(source)
        own = {name for names in _BOUND.findall(text) for name in names}
        for parameters in _PARAMETERS.findall(text):
            own |= set(_VARIABLE.findall(parameters))
        own |= set(_GUARDED.findall(text)) | _BUILT_IN | set(_CALLED.findall(text))
        for name in _VARIABLE.findall(text):
            found[name] = found.get(name, False) or name not in own
    return found

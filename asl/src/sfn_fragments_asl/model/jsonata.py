"""JSONata expressions, as a tree: that of PyPI's ``jsonata-python``, frozen.

https://docs.jsonata.org; what Step Functions adds to the language:
https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import takewhile
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.model.paths import MalformedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MARKER = re.compile(r"\$\{[^{}]*\}")
#: What the language and Step Functions bind; functions may be passed as values.
BUILT_IN = frozenset(
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
#: Function to the greatest number of its arguments; those without one take any number.
JSONATA_ARGUMENTS = {
    name: most
    for most, names in enumerate(
        (
            "millis uuid",
            "length uppercase lowercase trim base64encode base64decode encodeUrl decodeUrl "
            "encodeUrlComponent decodeUrlComponent number abs floor ceil sqrt random sum max min "
            "average boolean not exists count reverse shuffle distinct keys spread merge error "
            "type parse",
            "string substringBefore substringAfter contains join round power formatBase "
            "formatInteger parseInteger append sort lookup sift each assert now toMillis map "
            "filter single partition hash",
            "substring pad split match formatNumber fromMillis reduce range",
            "replace",
        )
    )
    for name in names.split()
}
#: Those that each must get. Other functions take what is around them where one is missing.
LEAST_JSONATA_ARGUMENTS = {
    name: least
    for least, names in (
        (
            1,
            "sum max min average count exists merge reverse shuffle distinct sort join type single "
            "assert parse substring substringBefore substringAfter contains split match power pad "
            "formatNumber formatInteger parseInteger lookup each sift zip",
        ),
        (2, "append map filter reduce partition replace"),
        (3, "range"),
    )
    for name in names.split()
}
# Attributes of the parser's symbols that hold other symbols, to the names of parts here.
_PARTS = {
    "steps": "steps",
    "stages": "filters",
    "predicate": "filters",
    "group": "group",
    "procedure": "procedure",
    "arguments": "arguments",
    "condition": "condition",
    "then": "then",
    "_else": "otherwise",
    "lhs": "left",
    "rhs": "right",
    "body": "body",
    "expression": "inner",
    "expr": "inner",
    "expressions": "items",
    "terms": "items",
    "pattern": "pattern",
    "update": "update",
    "delete": "delete",
}


@dataclass(frozen=True)
class Node:
    """A node of an expression's tree.

    Attributes:
        kind: What it is: ``path``, ``variable``, ``name``, ``string``, ``number``, ``value`` (true,
            false and null), ``function`` (a call), ``lambda``, ``binary``, ``unary`` (``{``: an
            object, ``[``: a list), ``condition``, ``block`` and so on.
        value: The name, the literal or the operator, where it has one.
        position: Index in the source behind the token that it begins with or stands for.
        parts: The nodes that it is made of, by what they are to it; the members of an object are
            ``keys`` and ``values``.
        binds: Names that it gives to what it finds (``@$name``, ``#$name``).
    """

    kind: str
    value: Any = None
    position: int = 0
    parts: Mapping[str, tuple[Node, ...]] = field(default_factory=lambda: MappingProxyType({}))
    binds: tuple[str, ...] = ()

    def part(self, name: str) -> Node | None:
        """The one node of a part; ``None`` where there is none."""
        return next(iter(self.parts.get(name, ())), None)

    def listed(self, name: str) -> tuple[Node, ...]:
        """The nodes of a part."""
        return self.parts.get(name, ())

    def children(self) -> Iterator[Node]:
        """The nodes that it is made of."""
        for nodes in self.parts.values():
            yield from nodes

    def walk(self) -> Iterator[Node]:
        """The node, then all that it is made of, at every depth."""
        yield self
        for child in self.children():
            yield from child.walk()

    @property
    def reference(self) -> tuple[str, ...] | None:
        """A variable and names of fields, such as ``('states', 'input', 'a')``; else ``None``."""
        steps = self.listed("steps") if self.kind == "path" else (self,)
        plain = all(not step.parts and not step.binds for step in steps)
        if not (plain and steps[0].kind == "variable" and steps[0].value not in ("", "$")):
            return None
        if not all(step.kind == "name" for step in steps[1:]) or "group" in self.parts:
            return None
        return tuple(str(step.value) for step in steps)

    @property
    def beginning(self) -> tuple[str, ...]:
        """The variable and the names of fields that it begins with, whatever follows them."""
        steps = self.listed("steps") if self.kind == "path" else (self,)
        if steps[0].kind != "variable" or steps[0].value in ("", "$"):
            return ()
        names = takewhile(lambda step: step.kind == "name", steps[1:])
        return (steps[0].value, *(str(step.value) for step in names))

    @property
    def called(self) -> str | None:
        """Name of the function that it calls, without ``$``; ``None`` where it calls none."""
        procedure = self.part("procedure") if self.kind == "function" else None
        return procedure.value if procedure and procedure.kind == "variable" else None

    @property
    def called_lambda(self) -> Node | None:
        """The function that it calls, where that is written in its place; else ``None``."""
        procedure = self.part("procedure") if self.kind == "function" else None
        if procedure and procedure.kind == "block" and len(procedure.listed("items")) == 1:
            procedure = procedure.part("items")
        return procedure if procedure and procedure.kind == "lambda" else None


class UnreadableError(MalformedError):
    """An expression that the parser cannot read, though it may be well formed."""


@lru_cache(maxsize=4096)
def parse_jsonata(source: str) -> Node:
    """Read an expression.

    Args:
        source: The expression, without ``{%`` and ``%}``. A place that CloudFormation fills in,
            such as ``${Count}``, stands for a value.

    Returns:
        Its tree.

    Raises:
        MalformedError: It is no JSONata.
        UnreadableError: The parser fails at it.

    Examples:
        >>> node = parse_jsonata("$merge([$states.input, {'a': 1}])")
        >>> node.called, node.listed("arguments")[0].listed("items")[0].reference
        ('merge', ('states', 'input'))
    """
    parser, malformed = _library()
    try:
        try:
            return _frozen(parser().parse(source))
        except malformed:
            filled = _MARKER.sub(lambda marker: "`" + "_" * (len(marker.group()) - 2) + "`", source)
            if filled == source:
                raise
            return _frozen(parser().parse(filled))
    except malformed as error:
        raise MalformedError(str(error), getattr(error, "location", 0) or 0) from error
    except (re.error, RecursionError) as error:
        # Another dialect of regular expressions, or more brackets than Python has stack frames.
        raise UnreadableError(f"{type(error).__name__}: {error}") from error
    except KeyError as error:
        # It looks up what an operator does, and has no answer.
        raise MalformedError(f"{error.args[0]} is no operator of JSONata") from error
    except (LookupError, ValueError, AttributeError, TypeError) as error:
        # What the parser itself does not expect.
        raise MalformedError(f"{type(error).__name__}: {error}") from error


@cache
def _library() -> tuple[Any, type[Exception]]:
    """The parser, and what it raises; importing it takes longer than reading a definition does."""
    # It sets the limit for the whole process.
    limit = sys.getrecursionlimit()
    try:
        from jsonata.jexception import JException
        from jsonata.parser import Parser
    finally:
        sys.setrecursionlimit(limit)
    return Parser, JException


def _frozen(symbol: Any) -> Node:
    if symbol is None:
        raise MalformedError("it holds no expression")
    if getattr(symbol, "thunk", False):
        # The parser's own, around the last call of a function's body.
        return _frozen(symbol.body)
    parts: dict[str, tuple[Node, ...]] = {}
    for attribute, name in _PARTS.items():
        held = getattr(symbol, attribute, None)
        if held is None or held is symbol:
            continue
        nodes = tuple(_frozen(each) for each in (held if isinstance(held, list) else [held]))
        if nodes:
            parts[name] = (*parts.get(name, ()), *nodes)
    for members in (symbol.lhs_object, symbol.rhs_object):
        if members:
            parts["keys"] = tuple(_frozen(key) for key, _ in members)
            parts["values"] = tuple(_frozen(value) for _, value in members)
    binds = tuple(str(name) for name in (symbol.focus, symbol.index) if name)
    value = symbol.value
    if symbol.type == "regex":
        value = getattr(value, "pattern", value)
    return Node(symbol.type or "", value, symbol.position, MappingProxyType(parts), binds)


def called_functions(node: Node) -> list[tuple[str, int]]:
    """The functions that an expression calls by name, and does not make itself.

    Args:
        node: The expression.

    Returns:
        Name, without ``$``, and number of arguments of each call; what stands before ``~>`` is one.

    Examples:
        >>> called_functions(parse_jsonata("($f := $sum; $f([1]) + $count([1], 2))"))
        [('count', 2)]
    """
    made = {
        each.value
        for one in node.walk()
        for each in (*one.listed("left"), *one.listed("arguments"))
        if one.kind in ("bind", "lambda") and each.kind == "variable"
    }
    made |= {name for one in node.walk() for name in one.binds}
    chained = {id(one.part("right")) for one in node.walk() if one.kind == "apply"}
    return [
        (one.called, len(one.listed("arguments")) + (id(one) in chained))
        for one in node.walk()
        if one.called is not None and one.called not in made
    ]


def called_names(node: Node) -> Iterator[str]:
    """The names without ``$`` that an expression calls as if they were functions.

    Args:
        node: The expression.

    Examples:
        >>> list(called_names(parse_jsonata("sum([1]) + $sum([1])")))
        ['sum']
    """
    for one in node.walk():
        procedure = one.part("procedure") if one.kind == "function" else None
        last = (procedure.listed("steps") or (procedure,))[-1] if procedure else None
        if last is not None and last.kind == "name":
            yield str(last.value)


def names_without_origin(node: Node) -> Iterator[str]:
    """The names that an expression reads from around it: ``a`` in ``a.b``, ``$`` and ``$$``.

    Args:
        node: The expression.

    Yields:
        Each name that it begins with at its top: not within a path, a filter or a function.

    Examples:
        >>> list(names_without_origin(parse_jsonata("[a.b, $map([1], function($v) {c})]")))
        ['a']
    """
    if node.kind == "path":
        yield from names_without_origin(node.listed("steps")[0])
    elif node.kind == "name" or (node.kind == "variable" and node.value in ("", "$")):
        yield f"${node.value}" if node.kind == "variable" else str(node.value)
    elif node.kind in ("function", "partial"):
        for argument in node.listed("arguments"):
            yield from names_without_origin(argument)
    elif node.kind not in ("lambda", "transform"):
        for part, children in node.parts.items():
            # What stands in a filter or a group is about what stands before it.
            for child in children if part not in ("filters", "group") else ():
                yield from names_without_origin(child)


def free_variables(node: Node) -> dict[str, bool]:
    """The variables that an expression takes from around it.

    Args:
        node: The expression.

    Returns:
        Name, without ``$``, to whether some place needs a value of a workflow variable: not where
        ``$exists`` asks for it first, unless it is an error if there is none, and not where it is
        a function that is called or built in.
    """
    found: dict[str, bool] = {}
    guarded: set[str] = set()
    required: set[str] = set()
    # By identity: the same words may stand at several places.
    in_conditions: set[int] = set()
    for one in node.walk():
        otherwise = one.part("otherwise") if one.kind == "condition" else None
        if otherwise and otherwise.called == "error":
            in_conditions |= {id(each) for part in one.listed("condition") for each in part.walk()}
    for one in node.walk():
        if one.called == "exists":
            names = {each.value for each in one.walk() if each.kind == "variable"}
            (required if id(one) in in_conditions else guarded).update(names)
    for name, needed in _free(node, frozenset()):
        found[name] = found.get(name, False) or (
            needed and name not in BUILT_IN and (name in required or name not in guarded)
        )
    return found


def _free(node: Node, bound: frozenset[str]) -> Iterator[tuple[str, bool]]:
    """Each place of a variable that nothing around it binds, and whether it is no call."""
    if node.kind == "variable":
        name = node.value
        if name not in ("", "$") and name not in bound:
            yield name, True
    if node.kind == "lambda":
        bound |= {each.value for each in node.listed("arguments")}
        for inner in node.listed("body"):
            yield from _free(inner, bound)
        return
    if node.kind in ("function", "partial"):
        procedure = node.part("procedure")
        if procedure is not None and procedure.kind == "variable":
            if procedure.value not in bound:
                yield procedure.value, False
        elif procedure is not None:
            yield from _free(procedure, bound)
        for argument in node.listed("arguments"):
            yield from _free(argument, bound)
        return
    if node.kind == "block":
        for item in node.listed("items"):
            if item.kind == "bind":
                # A function may call itself.
                bound |= {left.value for left in item.listed("left") if left.kind == "variable"}
            yield from _free(item, bound)
        return
    if node.kind == "bind":
        bound |= {left.value for left in node.listed("left") if left.kind == "variable"}
    for step in node.listed("steps"):
        yield from _free(step, bound)
        bound |= frozenset(step.binds)
    for name, nodes in node.parts.items():
        if name != "steps":
            for child in nodes:
                yield from _free(child, bound | frozenset(node.binds))

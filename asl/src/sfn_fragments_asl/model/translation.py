r"""From JSONPath to JSONata: what a path or an intrinsic function means, in the other language.

The two differ where a value is not what was expected. JSONPath fails; JSONata leaves out what it
does not find, looks into each item of a list, and takes a value for a list of one. So what JSONata
would pass over is asked for first, and fails with an error that names the path.

Translated are all intrinsic functions, and paths of fields, indices, ``[*]``, slices without a
step, ``..name``, filters that compare fields with literals, and ``length()`` at the end. What a
path may find several of is a list, also where it finds one or none. Not translated, with an
`UntranslatableError`: several names or indices in one bracket,
other functions of a path, ``..`` before anything but a name, conditions with parentheses or other
operators, and calls whose template, characters or seed are known in the execution only.

Stricter than JSONPath are functions of numbers, which take whole numbers only and do not round, and
``States.Format``, which takes no lists and objects (JSONPath writes them as ``{a=1}``). A condition
does not compare a number with a text.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from sfn_fragments_asl.errors import UntranslatableError
from sfn_fragments_asl.model.intrinsics import Argument, Call, Literal, parse_dynamic
from sfn_fragments_asl.model.paths import (
    Descend,
    Every,
    Field,
    Filter,
    Function,
    Index,
    MalformedError,
    Path,
    Slice,
    Step,
    read_path,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WORDS = frozenset({"and", "or", "in", "true", "false", "null", "function"})
#: What the context object always has, and its types.
_CONTEXT: dict[tuple[str, ...] | None, str] = {
    ("Execution",): "object",
    ("Execution", "Id"): "string",
    ("Execution", "Name"): "string",
    ("Execution", "RoleArn"): "string",
    ("Execution", "StartTime"): "string",
    ("State",): "object",
    ("State", "EnteredTime"): "string",
    ("State", "Name"): "string",
    ("StateMachine",): "object",
    ("StateMachine", "Id"): "string",
    ("StateMachine", "Name"): "string",
}
_COMPARED = re.compile(
    r"\s*(?P<operator>==|!=|<=|>=|<|>)\s*"
    r"""(?P<literal>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|-?\d+(?:\.\d+)?|true|false|null)\s*"""
)
_QUOTED_OR_JOINT = re.compile(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|(?P<joint>&&|\|\|)""")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_MOST_CHARACTERS = 10_000
_MOST_ITEMS = 1000
_ELSEWHERE = "compute it in a state before, and give the path of its result"


class _Term(NamedTuple):
    """The source of a value, and its type as ``$type`` tells it, where that is known."""

    source: str
    type: str | None = None


class _Place(NamedTuple):
    """The source of a single place, and what must hold for JSONPath to look there."""

    source: str
    conditions: tuple[str, ...] = ()

    @property
    def found(self) -> str:
        """The condition that the place is there."""
        return " and ".join([*self.conditions, f"$exists({self.source})"])


@lru_cache(maxsize=4096)
def to_jsonata(text: str) -> str:
    r"""Translate what JSONPath evaluates in a field that ends with ``.$``.

    Args:
        text: A path, or a call of an intrinsic function. ``$`` is the input of the state.

    Returns:
        A JSONata expression, without ``{%`` and ``%}``, of the same value. It fails where JSONPath
        would.

    Raises:
        MalformedError: It is neither.
        UntranslatableError: JSONata cannot say the same; the error says what, and what to do.

    Examples:
        >>> to_jsonata("$$.Execution.Name")
        '$states.context.Execution.Name'
        >>> print(to_jsonata("$job.id"))
        ($type($job) = "object" and $exists($job.id) ? $job.id : $error("$job.id finds nothing"))
    """
    return _argument(parse_dynamic(text)).source


def list_of(items: Iterable[tuple[str, bool]]) -> str:
    """The source of a list, of which each item stays what it is.

    JSONata puts the items of a list that stands in a list into the outer one.

    Args:
        items: The source of each item, and whether it may turn out to be a list.

    Examples:
        >>> list_of([('"a"', False), ('"b"', False)])
        '["a", "b"]'
    """
    parts: list[str] = []
    plain: list[str] = []
    for source, may_be_list in items:
        if not may_be_list:
            plain.append(source)
            continue
        if plain:
            parts.append(f"[{', '.join(plain)}]")
            plain = []
        parts.append(f"(function($x) {{ {_listed('$x')} }})({source})")
    if plain or not parts:
        parts.append(f"[{', '.join(plain)}]")
    whole = parts[0]
    for part in parts[1:]:
        whole = f"$append({whole}, {part})"
    return whole


def text_literal(value: str) -> str:
    """A text as JSONata source, with its quotes."""
    # The library of the engine reads the two halves of an escaped character as two.
    return json.dumps(value, ensure_ascii=False)


def _argument(argument: Argument) -> _Term:
    if isinstance(argument, Literal):
        return _literal(argument)
    if isinstance(argument, Call):
        return _call(argument)
    return _path(argument)


def _literal(literal: Literal) -> _Term:
    value = literal.value
    if isinstance(value, str):
        return _Term(text_literal(value), "string")
    if value is None:
        return _Term("null", "null")
    return _Term(literal.text, "boolean" if isinstance(value, bool) else "number")


def _refuse(expression: str, problem: str, remedy: str = _ELSEWHERE) -> NoReturn:
    raise UntranslatableError(expression, problem, remedy)


def _error(message: str) -> str:
    return f"$error({text_literal(message)})"


def _listed(source: str) -> str:
    """A list of one value, whatever it is."""
    return f'($type({source}) = "array" ? [[{source}]] : [{source}])'


# --- paths ----------------------------------------------------------------------------------------


def _path(path: Path) -> _Term:
    several = next((at for at, step in enumerate(path.steps) if step.several), len(path.steps))
    place, after = _single(path, path.steps[:several])
    if several < len(path.steps):
        return _Term(_several(path, place, path.steps[several:]), "array")
    nothing = _error(f"{path.text} finds nothing")
    if after is not None:
        return _Term(_length(path, place, nothing), "number")
    if not path.steps and path.variable is None:
        return _Term(place.source)
    if path.root == "$$" and (kind := _CONTEXT.get(path.names)):
        return _Term(place.source, kind)
    return _Term(f"({place.found} ? {place.source} : {nothing})")


def _single(path: Path, steps: Sequence[Step]) -> tuple[_Place, Function | None]:
    """The place that the steps lead to, and the function at its end."""
    place = _Place(_root(path))
    for at, step in enumerate(steps):
        if isinstance(step, Function):
            if step.name != "length" or at < len(path.steps) - 1:
                _refuse(path.text, f"{step.text!r} has no counterpart")
            return place, step
        place = _next_place(place, step, path.text)
    return place, None


def _root(path: Path) -> str:
    return {"$": "$states.input", "$$": "$states.context"}.get(path.root, path.root)


def _next_place(place: _Place, step: Step, text: str) -> _Place:
    source, conditions = place
    if isinstance(step, Field):
        is_object = f'$type({source}) = "object"'
        return _Place(_field(source, step.name), (*conditions, is_object))
    if isinstance(step, Index):
        is_list = [f'$type({source}) = "array"']
        if step.index < 0:
            is_list.append(f"$count({source}) >= {-step.index}")
        return _Place(f"{source}[{step.index}]", (*conditions, *is_list))
    _refuse(text, f"{step.text!r} has no counterpart")


def _field(source: str, name: str) -> str:
    if "`" in name:
        return f"$lookup({source}, {text_literal(name)})"
    plain = _NAME.fullmatch(name) and name not in _WORDS
    return f"{source}.{name}" if plain else f"{source}.`{name}`"


def _length(path: Path, place: _Place, nothing: str) -> str:
    found = place.found if path.steps[:-1] or path.variable else "true"
    of_value = (
        'function($x) { $type($x) = "array" ? $count($x) : '
        f'$type($x) = "object" ? $count($keys($x)) : {_error(f"{path.text}: it has no length")} }}'
    )
    return f"({of_value})({found} ? {place.source} : {nothing})"


def _several(path: Path, place: _Place, steps: Sequence[Step]) -> str:
    """The list of what any number of steps find, beginning at a single place."""
    first = steps[0]
    start = _listed(place.source)
    if isinstance(first, Slice | Filter):
        # Of a list alone it is certain what they mean.
        no_list = _error(f"{path.text}: {first.text} asks for items of what is no list")
        start = f'($type({place.source}) = "array" ? [[{place.source}]] : {no_list})'
    # Below something absent nothing is found, which is no error; a variable must be there.
    absent = "[]"
    if path.variable is not None:
        absent = f"$exists(${path.variable}) ? [] : {_error(f'{path.text}: it is not set')}"
    found = f"({place.found} ? {start} : {absent})"
    for at, step in enumerate(steps):
        follows = steps[at + 1] if at + 1 < len(steps) else None
        if isinstance(step, Descend) and not isinstance(follows, Field):
            _refuse(path.text, "'..' has a counterpart before a name only")
        body = f"$append($found, {_found_in_one(path, step)})"
        found = f"$reduce({found}, function($found, $one) {{ {body} }}, [])"
    return found


def _found_in_one(path: Path, step: Step) -> str:
    """The list of what a step finds in ``$one``."""
    if isinstance(step, Field | Index):
        place = _next_place(_Place("$one"), step, path.text)
        return f"({place.found} ? {_listed(place.source)} : [])"
    if isinstance(step, Every):
        value = _listed("$lookup($one, $key)")
        values = (
            f"$reduce([$keys($one)], function($values, $key) {{ $append($values, {value}) }}, [])"
        )
        return f'($type($one) = "array" ? $one : $type($one) = "object" ? {values} : [])'
    if isinstance(step, Descend):
        # Lists themselves are not among them: a field is asked for next.
        return "[$one.**]"
    if isinstance(step, Slice):
        return _items_where(_in_slice(path, step))
    if isinstance(step, Filter):
        return _items_where(_condition(path, step))
    _refuse(path.text, f"{step.text!r} has no counterpart")


def _items_where(condition: str) -> str:
    kept = f"({condition} ? $append($kept, {_listed('$item')}) : $kept)"
    items = f"$reduce($one, function($kept, $item, $at) {{ {kept} }}, [])"
    return f'($type($one) = "array" ? {items} : [])'


def _in_slice(path: Path, step: Slice) -> str:
    if step.step not in (None, 1):
        _refuse(path.text, f"{step.text!r} has a step, which has no counterpart")
    bounds = [
        f"$at {operator} {bound if bound >= 0 else f'$count($one) - {-bound}'}"
        for operator, bound in ((">=", step.start), ("<", step.end))
        if bound is not None
    ]
    return " and ".join(bounds) or "true"


def _condition(path: Path, step: Filter) -> str:
    joints: list[str] = []
    parts: list[str] = []
    start = 0
    for match in _QUOTED_OR_JOINT.finditer(step.condition):
        if joint := match.group("joint"):
            parts.append(step.condition[start : match.start()])
            joints.append("and" if joint == "&&" else "or")
            start = match.end()
    parts.append(step.condition[start:])
    terms = [_comparison(path, part.strip()) for part in parts]
    joined = terms[0]
    for joint, term in zip(joints, terms[1:], strict=True):
        joined = f"{joined} {joint} {term}"
    return f"({joined})"


def _comparison(path: Path, text: str) -> str:
    problem = f"the condition {text!r} has no counterpart"
    if not text.startswith("@"):
        _refuse(path.text, problem)
    try:
        # Its places are those of a path that begins at the item.
        read, end = read_path(f"${text[1:]}".rstrip(), 0)
    except MalformedError:
        _refuse(path.text, problem)
    place = _Place("$item")
    for step in read.steps if read.root == "$" else ():
        if not isinstance(step, Field | Index):
            _refuse(path.text, problem)
        place = _next_place(place, step, path.text)
    if end == len(text):
        return f"({place.found})"
    compared = _COMPARED.fullmatch(text, end)
    if compared is None or read.root != "$":
        _refuse(path.text, problem)
    operator, literal = compared.group("operator"), compared.group("literal")
    value, kind = _compared_value(literal)
    is_ordering = operator not in ("==", "!=")
    if is_ordering and kind not in ("number", "string"):
        _refuse(path.text, problem)
    source = place.source
    comparison = f"{source} {'=' if operator in ('==', '!=') else operator} {value}"
    if kind in ("number", "string"):
        other = "string" if kind == "number" else "number"
        mixed = _error(f"{path.text}: {text!r} compares a {kind} with a {other}")
        right = f'$type({source}) = "{kind}" and {comparison}'
        comparison = f'($type({source}) = "{other}" ? {mixed} : {right})'
    holds = " and ".join([*place.conditions, comparison])
    # What is absent is not equal to anything.
    return f"$not({holds})" if operator == "!=" else f"({holds})"


def _compared_value(literal: str) -> tuple[str, str]:
    if literal[0] in "'\"":
        return text_literal(_ESCAPED.sub(r"\1", literal[1:-1])), "string"
    if literal in ("true", "false"):
        return literal, "boolean"
    return literal, "null" if literal == "null" else "number"


# --- intrinsic functions --------------------------------------------------------------------------


def _call(call: Call) -> _Term:
    match call.name:
        case "UUID":
            return _Term("$uuid()", "string")
        case "Format":
            return _format(call)
        case "Array":
            terms = [_argument(argument) for argument in call.arguments]
            items = [(term.source, term.type in (None, "array")) for term in terms]
            return _Term(list_of(items), "array")
        case "StringSplit":
            return _split(call)
        case "JsonMerge":
            return _merge(call)
        case "MathRandom" if len(call.arguments) > 2:
            _refuse(call.text, "with a seed, JSONata draws other numbers")
    kinds, condition, body, result = _FUNCTIONS[call.name]
    return _checked(call, call.arguments, kinds, condition, body, result)


def _checked(
    call: Call,
    arguments: Sequence[Argument],
    kinds: Sequence[str],
    condition: str,
    body: str,
    result: str | None,
) -> _Term:
    """A function of ``$a``, ``$b`` and ``$c``, of these kinds and under this condition."""
    names = ["$a", "$b", "$c"][: len(arguments)]
    terms = [_argument(argument) for argument in arguments]
    conditions = []
    for name, kind, term in zip(names, kinds, terms, strict=True):
        if kind == "whole":
            is_number = [] if term.type == "number" else [f'$type({name}) = "number"']
            conditions += [*is_number, f"$floor({name}) = {name}"]
        elif kind not in ("any", term.type):
            conditions.append(f'$type({name}) = "{kind}"')
    if condition:
        conditions.append(condition)
    if conditions:
        unfit = _error(f"{call.text} does not take such arguments")
        body = f"{' and '.join(conditions)} ? {body} : {unfit}"
    given = ", ".join(term.source for term in terms)
    return _Term(f"(function({', '.join(names)}) {{ {body} }})({given})", result)


_SHORT = f"$length($a) <= {_MOST_CHARACTERS}"
_AS_JSON = (
    # Alone, a text would stay as it is.
    '$type($a) = "string" ? $substring($string([$a]), 1, $length($string([$a])) - 2) : $string($a)'
)
#: Kinds of the arguments, what must hold besides, the function, and the type of its result.
_FUNCTIONS: dict[str, tuple[tuple[str, ...], str, str, str | None]] = {
    "ArrayContains": (
        ("array", "any"),
        "",
        "$reduce($a, function($found, $x) { $found or $x = $b }, false)",
        "boolean",
    ),
    "ArrayGetItem": (("array", "whole"), "$b >= 0 and $b < $count($a)", "$a[$b]", None),
    "ArrayLength": (("array",), "", "$count($a)", "number"),
    "ArrayPartition": (
        ("array", "whole"),
        "$b > 0",
        # JSONata takes one part for what it is a list of.
        "($count($a) = 0 ? [] : $count($a) <= $b ? [[$a]] : [$partition($a, $b)])",
        "array",
    ),
    "ArrayRange": (
        ("whole", "whole", "whole"),
        f"$c > 0 and ($b - $a) / $c < {_MOST_ITEMS}",
        "($a > $b ? [] : [$range($a, $b, $c)])",
        "array",
    ),
    "ArrayUnique": (("array",), "", "($count($a) <= 1 ? $a : [$distinct($a)])", "array"),
    "Base64Decode": (("string",), _SHORT, "$base64decode($a)", "string"),
    "Base64Encode": (("string",), _SHORT, "$base64encode($a)", "string"),
    "Hash": (("string", "string"), _SHORT, "$hash($a, $b)", "string"),
    "JsonToString": (("any",), "", f"({_AS_JSON})", "string"),
    "MathAdd": (("whole", "whole"), "", "$a + $b", "number"),
    "MathRandom": (
        ("whole", "whole"),
        "$a < $b",
        "$floor($random() * ($b - $a)) + $a",
        "number",
    ),
    "StringToJson": (("string",), "", '($trim($a) = "" ? null : $parse($a))', None),
}


def _format(call: Call) -> _Term:
    form, *values = call.arguments
    if not (isinstance(form, Literal) and isinstance(form.value, str)):
        _refuse(call.text, "its template is known in the execution only")
    first, *others = form.between_placeholders()
    if len(others) != len(values):
        _refuse(
            call.text,
            f"it has {len(others)} places {{}} for {len(values)} values",
            "give one value for each",
        )
    parts = [text_literal(first)] if first or not others else []
    for value, literal in zip(values, others, strict=True):
        parts.append(_text_of(call, _argument(value)))
        if literal:
            parts.append(text_literal(literal))
    if len(parts) == 1 and parts[0].startswith("$"):
        return _Term(parts[0], "string")
    return _Term(f"({' & '.join(parts)})", "string")


def _text_of(call: Call, term: _Term) -> str:
    if term.type == "string":
        return term.source
    if term.type in ("number", "boolean", "null"):
        return f"$string({term.source})"
    no_text = _error(f"{call.text}: a list or an object is no text")
    return (
        f'(function($x) {{ $type($x) in ["array", "object"] ? {no_text} : $string($x) }})'
        f"({term.source})"
    )


def _split(call: Call) -> _Term:
    given, separators = call.arguments
    if not (isinstance(separators, Literal) and isinstance(separators.value, str)):
        _refuse(call.text, "the characters to split at are known in the execution only")
    if not separators.value:
        _refuse(call.text, "there is no character to split at", "give at least one")
    characters = "".join(
        each if each.isascii() and each.isalnum() else f"\\u{ord(each):04x}"
        for each in separators.value
    )
    if any(ord(each) > 0xFFFF for each in separators.value):
        _refuse(call.text, "a character to split at is beyond the regular expressions of JSONata")
    body = f'[$filter($split($a, /[{characters}]+/), function($x) {{ $x != "" }})]'
    return _checked(call, [given], ["string"], "", body, "array")


def _merge(call: Call) -> _Term:
    first, second, deep = call.arguments
    if not (isinstance(deep, Literal) and deep.value is False):
        _refuse(call.text, "Step Functions merges the upper level only", "give false")
    kinds = ["object", "object"]
    return _checked(call, [first, second], kinds, "", "$merge([$a, $b])", "object")

"""The form of reference paths and intrinsic functions, which AWS checks when it is too late.

Step Functions refuses a definition with a malformed path at deployment, and CDK lets it pass.
https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-paths.html
https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
"""

from __future__ import annotations

import re

#: Intrinsic functions, with the least and the greatest number of their arguments.
INTRINSIC_FUNCTIONS: dict[str, tuple[int, int | None]] = {
    "Array": (0, None),
    "ArrayContains": (2, 2),
    "ArrayGetItem": (2, 2),
    "ArrayLength": (1, 1),
    "ArrayPartition": (2, 2),
    "ArrayRange": (3, 3),
    "ArrayUnique": (1, 1),
    "Base64Decode": (1, 1),
    "Base64Encode": (1, 1),
    "Format": (1, None),
    "Hash": (2, 2),
    "JsonMerge": (3, 3),
    "JsonToString": (1, 1),
    "MathAdd": (2, 2),
    "MathRandom": (2, 3),
    "StringSplit": (2, 2),
    "StringToJson": (1, 1),
    "UUID": (0, 0),
}

_ROOT = re.compile(r"\$\$|\$[A-Za-z_]\w*|\$")
_NAME = re.compile(r"""(?:\\.|[^\s\x00-\x1f\x7f.\[\](){}'"*?@,\\])+""")
_INDEX = re.compile(r"\d+")
_INDEX_FROM_EITHER_END = re.compile(r"-?\d+")
_QUOTED = re.compile(r"""'(?:\\.|[^'\\])+'|"(?:\\.|[^"\\])+["]""")
# An index from the end, several, a slice, all, or several names.
_MANY = re.compile(
    r"""\s*(?:\*|-?\d+(?:\s*,\s*-?\d+)*|(?:-?\d+)?:(?:-?\d+)?(?::-?\d+)?"""
    r"""|(?:'[^']+'|"[^"]+")(?:\s*,\s*(?:'[^']+'|"[^"]+"))*)\s*"""
)
_FUNCTION = re.compile(r"States\.(\w+)\(")
_LITERAL = re.compile(r"'(?:\\.|[^'\\])*'|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null")
_SPACE = re.compile(r"\s*")


class _MalformedError(Exception):
    """Says what is wrong, for the remedy."""


def path_problem(text: str, *, single: bool = False) -> str | None:
    """What is wrong with a path.

    Args:
        text: The path, with its root.
        single: Whether it must be a Reference Path, which names a single place: fields and
            indices alone, no ``..``, no ``*``, no filter.

    Returns:
        What is wrong, in a few words; ``None`` for a path that is well formed.

    Example:
        >>> path_problem("$.a[0].b"), path_problem("$.a[")
        (None, "the bracket at '[' is not closed")
    """
    try:
        end = _path_end(text, 0, single=single)
        if end != len(text):
            raise _MalformedError(f"{text[end:]!r} does not belong to a path")
    except _MalformedError as problem:
        return str(problem)
    return None


def intrinsic_problem(text: str) -> str | None:
    """What is wrong with a call of an intrinsic function.

    Args:
        text: The call, such as ``States.Format('{}', $.a)``.

    Returns:
        What is wrong, in a few words; ``None`` for a call that is well formed.

    Example:
        >>> intrinsic_problem("States.UUID()"), intrinsic_problem("States.Uuid()")
        (None, 'there is no intrinsic function States.Uuid')
    """
    try:
        end = _call_end(text, 0)
        if end != len(text):
            raise _MalformedError(f"{text[end:]!r} follows the call of the intrinsic function")
    except _MalformedError as problem:
        return str(problem)
    return None


def expression_problem(text: str) -> str | None:
    """What is wrong with a text that Step Functions evaluates: a path or an intrinsic function.

    Args:
        text: The text; it begins with ``$`` or ``States.``.

    Returns:
        What is wrong, in a few words; ``None`` for what is well formed.
    """
    return intrinsic_problem(text) if text.startswith("States.") else path_problem(text)


def finds_several(path: str) -> bool:
    """Whether a path finds any number of places, so that its value is a list of what is there.

    Args:
        path: A well-formed path.

    Example:
        >>> finds_several("$.a[0].b"), finds_several("$.a[*].b")
        (False, True)
    """
    root = _ROOT.match(path)
    # A function, such as length(), makes one value of them.
    if root is None or path.endswith("()"):
        return False
    at = root.end()
    while at < len(path):
        end = _step_end(path, at, single=False)
        step = path[at:end]
        if step.startswith("..") or step == ".*":
            return True
        if step.startswith("["):
            inside = step[1:-1].strip()
            if not (_INDEX_FROM_EITHER_END.fullmatch(inside) or _QUOTED.fullmatch(inside)):
                return True
        at = end
    return False


def _path_end(text: str, start: int, *, single: bool) -> int:
    root = _ROOT.match(text, start)
    if root is None:
        raise _MalformedError("it does not begin with $")
    at = root.end()
    while at < len(text) and text[at] in ".[":
        at = _step_end(text, at, single=single)
    return at


def _step_end(text: str, at: int, *, single: bool) -> int:
    """The end of one step of a path: a field, or what is in brackets."""
    if text[at] == "[":
        return _bracket_end(text, at, single=single)
    dots = 2 if text.startswith("..", at) else 1
    if single and dots == 2:
        raise _MalformedError("'..' may find several places")
    at += dots
    if dots == 2 and text.startswith("[", at):
        return _bracket_end(text, at, single=single)
    if text.startswith("*", at) and not single:
        return at + 1
    name = _NAME.match(text, at)
    if name is None:
        raise _MalformedError(f"a name is missing after {text[:at]!r}")
    # Functions of a path, such as length().
    if not single and text.startswith("()", name.end()):
        return name.end() + 2
    return name.end()


def _bracket_end(text: str, at: int, *, single: bool) -> int:
    end = at + 1
    depth = 1
    while depth:
        if end >= len(text):
            raise _MalformedError(f"the bracket at {text[at:]!r} is not closed")
        quoted = _QUOTED.match(text, end)
        if quoted:
            end = quoted.end()
            continue
        depth += {"[": 1, "]": -1}.get(text[end], 0)
        end += 1
    inside = text[at + 1 : end - 1]
    if _INDEX.fullmatch(inside) or _QUOTED.fullmatch(inside):
        return end
    bare = _QUOTED.sub("", inside)
    filtered = bare.startswith("?(") and bare.endswith(")") and bare.count("(") == bare.count(")")
    if single and (filtered or _MANY.fullmatch(inside)):
        raise _MalformedError(f"'[{inside}]' may find several places")
    if not (filtered or _MANY.fullmatch(inside)):
        raise _MalformedError(f"'[{inside}]' is no index, no quoted name and no filter")
    return end


def _call_end(text: str, start: int) -> int:
    called = _FUNCTION.match(text, start)
    if called is None:
        raise _MalformedError("an intrinsic function is called like States.UUID()")
    name = called.group(1)
    if name not in INTRINSIC_FUNCTIONS:
        raise _MalformedError(f"there is no intrinsic function States.{name}")
    at, count = _skip(text, called.end()), 0
    while not text.startswith(")", at):
        if count:
            if not text.startswith(",", at):
                raise _MalformedError(f"the call of States.{name} is not closed")
            at = _skip(text, at + 1)
        at = _skip(text, _argument_end(text, at, name))
        count += 1
    least, most = INTRINSIC_FUNCTIONS[name]
    if count < least or (most is not None and count > most):
        raise _MalformedError(f"States.{name} does not take {count} arguments")
    return at + 1


def _argument_end(text: str, at: int, name: str) -> int:
    if text.startswith("$", at):
        return _path_end(text, at, single=False)
    if text.startswith("States.", at):
        return _call_end(text, at)
    literal = _LITERAL.match(text, at)
    if literal is None:
        raise _MalformedError(f"an argument of States.{name} is no path, no 'text' and no number")
    return literal.end()


def _skip(text: str, at: int) -> int:
    spaces = _SPACE.match(text, at)
    return at if spaces is None else spaces.end()

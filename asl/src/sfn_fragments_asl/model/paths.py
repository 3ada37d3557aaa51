"""Paths of JSONPath, as a tree: parsed once, and read by whoever asks what a path means.

The steps are read here: the parsers of PyPI know neither ``$$`` nor variables, and refuse names
beyond ASCII. The condition of a filter is left to one of them, jsonpath-ng, where a path is
evaluated (`sfn_fragments_asl.model.evaluation`).
https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-paths.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import ClassVar

#: What a path begins with.
ROOT = re.compile(r"\$\$|\$[A-Za-z_]\w*|\$")
# Jayway's parser ends a name at a blank, a dot or a bracket; what else no name is written with is
# left out, since it ends a path inside a call of a function.
_NAME = re.compile(r"""(?:\\.|[^\s\x00-\x1f\x7f.\[\](){}'"*,\\])+""")
_INDEX = re.compile(r"-?\d+")
#: A name in a bracket, with its quotes.
QUOTED = re.compile(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*["]""")
_INDICES = re.compile(r"\s*-?\d+(?:\s*,\s*-?\d+)*\s*")
_SLICE = re.compile(r"\s*(-?\d+)?:(-?\d+)?(?::(-?\d+)?)?\s*")
_NAMES = re.compile(rf"\s*(?:{QUOTED.pattern})(?:\s*,\s*(?:{QUOTED.pattern}))*\s*")
_FILTER = re.compile(r"\?\s*\(")
_REGEX = re.compile(r"(?<==~)\s*/(?:\\.|[^/\\])*/\w*")
# What other query languages write.
_NO_OPERATOR = re.compile(r"(?<![=!<>~])=(?![=~])|(?<=\s)(?:and|or)(?=\s)")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class MalformedError(ValueError):
    """A path or an intrinsic function that the States Language does not know.

    Attributes:
        position: Index of the character where it goes wrong.
    """

    def __init__(self, message: str, position: int = 0) -> None:
        """Keep what is wrong, in a few words, and where."""
        super().__init__(message)
        self.position = position


@dataclass(frozen=True)
class Step:
    """One step of a path.

    Attributes:
        text: As it is written, such as ``.a`` or ``[0]``.
        position: Index of its first character in the path.
    """

    #: Whether it may find several places.
    several: ClassVar[bool] = False

    text: str
    position: int


@dataclass(frozen=True)
class Field(Step):
    """A field, ``.a`` or ``['a']``."""

    name: str


@dataclass(frozen=True)
class Index(Step):
    """An item of a list, ``[0]``; a negative one counts from the end."""

    index: int


@dataclass(frozen=True)
class Fields(Step):
    """Several fields, ``['a','b']``."""

    several: ClassVar[bool] = True
    names: tuple[str, ...]


@dataclass(frozen=True)
class Indices(Step):
    """Several items of a list, ``[0,2]``."""

    several: ClassVar[bool] = True
    indices: tuple[int, ...]


@dataclass(frozen=True)
class Slice(Step):
    """Some items of a list, ``[1:3]``."""

    several: ClassVar[bool] = True
    start: int | None
    end: int | None
    step: int | None


@dataclass(frozen=True)
class Every(Step):
    """All fields of an object, or all items of a list: ``.*`` or ``[*]``."""

    several: ClassVar[bool] = True


@dataclass(frozen=True)
class Descend(Step):
    """What the next step finds at any depth, ``..``."""

    several: ClassVar[bool] = True


@dataclass(frozen=True)
class Filter(Step):
    """The items that a condition holds for, ``[?(@.a > 1)]``."""

    several: ClassVar[bool] = True
    condition: str


@dataclass(frozen=True)
class Function(Step):
    """A function of what was found before it, ``.length()``."""

    name: str


@dataclass(frozen=True)
class Path:
    """A path.

    Attributes:
        text: As it is written.
        root: ``$``, ``$$`` for the context object, or ``$name`` for a variable.
        steps: What follows the root.

    Examples:
        >>> path = parse_path("$job.list[0]['a b']")
        >>> path.variable, [step.text for step in path.steps]
        ('job', ['.list', '[0]', "['a b']"])
    """

    text: str
    root: str
    steps: tuple[Step, ...]

    @property
    def variable(self) -> str | None:
        """Name of the variable that it begins with; ``None`` where it begins with none."""
        return self.root[1:] if self.root not in ("$", "$$") else None

    @property
    def names(self) -> tuple[str, ...] | None:
        """Names of its fields, where it has no other steps; else ``None``."""
        names = tuple(step.name for step in self.steps if isinstance(step, Field))
        return names if len(names) == len(self.steps) else None

    @property
    def finds_several(self) -> bool:
        """Whether it finds any number of places, so that its value is a list of what is there."""
        # A function, such as length(), makes one value of them.
        if self.steps and isinstance(self.steps[-1], Function):
            return False
        return any(step.several for step in self.steps)


@lru_cache(maxsize=4096)
def parse_path(text: str) -> Path:
    """Read a path.

    Args:
        text: The path, with its root.

    Returns:
        Its tree.

    Raises:
        MalformedError: It is no path.
    """
    # The library trims blanks, and no other space.
    path, end = read_path(text.rstrip(" "), 0)
    if text[end:].strip(" "):
        raise MalformedError(f"{text[end:]!r} does not belong to a path", end)
    return path


def path_problem(text: str, *, single: bool = False) -> str | None:
    """What is wrong with a path.

    Args:
        text: The path, with its root.
        single: Whether it must be a Reference Path, which names a single place: fields and
            indices alone, no ``..``, no ``*``, no filter.

    Returns:
        What is wrong, in a few words; ``None`` for a path that is well formed.

    Examples:
        >>> path_problem("$.a[0].b"), path_problem("$.a[")
        (None, "the bracket at '[' is not closed")
    """
    try:
        path = parse_path(text)
    except MalformedError as problem:
        return str(problem)
    if not single:
        return None
    return next(filter(None, (_problem_of_reference(step) for step in path.steps)), None)


def _problem_of_reference(step: Step) -> str | None:
    if step.several or (isinstance(step, Index) and step.index < 0):
        return f"{step.text!r} may find several places"
    if isinstance(step, Function):
        return f"'()' in {step.text!r} calls a function"
    return None


def read_path(text: str, start: int) -> tuple[Path, int]:
    """Read a path that begins at a character of a text.

    Args:
        text: The text.
        start: Index of its root.

    Returns:
        The path, and the index behind it.

    Raises:
        MalformedError: No path begins there.
    """
    root = ROOT.match(text, start)
    if root is None:
        raise MalformedError("it does not begin with $", start)
    at = root.end()
    steps: list[Step] = []
    # Behind a bracket, Jayway's parser reads a name or a * without a dot too: $.list[0]name.
    while at < len(text) and (
        text[at] in ".[" or (text[at - 1] == "]" and (text[at] == "*" or _NAME.match(text, at)))
    ):
        step, at = _read_step(text, at)
        steps.append(step)
    return Path(text[start:at], root.group(), tuple(steps)), at


def _read_step(text: str, at: int) -> tuple[Step, int]:
    """One step of a path, and the index behind it."""
    if text[at] == "[":
        return _read_bracket(text, at)
    if text.startswith("..", at) and not text.startswith("...", at):
        # What is looked for at any depth follows: in brackets, or as if behind a single dot.
        end = at + 2 if text.startswith("[", at + 2) else at + 1
        return Descend("..", at), end
    start, at = at, at + text.startswith(".", at)
    if text.startswith("[", at):
        # AWS itself writes a dot before a bracket, as in $.abc.['def ghi'].
        step, end = _read_bracket(text, at)
        return replace(step, text=text[start:end], position=start), end
    if text.startswith("*", at):
        return Every(text[start : at + 1], start), at + 1
    name = _NAME.match(text, at)
    if name is None:
        raise MalformedError(f"a name is missing after {text[:at]!r}", at)
    end = name.end()
    if text.startswith("()", end):
        return Function(text[start : end + 2], start, name.group()), end + 2
    return Field(text[start:end], start, _ESCAPED.sub(r"\1", name.group())), end


def _read_bracket(text: str, at: int) -> tuple[Step, int]:
    end = at + 1
    depth = 1
    while depth:
        if end >= len(text):
            raise MalformedError(f"the bracket at {text[at:]!r} is not closed", at)
        skipped = QUOTED.match(text, end) or _REGEX.match(text, end)
        if skipped:
            end = skipped.end()
            continue
        if text[end] in "'\"":
            # Looking at what follows would take the square of its length.
            raise MalformedError(f"the quote at {text[end : end + 40]!r} is not closed", end)
        depth += {"[": 1, "]": -1}.get(text[end], 0)
        end += 1
    return _bracketed(text[at:end], at), end


def _bracketed(text: str, at: int) -> Step:
    """The step that a bracket is."""
    inside = text[1:-1].strip()
    if _INDEX.fullmatch(inside):
        return Index(text, at, int(inside))
    if QUOTED.fullmatch(inside):
        return Field(text, at, _unquoted(inside))
    if _NAMES.fullmatch(inside):
        return Fields(text, at, tuple(_unquoted(each) for each in QUOTED.findall(inside)))
    if _INDICES.fullmatch(inside):
        return Indices(text, at, tuple(int(each) for each in inside.split(",")))
    if inside == "*":
        return Every(text, at)
    if bounds := _SLICE.fullmatch(inside):
        start, end, step = (None if each is None else int(each) for each in bounds.groups())
        return Slice(text, at, start, end, step)
    # A regular expression may hold any bracket.
    bare = _REGEX.sub("", QUOTED.sub("", inside))
    if (
        (opened := _FILTER.match(inside))
        and bare.endswith(")")
        and bare.count("(") == bare.count(")")
    ):
        if wrong := _NO_OPERATOR.search(bare[opened.end() :]):
            meant = {"=": "==", "and": "&&", "or": "||"}[wrong.group()]
            raise MalformedError(f"filters know no operator {wrong.group()}; write {meant}", at)
        return Filter(text, at, inside[opened.end() : -1])
    raise MalformedError(f"'[{inside}]' is no index, no quoted name and no filter", at)


def _unquoted(text: str) -> str:
    return _ESCAPED.sub(r"\1", text[1:-1])

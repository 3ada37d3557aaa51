"""What a construct's constructor takes."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sfn_fragments.errors import InvalidValue
from sfn_fragments_asl.near_names import near_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence


@dataclass(frozen=True)
class Parameter:
    """One parameter of a constructor, after ``scope`` and ``id``.

    Attributes:
        name: Its name.
        type: Its annotation as text; empty where there is none.
        required: Whether it has no default.
        default: The default as Python text; None where it is required.
    """

    name: str
    type: str
    required: bool
    default: str | None

    @property
    def open_ended(self) -> bool:
        """Whether it is a ``**kwargs`` that takes any name."""
        return self.name.startswith("**")


@dataclass(frozen=True)
class AlternativeConstructor:
    """A documented class method that makes an instance.

    Attributes:
        name: Its name.
        parameters: What it takes after ``scope`` and ``id``.
        documentation: Its docstring.
    """

    name: str
    parameters: tuple[Parameter, ...]
    documentation: str


def parameters_of(target: Callable[..., Any]) -> tuple[Parameter, ...]:
    """The parameters of a construct class, or of a function that returns one.

    Args:
        target: The class or function; ``scope`` and ``id`` come first in its signature.

    Returns:
        The parameters after those two.

    Examples:
        >>> def wait(scope, id, *, seconds: int = 5): ...
        >>> parameters_of(wait)[0].default
        '5'
    """
    if inspect.isclass(target):
        # The signature of a jsii class itself is the (*args, **kwargs) of its metaclass.
        return tuple(_after_scope_and_id(target.__init__, skip=3))
    return tuple(_after_scope_and_id(target, skip=2))


def alternative_constructors_of(target: Callable[..., Any]) -> tuple[AlternativeConstructor, ...]:
    """The documented class methods of a construct class that take ``scope`` and ``id`` first."""
    if not inspect.isclass(target):
        return ()
    found: dict[str, AlternativeConstructor] = {}
    for klass in target.__mro__:
        if klass.__module__.partition(".")[0] in {"aws_cdk", "constructs", "jsii", "builtins"}:
            continue
        for name, member in vars(klass).items():
            if name.startswith("_") or name in found or not isinstance(member, classmethod):
                continue
            method = getattr(target, name)
            documentation = inspect.getdoc(method)
            if documentation and list(inspect.signature(method).parameters)[:2] == ["scope", "id"]:
                found[name] = AlternativeConstructor(name, parameters_of(method), documentation)
    return tuple(found.values())


class _NotGiven:
    def __repr__(self) -> str:
        return "not given"


def argument_problems(
    parameters: Sequence[Parameter],
    given: Mapping[str, Any],
    missing: Iterable[str],
    remedy: str = "required: give {}=...",
) -> list[InvalidValue]:
    """What is wrong with the names of the arguments of a constructor.

    Args:
        parameters: What it takes after ``scope`` and ``id``.
        given: The arguments, without those two.
        missing: Names of those that are required, and not given.
        remedy: What to do about one of these, with a place for its name.

    Returns:
        The unknown ones, with near names, and those that are missing.
    """
    known = [parameter.name for parameter in parameters if not parameter.open_ended]
    open_ended = len(known) < len(parameters)
    problems = []
    for name in () if open_ended else [name for name in given if name not in known]:
        hint = f"there are: {', '.join(known) or 'none'}"
        if near := near_names(name, known):
            hint = f"did you mean {' or '.join(near)}?"
        problems.append(InvalidValue(name, given[name], f"no such parameter; {hint}"))
    absent = [name for name in known if name in {*missing}]
    return problems + [InvalidValue(name, _NotGiven(), remedy.format(name)) for name in absent]


def _after_scope_and_id(function: Callable[..., Any], skip: int) -> Iterator[Parameter]:
    positional = 0
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            continue
        if parameter.kind is not inspect.Parameter.VAR_KEYWORD and positional < skip:
            positional += 1
            continue
        open_ended = parameter.kind is inspect.Parameter.VAR_KEYWORD
        required = parameter.default is inspect.Parameter.empty and not open_ended
        annotation = parameter.annotation
        if annotation is inspect.Parameter.empty:
            annotation = ""
        elif not isinstance(annotation, str):
            annotation = inspect.formatannotation(annotation)
        yield Parameter(
            name=f"**{parameter.name}" if open_ended else parameter.name,
            type=annotation,
            required=required,
            default=None if required or open_ended else repr(parameter.default),
        )

"""The shapes of Batch's requests, as botocore's models have them.

By them what is written as the API has it is checked at synthesis, and what only an execution knows
gets the type that Batch takes: Step Functions refuses another one by ``States.Runtime``, which
nothing catches, and what was registered for the run would stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sfn_fragments.utils.reference_path import is_dynamic
from sfn_fragments.validation import is_token
from sfn_fragments_asl.model.jsonata_source import Expression, source
from sfn_fragments_asl.near_names import near_names
from sfn_fragments_batch.api_shapes import REQUIRED, api_shape
from sfn_fragments_batch.option_table import computed_case
from sfn_fragments_batch.settings import settled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sfn_fragments_batch.option_table import Option

_TYPES: Mapping[str, tuple[type, ...]] = {
    "boolean": (bool,),
    "integer": (int, float),
    "map": (Mapping,),
    "string": (str,),
}


def shape_at(option: Option) -> Any:
    """The shape of an option in its request.

    Args:
        option: The option.

    Returns:
        A structure's members by name, a list of the one shape of its items, the choices of a text,
        or the name of a type.
    """
    shape: Any = api_shape("submit_job" if option.submitted else "container_properties")
    for step in option.place:
        shape = _members(shape)[step[:1].lower() + step[1:]]
    return shape


def _members(shape: Mapping[str, Any]) -> dict[str, Any]:
    return {name.removesuffix(REQUIRED): member for name, member in shape.items()}


def mismatches(value: Any, shape: Any, place: str = "", *, whole: bool = True) -> Iterator[str]:
    """What a shape has against a value, but for what only an execution or CDK knows.

    Args:
        value: The value, with names as the API or as Step Functions has them.
        shape: The shape.
        place: Where it stands in the option.
        whole: Whether all of it is there, so that what is missing is missed.

    Yields:
        What to give instead.
    """
    value = settled(value)
    if value is None or is_token(value) or is_dynamic(value):
        return
    at = f"{place.removeprefix('.')}: " if place else ""
    if isinstance(shape, dict):
        if not isinstance(value, Mapping):
            yield f"{at}give an object"
            return
        members = _members(shape)
        given = {str(name)[:1].lower() + str(name)[1:]: item for name, item in value.items()}
        for own, item in given.items():
            if own in members:
                yield from mismatches(item, members[own], f"{place}.{own}", whole=whole)
            elif near := near_names(own, members):
                # A name that is like none of them is what Batch may have learnt since.
                yield f"{at}Batch has no {own!r}; did you mean {' or '.join(near)}?"
        required = [name[:-1] for name in shape if name.endswith(REQUIRED)]
        missing = [name for name in required if given.get(name) is None]
        if whole and missing:
            yield f"{at}give {' and '.join(missing)} as well: Batch takes none without"
    elif isinstance(shape, list):
        if isinstance(value, str | Mapping) or not isinstance(value, list | tuple):
            yield f"{at}give a list"
            return
        for index, item in enumerate(value):
            # A list replaces a list: its items are complete.
            yield from mismatches(item, shape[0], f"{place}[{index}]")
    elif "|" in shape:
        choices: Sequence[str] = shape.split("|")
        if not isinstance(value, str) or value.upper() not in map(str.upper, choices):
            yield f"{at}give {' or '.join(choices)}, not {value!r}"
    elif isinstance(value, bool) != (shape == "boolean") or not isinstance(value, _TYPES[shape]):
        kind = {"map": "an object", "integer": "a number"}.get(shape, f"a {shape}")
        yield f"{at}give {kind}, not {value!r}"


def typed(value: Any, shape: Any) -> Any:
    """A value of a request, in which what is known later gets the type that Batch takes.

    Args:
        value: The value, with expressions and tokens at any depth.
        shape: Its shape; ``None`` for one that is not known.

    Returns:
        The value, with expressions that give numbers and texts.

    Examples:
        >>> typed({"Attempts": Expression("$job.attempts")}, {"attempts": "integer"})
        {'Attempts': "$type($job.attempts) = 'string' ? $number($job.attempts) : $job.attempts"}
    """
    if isinstance(value, Expression):
        return _converted(value, shape)
    if shape == "integer" and isinstance(value, str) and is_token(value):
        # CloudFormation would fill in a text.
        return Expression(f"$number({source(value)})")
    if isinstance(value, Mapping):
        if shape == "map":
            return {name: typed(item, "string") for name, item in value.items()}
        members = _members(shape) if isinstance(shape, dict) else {}
        return {
            name: typed(item, members.get(str(name)[:1].lower() + str(name)[1:]))
            for name, item in value.items()
        }
    if isinstance(value, list | tuple) and not is_token(value):
        return [typed(item, shape[0] if isinstance(shape, list) else None) for item in value]
    return value


def _converted(value: Expression, shape: Any) -> Expression:
    if shape == "integer":
        return Expression(f"$type({value}) = 'string' ? $number({value}) : {value}")
    if isinstance(shape, str) and (shape == "string" or "|" in shape):
        # What is null is left to Batch, which takes it for nothing.
        plain = f"$type({value}) in ['number', 'boolean']"
        return Expression(f"{plain} ? $string({value}) : {value}")
    if isinstance(shape, list) and shape[0] == "string":
        return Expression(f"[$map({value}, $string)]")
    if isinstance(shape, list) and isinstance(shape[0], dict):
        return Expression(f"[{computed_case(value, *_integers(shape[0]))}]")
    return computed_case(value, *_integers(shape)) if isinstance(shape, dict) else value


def _integers(shape: Any) -> Iterator[str]:
    """The names of the members that are numbers, at any depth, as Step Functions has them."""
    if isinstance(shape, list):
        yield from _integers(shape[0])
    elif isinstance(shape, dict):
        for name, member in _members(shape).items():
            if member == "integer":
                yield f"{name[:1].upper()}{name[1:]}"
            yield from _integers(member)

"""What a job's options add to the requests that register and submit it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.model.jsonata_source import Expression, source
from sfn_fragments_batch.option_table import OPTIONS

if TYPE_CHECKING:
    from sfn_fragments_batch.settings import Settings

# Of these the fields have no options of their own, and go or stay as one.
_SHARED = "LinuxParameters"


def container_fields(settings: Settings) -> dict[str, Any]:
    """The fields of ``ContainerProperties`` that the options give.

    Args:
        settings: Settings of the job.

    Returns:
        The fields, with names as Step Functions has them.
    """
    return _fields(settings, submitted=False)


def submit_fields(settings: Settings, *root: str) -> dict[str, Any]:
    """The fields of SubmitJob that the options give.

    Args:
        settings: Settings of the job.
        *root: Where the state finds what is computed of them, by
            `part`.

    Returns:
        The fields, with names as Step Functions has them.
    """
    return _fields(settings, *root, submitted=True)


def with_fields(request: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    """A request with more fields, objects merged at every depth.

    Args:
        request: The request, whose values may be expressions.
        fields: What goes above it.

    Returns:
        The request.
    """
    merged = dict(request)
    for name, value in fields.items():
        below = merged.get(name)
        if isinstance(value, Mapping) and isinstance(below, Mapping):
            merged[name] = with_fields(below, value)
        elif isinstance(value, Mapping) and isinstance(below, Expression):
            # An option without a default is null.
            known = f"$type({below}) = 'object' ? {below} : {{}}"
            merged[name] = Expression(f"$merge([{known}, {source(value)}])")
        else:
            merged[name] = value
    return merged


def _fields(settings: Settings, *root: str, submitted: bool) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, option in OPTIONS.items():
        if option.submitted is not submitted or name not in settings:
            continue
        value = settings.part(name, *root)
        nested = option.place[1:]
        if isinstance(value, Expression):
            if settings.is_open(name):
                computed = option.computed(value)
                # An option without a default is null, and so is the object that it is alone in.
                if nested and _SHARED not in option.place:
                    computed, nested = {nested[0]: computed}, ()
                value = Expression(f"$type({value}) = 'null' ? null : {source(computed)}")
            elif isinstance(settings.given(name), str):
                value = option.computed(value)
            elif isinstance(settings.given(name), list | tuple):
                # JSONata would make a single value of an array of one.
                value = Expression(f"[{value}]")
        for step in reversed(option.place[:1] + nested):
            value = {step: value}
        fields = with_fields(fields, value)
    return fields

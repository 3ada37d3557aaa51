"""What a job's options add to the requests that register and submit it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.model.jsonata_source import Expression, source
from sfn_fragments_batch.job_options import with_variables
from sfn_fragments_batch.option_table import OPTIONS
from sfn_fragments_batch.request_shapes import shape_at, typed

if TYPE_CHECKING:
    from sfn_fragments_batch.settings import Settings

# Of these the fields have no options of their own, and go or stay as one.
_SHARED = "LinuxParameters"
_PRIORITY = "SchedulingPriorityOverride"
# Of this list, what stands below stays, but for what has the same name.
_VARIABLES = "Environment"


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
    fields = _fields(settings, *root, submitted=True)
    if settings.is_open("share_identifier"):
        # Batch takes no share identifier without a priority, and the definition has none.
        default = f"$type({settings.part('share_identifier', *root)}) = 'null' ? null : 0"
        given = fields.get(_PRIORITY)
        if given is None:
            fields[_PRIORITY] = Expression(default)
        elif settings.is_open("scheduling_priority"):
            number = settings.part("scheduling_priority", *root)
            fields[_PRIORITY] = Expression(
                f"$type({number}) = 'null' ? ({default}) : $number({number})"
            )
    return fields


def with_fields(request: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    """A request with more fields, objects merged at every depth, environment variables by name.

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
            above = dict(value)
            if _VARIABLES in above:
                own = Expression(f"({known}).{_VARIABLES}")
                above[_VARIABLES] = _with_variables(own, above[_VARIABLES])
            merged[name] = Expression(f"$merge([{known}, {source(above)}])")
        elif name == _VARIABLES and below:
            merged[name] = _with_variables(below, value)
        elif isinstance(value, Expression) and below is not None:
            # What an execution does not say is null.
            chosen = f"$above := {value}; $type($above) = 'null' ? {source(below)} : $above"
            merged[name] = Expression(f"({chosen})")
        else:
            merged[name] = value
    return merged


def _with_variables(below: Any, above: Any) -> Any:
    """Environment variables, with others above them, each a list or an expression of one."""
    if not isinstance(below, Expression) and not isinstance(above, Expression):
        return with_variables(below, above)
    names = (
        f"[{above}].Name"
        if isinstance(above, Expression)
        else source([variable["Name"] for variable in above])
    )
    others = f"[{source(below)}][$not(Name in {names})]"
    return Expression(f"[$append({others}, {source(above)})]")


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
                computed = option.computed(value)
                value = typed(value, shape_at(option)) if computed is value else computed
            elif isinstance(settings.given(name), list | tuple):
                # JSONata would make a single value of an array of one.
                value = typed(Expression(f"[{value}]"), shape_at(option))
        elif not settings.deploy_job_definition or submitted:
            # CloudFormation gives the types itself.
            value = typed(value, shape_at(option))
        for step in reversed(option.place[:1] + nested):
            value = {step: value}
        fields = with_fields(fields, value)
    return fields

"""The settings of a job: which are known at synthesis, and which an execution chooses.

A setting that is a reference path is resolved once, by the first state of the fragment, into a
workflow variable; the states after it read the variable. With overrides, every setting may be
given by the execution's input as well: the same state merges what was given into the defaults.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from aws_cdk import Token

from sfn_fragments.states.asl import reference, state
from sfn_fragments.states.naming import variable_name
from sfn_fragments.utils.reference_path import is_dynamic
from sfn_fragments.validation import is_token
from sfn_fragments_asl.model.jsonata_source import Expression, field, render, source
from sfn_fragments_asl.model.translation import to_jsonata
from sfn_fragments_batch.option_table import NUMBERS
from sfn_fragments_batch.overriding import checked_settings, chosen_options
from sfn_fragments_batch.translated import translated

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aws_cdk.aws_stepfunctions import CustomState
    from constructs import Construct

#: Settings that SubmitJob cannot override: a job definition of the stack has them for good.
FIXED = (
    "image",
    "mount_points",
    "volumes",
    "platform_capabilities",
    "job_role_arn",
    "execution_role_arn",
)


class Settings:
    """Settings of one job, as the states of a fragment read them.

    Args:
        scope: The fragment; names the variable.
        values: Name to literal, reference path, intrinsic function or token; ``None`` leaves a
            setting out, unless it can be overridden: Batch then gets null, which it takes for
            nothing. ``allow_override`` is no setting, but lists the options that the input's
            ``job_options`` may give.
        overrides_path: Reference path of the object by which an execution overrides settings;
            ``None`` where none can be overridden.
        overridable: Names of the settings that can be overridden.
        deploy_job_definition: Whether the job definition is part of the stack; an execution that
            overrides what SubmitJob cannot then fails, and says so.
    """

    def __init__(
        self,
        scope: Construct,
        values: Mapping[str, Any],
        overrides_path: str | None = None,
        overridable: Sequence[str] = (),
        deploy_job_definition: bool = False,
    ) -> None:
        """Sort the settings into literal and computed ones."""
        self._scope = scope
        self._variable = variable_name(scope, "job")
        self._overrides_path = overrides_path
        self.deploy_job_definition = deploy_job_definition
        self._refused = FIXED if deploy_job_definition else ()
        self._options = tuple(values.get("allow_override") or ())
        empty = set(overridable if overrides_path else ()) - set(self._refused) | {*self._options}
        self._values = {
            name: reference(value) if name in NUMBERS else settled(value)
            for name, value in {**dict.fromkeys(self._options), **values}.items()
            if name != "allow_override" and (value is not None or name in empty)
        }
        self._overridable = [
            name
            for name in overridable
            if overrides_path is not None and name in self._values and name not in self._refused
        ]

    @property
    def id(self) -> Expression:
        """An id that is different for each entry into the fragment."""
        return field(self._variable, "id")

    @property
    def execution(self) -> Expression:
        """Name of the execution."""
        return field(self._variable, "execution")

    def __contains__(self, name: str) -> bool:
        """Whether the setting has a value."""
        return name in self._values

    def given(self, name: str) -> Any:
        """A setting as it was given; ``None`` where it was not."""
        return self._values.get(name)

    def known(self, name: str) -> Any:
        """A setting, or its default, as far as it is known at synthesis; else ``None``."""
        value = self._values.get(name)
        return None if is_computed(value) else value

    def get(self, name: str) -> Any:
        """A setting as the states after the first read it.

        Args:
            name: Its name.

        Returns:
            A literal, an expression, or ``None`` where there is no such setting.
        """
        value = self._values.get(name)
        if self.is_open(name) or is_computed(value):
            return field(self._variable, name)
        return value

    def is_open(self, name: str) -> bool:
        """Whether an execution's input may give the setting."""
        return name in self._overridable or name in self._options

    def part(self, name: str, *root: str) -> Any:
        """A setting, of which only what an execution decides is an expression.

        Args:
            name: Its name.
            *root: The variable, and the fields of it, that hold what is computed. Defaults to the
                variable of the first state.

        Returns:
            As `get`; an object with expressions at their places.
        """
        place = (*(root or (self._variable,)), name)
        if self.is_open(name):
            return field(*place)
        return _with_fields(self._values.get(name), *place)

    def computed(self, names: Iterable[str]) -> dict[str, Expression]:
        """The settings, among some, of which a part is known in the execution only.

        Args:
            names: Their names.

        Returns:
            Name to the variable's field.
        """
        return {
            name: field(self._variable, name)
            for name in names
            if name in self._values and (self.is_open(name) or is_computed(self._values[name]))
        }

    def resolved(self) -> dict[str, Any]:
        """The settings as values of a job that follows, when the input is no longer there.

        Returns:
            Name to value; what is computed is a path to this job's variable.
        """
        # What it lacks is warned of once.
        values = {name: self.part(name) for name in self._values if "_role_lacks_" not in name}
        # Nothing of it is in the input of that job; but an option may be null there too.
        return {**values, "allow_override": self._options}

    def assign(self) -> dict[str, Any]:
        """The ``Assign`` of the first state: what is computed, and what was given, merged."""
        computed: dict[str, Any] = {
            name: _as_text(translated(self._scope, value))
            if name in _QUEUES and value.startswith("$")
            else translated(self._scope, value)
            for name, value in self._values.items()
            if not self.is_open(name) and is_computed(value)
        }
        computed["id"] = Expression(to_jsonata("States.UUID()"))
        computed["execution"] = Expression(to_jsonata("$$.Execution.Name"))
        is_open = self._overridable or self._options
        return {self._variable: render(self._merged(computed) if is_open else computed)}

    def _merged(self, computed: Mapping[str, Any]) -> Expression:
        """All that an execution chooses: what is computed, the defaults, and what overrides them.

        The parts are passed to a function, so that its names hide none of the workflow's variables.
        """
        defaults = {name: self._values[name] for name in (*self._overridable, *self._options)}
        parts = ["$computed", "$defaults"]
        if self._overridable:
            parts += [checked_settings("$given", self._overridable), self._chosen()]
        if "environment" in self._overridable:
            parts.append(f'{{"environment": {_MERGED_ENVIRONMENT}}}')
        if self._options:
            parts.append(chosen_options("$given.job_options", self._options))
        if "tags" in self._options:
            parts.append(f'{{"tags": {_MERGED_TAGS}}}')
        given = str(translated(self._scope, self._overrides_path or "$"))
        if self._overrides_path not in (None, "$"):
            # As a field of it, an object that is null says nothing.
            given = f"($type({given}) = 'null' ? {{}} : {given})"
        return Expression(
            f"(function($computed, $defaults, $given) {{ $merge([{', '.join(parts)}]) }})"
            f"({source(computed)}, {translated(self._scope, defaults)}, {given})"
        )

    def _chosen(self) -> str:
        chosen = _given(self._overridable)
        if not self._refused:
            return chosen
        # To ignore it would run another job than the one that was asked for.
        refused = f"$keys({_given(self._refused)})"
        message = source("the job definition is part of the stack: the input cannot override ")
        error = f"$error({message} & $join([{refused}], ', '))"
        return f"($exists({refused}) ? {error} : {chosen})"


# Variables are added one by one; a list of Name and Value, as Batch has it, serves as an object.
# One that is null says nothing.
_MERGED_ENVIRONMENT = (
    '$merge([$defaults.environment, $sift($type($given.environment) = "array" '
    "? $merge($map($given.environment, function($e) { {[$e.Name, $e.name][0]: "
    "[$e.Value, $e.value][0]} })) "
    ': $type($given.environment) = "object" ? $given.environment : {}, '
    "function($v) { $type($v) != 'null' })])"
)

_QUEUES = ("job_queue", "fallback_job_queue")

# Batch takes texts, and no empty set of tags; a tag of the input that is null says nothing.
_MERGED_TAGS = (
    '($own := $type($given.job_options.tags) = "object" '
    "? $sift($given.job_options.tags, function($v) { $type($v) != 'null' }) : {}; "
    '$tags := $merge([$type($defaults.tags) = "object" ? $defaults.tags : {}, $own]); '
    "$count($keys($tags)) > 0 "
    "? $merge($each($tags, function($v, $k) { {$k: $string($v)} })) : null)"
)


def _with_fields(value: Any, *place: str) -> Any:
    if not is_computed(value):
        return value
    if isinstance(value, Mapping):
        return {name: _with_fields(item, *place, name) for name, item in value.items()}
    return field(*place)


def _as_text(value: Expression) -> Expression:
    return Expression(f"$string({value})")


def _given(names: Sequence[str]) -> str:
    """What the input gives of these settings; a field that is null counts as not given."""
    condition = f"$k in {source(list(names))} and $v != null"
    return f"$sift($given, function($v, $k) {{ {condition} }})"


def resolving(
    scope: Construct,
    settings: Sequence[Settings],
    payload_path: str,
    more: Mapping[str, Any] | None = None,
) -> CustomState:
    """The first state of a fragment, which resolves the settings for those after it.

    Args:
        scope: The fragment.
        settings: The settings of its jobs.
        payload_path: Reference path of what the state passes on of its input.
        more: Other variables to assign.

    Returns:
        The state, ``Prepare``.
    """
    payload = translated(scope, payload_path)
    return state(
        scope,
        "Prepare",
        {
            "Type": "Pass",
            "QueryLanguage": "JSONata",
            "Assign": {
                **{name: value for each in settings for name, value in each.assign().items()},
                **(more or {}),
            },
            **({} if payload == "$states.input" else {"Output": render(payload)}),
        },
    )


def settled(value: Any) -> Any:
    """A setting with CDK's encoded paths decoded; an encoded number becomes an encoded text."""
    decoded = _decoded(value)
    return Token.as_string(decoded) if isinstance(decoded, float) and is_token(decoded) else decoded


def _decoded(value: Any) -> Any:
    if is_token(value):
        return reference(value)
    if isinstance(value, Mapping):
        return {key: _decoded(item) for key, item in value.items()}
    return [_decoded(item) for item in value] if isinstance(value, list | tuple) else value


def is_computed(value: Any) -> bool:
    """Whether a setting, or a part of it, is known in the execution only."""
    if isinstance(value, Mapping):
        return any(is_computed(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(is_computed(item) for item in value)
    return is_dynamic(value)

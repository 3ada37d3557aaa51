"""The settings of a job: which are known at synthesis, and which an execution chooses.

A setting that is a reference path is resolved once, by the first state of the fragment, into a
workflow variable; the states after it read the variable. With overrides, every setting may be
given by the execution's input as well: the variable then holds the defaults and what was given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from aws_cdk import Token

from sfn_fragments.states.asl import parameters, reference
from sfn_fragments.states.jsonata import Expression, field, render, source
from sfn_fragments.states.naming import variable_name
from sfn_fragments.utils.reference_path import is_dynamic
from sfn_fragments.validation import is_token

if TYPE_CHECKING:
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

_INPUTS = source(["defaults", "given"])


class Settings:
    """Settings of one job, as the states of a fragment read them.

    Args:
        scope: The fragment; names the variable.
        values: Name to literal, reference path, intrinsic function or token; ``None`` leaves a
            setting out.
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
        self._variable = variable_name(scope, "job")
        self._values = {name: settled(value) for name, value in values.items() if value is not None}
        self._overrides_path = overrides_path
        self.deploy_job_definition = deploy_job_definition
        self._refused = FIXED if deploy_job_definition else ()
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

    def get(self, name: str, *, merged: bool = True) -> Any:
        """A setting as a state reads it.

        Args:
            name: Its name.
            merged: Whether a state before has merged what was given into the defaults.

        Returns:
            A literal, an expression, or ``None`` where there is no such setting.
        """
        value = self._values.get(name)
        if name in self._overridable and not merged and name == "environment":
            return Expression(self._merged_environment())
        if name in self._overridable and not merged:
            return Expression(f"{self._merge()}.{name}")
        if name in self._overridable or is_computed(value):
            return field(self._variable, name)
        return value

    def assign(self) -> dict[str, Any]:
        """The ``Assign`` of the first state, in JSONPath."""
        assigned: dict[str, Any] = {
            name: value
            for name, value in self._values.items()
            if name not in self._overridable and is_computed(value)
        }
        if self._overridable:
            assigned["defaults"] = {name: self._values[name] for name in self._overridable}
            assigned["given"] = self._overrides_path
        assigned |= {"id": "States.UUID()", "execution": "$$.Execution.Name"}
        return {self._variable: parameters(assigned)}

    def assign_merged(self) -> dict[str, Any]:
        """What the second state assigns, in JSONata; nothing where there are no overrides."""
        if not self._overridable:
            return {}
        # What was given is let go of: it may be as large as the whole input.
        kept = f"$sift({field(self._variable)}, function($v, $k) {{ $not($k in {_INPUTS}) }})"
        merged = f"{kept}, {self._merge()}"
        if "environment" in self._overridable:
            merged += f', {{"environment": {self._merged_environment()}}}'
        return {self._variable: render(Expression(f"$merge([{merged}])"))}

    def _merge(self) -> str:
        defaults, chosen = field(self._variable, "defaults"), self._given(self._overridable)
        if self._refused:
            # To ignore it would run another job than the one that was asked for.
            refused = f"$keys({self._given(self._refused)})"
            message = source("the job definition is part of the stack: the input cannot override ")
            chosen = f"$exists({refused}) ? $error({message} & $join([{refused}], ', ')) : {chosen}"
        return f"$merge([{defaults}, {chosen}])"

    def _given(self, names: Sequence[str]) -> str:
        """What the input gives of these settings; a field that is null counts as not given."""
        condition = f"$k in {source(list(names))} and $v != null"
        given = field(self._variable, "given")
        return f"$sift({given}, function($v, $k) {{ {condition} }})"

    def _merged_environment(self) -> str:
        default = field(self._variable, "defaults", "environment")
        given = field(self._variable, "given", "environment")
        # A list of Name and Value, as Batch has it, serves as well as an object.
        as_object = (
            f"$type({given}) = 'array' ? "
            f"$merge($map({given}, function($e) {{ {{$e.Name: $e.Value}} }})) : {given}"
        )
        return f"$merge([{default}, ({as_object})])"


def settled(value: Any) -> Any:
    """A setting with CDK's encoded paths decoded; an encoded number becomes an encoded text."""
    if isinstance(value, str):
        return reference(value)
    if isinstance(value, float) and is_token(value):
        decoded = reference(value)
        return decoded if isinstance(decoded, str) else Token.as_string(value)
    return value


def is_computed(value: Any) -> bool:
    """Whether a setting, or a part of it, is known in the execution only."""
    if isinstance(value, Mapping):
        return any(is_computed(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(is_computed(item) for item in value)
    return is_dynamic(value)

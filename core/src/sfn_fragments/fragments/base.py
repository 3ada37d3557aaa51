"""Base classes of fragments: reusable parts of a state machine."""

from __future__ import annotations

from abc import abstractmethod
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from aws_cdk import Duration
from aws_cdk import aws_stepfunctions as sfn

from sfn_fragments.errors import InvalidValue, MissingDefinitionError
from sfn_fragments.fragments.foreign_machines import watch
from sfn_fragments.fragments.machine_parameters import (
    check_state_machine,
    function_name_rule,
    machine_name_rule,
)
from sfn_fragments.fragments.naming import EnvBaseConstructMixins
from sfn_fragments.fragments.single_state import single_state
from sfn_fragments.fragments.state_machine import create_role, machine_with_role
from sfn_fragments.states.common import CommonOperation
from sfn_fragments.validation import (
    choice,
    data_path,
    fragment_problems,
    json_data,
    json_object,
    naming_taken_ids,
    optional,
    refuse,
    require,
    result_path,
    text,
)
from sfn_fragments_asl.model.limits import MAX_STATE_NAME, is_variable_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from aws_cdk.aws_iam import IManagedPolicy, PolicyStatement, Role
    from aws_cdk.aws_lambda import IFunction
    from constructs import Construct

    from sfn_fragments.environment import EnvBase
    from sfn_fragments.iam import AllowedResources


def _assignments(value: Any) -> str | None:
    wrong = [] if json_object(value) else [name for name in value if not is_variable_name(name)]
    return f"give no variable the name {wrong[0]!r}" if wrong else json_object(value)


_SINGLE_STATE_RULES = {
    "prefix_states": optional(text()),
    # The id is the state's name too.
    "state_id": optional(text(longest=MAX_STATE_NAME)),
    "comment": optional(text()),
    **dict.fromkeys(("input_path", "output_path"), optional(data_path)),
    "result_path": result_path,
    **dict.fromkeys(("result_selector", "arguments", "parameters"), optional(json_object)),
    "query_language": optional(choice(*sfn.QueryLanguage)),
    "state_name": optional(text(longest=MAX_STATE_NAME)),
    "assign": optional(_assignments),
    "outputs": json_data,
}

_PATH_PARAMETERS = ("input_path", "output_path", "result_path", "result_selector", "parameters")
_JSONATA_PARAMETERS = ("arguments", "outputs")


class StateMachineMixins(EnvBaseConstructMixins):
    """Finds functions and state machines of the environment by their names."""

    def get_fn(self, function_name: str) -> IFunction:
        """The Lambda function of a name, made once per construct.

        Args:
            function_name: Name without the environment base.

        Returns:
            The function, imported by name.

        Raises:
            InvalidParametersError: The name cannot be one of a function.
        """
        from aws_cdk.aws_lambda import Function

        make = Function.from_function_name
        full_name = self.env_base.get_function_name
        return cast("IFunction", self._imported("function", function_name, make, full_name))

    def get_state_machine_from_name(self, state_machine_name: str) -> sfn.IStateMachine:
        """The state machine of a name, made once per construct.

        Args:
            state_machine_name: Name without the environment base.

        Returns:
            The state machine, imported by name.

        Raises:
            InvalidParametersError: The name cannot be one of a state machine.
        """
        make = sfn.StateMachine.from_state_machine_name
        full_name = self.env_base.get_state_machine_name
        machine = self._imported("state_machine", state_machine_name, make, full_name)
        return cast("sfn.IStateMachine", machine)

    def _imported(
        self, kind: str, name: str, make: Callable[..., Any], full_name: Callable[[str], str]
    ) -> Any:
        rule = function_name_rule if kind == "function" else machine_name_rule
        parameter = f"{kind}_name"
        require(type(self).__name__, {parameter: name}, {parameter: rule(self.env_base)})
        cache = self.__dict__.setdefault("_imports", {})
        if (kind, name) not in cache:
            construct_id = self.get_construct_id(name, kind.replace("_", "-"), "from-name")
            cache[kind, name] = make(self.as_construct(), construct_id, full_name(name))
        return cache[kind, name]


class StateMachineFragment(sfn.StateMachineFragment):
    """A part of a state machine that can be used like a state.

    A subclass sets `definition` in its constructor.

    Examples:
        ```python
        class Wait(StateMachineFragment):
            def __init__(self, scope: Construct, id: str) -> None:
                super().__init__(scope, id)
                self.definition = sfn.Pass(self, state_name(self, "Wait"))
        ```
    """

    @property
    def definition(self) -> sfn.IChainable:
        """The states of the fragment.

        Raises:
            MissingDefinitionError: The fragment has assigned none, and builds none.
        """
        if "_definition" not in self.__dict__:
            self.__dict__["_definition"] = self.build_definition()
        definition: sfn.IChainable = self.__dict__["_definition"]
        return definition

    @definition.setter
    def definition(self, value: sfn.IChainable) -> None:
        self.__dict__["_definition"] = value

    def build_definition(self) -> sfn.IChainable:
        """Make the states, when they are first asked for and none are assigned.

        Returns:
            The states.

        Raises:
            MissingDefinitionError: The class does not say how.
        """
        raise MissingDefinitionError(
            f"{type(self).__name__} {self.node.path!r} has no states: assign self.definition "
            "in its __init__, or derive it from LazyLoadStateMachineFragment and write "
            "build_definition"
        )

    @property
    def start_state(self) -> sfn.State:
        """The state that the fragment begins with."""
        return self.definition.start_state

    @property
    def end_states(self) -> list[sfn.INextable]:
        """The states that whatever comes next follows on."""
        return self.definition.end_states

    def enclose(
        self, id: str | None = None, input_path: str | None = None, result_path: str | None = None
    ) -> sfn.Chain:
        """Make one state of the fragment.

        Args:
            id: Names the state. Defaults to the fragment's id.
            input_path: Reference path of the fragment's input. Defaults to ``$``.
            result_path: Reference path of its output. Defaults to ``input_path``.

        Returns:
            The chain; its output is the input with the fragment's output at ``result_path``.
        """
        return CommonOperation.enclose_chainable(
            self, id or self.node.id, self.definition, input_path, result_path
        )


class EnvBaseStateMachineFragment(StateMachineFragment, StateMachineMixins):
    """A fragment that names what it makes after an environment.

    Args:
        scope: The construct that holds the fragment.
        id: Its id, unique in the scope.
        env_base: Environment base, such as ``dev-x``.

    Raises:
        InvalidParametersError: Some parameters cannot work; all of them are named.
    """

    #: Seconds that its jobs may run by their own timeouts, where these are known at synthesis.
    job_seconds: int | None = None

    def __init__(
        self,
        scope: Construct,
        id: str,
        env_base: EnvBase,
    ) -> None:
        subject = f"{type(self).__name__} {id!r}"
        refuse(subject, fragment_problems(scope, id, env_base))
        with naming_taken_ids(subject, id):
            super().__init__(scope, id)
        self.env_base = env_base
        if not isinstance(scope, EnvBaseStateMachineFragment):
            watch(self, scope)

    @property
    def required_managed_policies(self) -> Sequence[IManagedPolicy | str]:
        """Managed policies that the role needs besides what the definition tells: none."""
        return []

    @property
    def required_inline_policy_statements(self) -> Sequence[PolicyStatement]:
        """Statements that the role needs besides what the definition tells: none."""
        return []

    def to_single_state(
        self,
        *,
        prefix_states: str | None = None,
        state_id: str | None = None,
        comment: str | None = None,
        input_path: str | None = None,
        output_path: str | None = "$[0]",
        result_path: str | None = None,
        result_selector: Mapping[str, Any] | None = None,
        arguments: Mapping[str, Any] | None = None,
        parameters: Mapping[str, Any] | None = None,
        query_language: sfn.QueryLanguage | None = None,
        state_name: str | None = None,
        assign: Mapping[str, Any] | None = None,
        outputs: Any = None,
    ) -> sfn.Parallel:
        """Make one Parallel state of the fragment.

        Args:
            prefix_states: Put before the names of the fragment's states. Defaults to ``state_id``
                and a colon, or without one to the place of each state in the construct tree;
                names that tell it already then stay as they are.
            state_id: Names the state. Defaults to the fragment's place in the construct tree,
                which directly in a stack is its id.
            comment: Comment of the state.
            input_path: Reference path of the fragment's input.
            output_path: Reference path of the part of the output to pass on; by default the
                output of the fragment, without the array that a Parallel state makes. None where
                ``result_path`` leads to a place in the input.
            result_path: Reference path of the output, which is there an array of one element, as
                Parallel states make it; `enclose` puts the element there.
            result_selector: Selects from the output.
            arguments: Input of the fragment, in JSONata.
            parameters: Input of the fragment, in JSONPath.
            query_language: Query language of the state. Defaults to JSONata where ``arguments`` or
                ``outputs`` are given, and to JSONPath otherwise; the parameters of the other
                language are refused.
            state_name: Name of the state.
            assign: Variables to assign.
            outputs: Output of the state, in JSONata. Defaults to the output of the fragment,
                without the array that a Parallel state makes.

        Returns:
            The state.

        Raises:
            InvalidParametersError: Some parameters cannot work; all of them are named.
        """
        given = {name: value for name, value in locals().items() if name in _SINGLE_STATE_RULES}
        subject = f"{type(self).__name__}.to_single_state"
        require(subject, given, _SINGLE_STATE_RULES)
        del given["prefix_states"], given["state_id"]
        in_jsonata = query_language is sfn.QueryLanguage.JSONATA or (
            query_language is None and not (arguments is None and outputs is None)
        )
        if output_path == "$[0]" and (in_jsonata or result_path not in (None, "$")):
            given["output_path"] = None
        foreign = _PATH_PARAMETERS if in_jsonata else _JSONATA_PARAMETERS
        language = "JSONata" if in_jsonata else "JSONPath"
        refuse(
            subject,
            [
                InvalidValue(name, given[name], f"leave it out: {language} has no such field")
                for name in foreign
                if given[name] is not None
            ],
        )
        if in_jsonata:
            given["query_language"] = sfn.QueryLanguage.JSONATA
            # As the default output path does it.
            given["outputs"] = "{% $states.result[0] %}" if outputs is None else outputs
        return single_state(self, state_id, prefix_states, **given)

    def to_state_machine(
        self,
        state_machine_name: str,
        role: Role | None = None,
        logs: sfn.LogOptions | None = None,
        timeout: Duration | None = None,
        *,
        allowed_resources: AllowedResources | None = None,
    ) -> sfn.StateMachine:
        """Make a state machine of the fragment.

        Args:
            state_machine_name: Its name, without the environment base.
            role: Its role, which gets the permissions that the definition needs, and those that
                the fragment requires besides. Defaults to one that has these alone.
            logs: Where executions are logged. Defaults to a log group of its own.
            timeout: How long an execution may take. Defaults to no limit. What is cut off by it
                cannot clean up: give the jobs a shorter timeout of their own.
            allowed_resources: What an execution may choose, where the definition leaves a
                resource open. Defaults to what has a name of the environment.

        Returns:
            The state machine.

        Raises:
            InvalidParametersError: Some parameters cannot work, the timeout is not above that of
                the fragment's jobs, or a kind of ``allowed_resources`` has no effect; all of them
                are named.
        """
        given = {name: value for name, value in locals().items() if name != "self"}
        subject = f"{type(self).__name__}.to_state_machine"
        check_state_machine(subject, self.env_base, self.job_seconds, **given)
        make_role = partial(
            create_role,
            self,
            state_machine_name,
            self.env_base,
            managed_policies=self.required_managed_policies,
            inline_policies_from_statements={"required": self.required_inline_policy_statements},
            include_default_managed_policies=False,
        )
        machine = machine_with_role(
            self,
            self.env_base,
            state_machine_name,
            state_machine_name,
            self.definition,
            role,
            logs,
            timeout,
            allowed_resources=allowed_resources,
            make_role=make_role,
        )
        if role is not None:
            self.add_managed_policies(role, *self.required_managed_policies)
            for statement in self.required_inline_policy_statements:
                role.add_to_principal_policy(statement)
        return machine


class LazyLoadStateMachineFragment(EnvBaseStateMachineFragment):
    """A fragment whose states are made when they are first asked for."""

    @abstractmethod
    def build_definition(self) -> sfn.IChainable:
        """Make the states.

        Returns:
            The states.
        """

"""A throw-away CDK app that holds one fragment and what it needs, to synthesize or run it."""

from __future__ import annotations

import shutil
import sys
import tempfile
import weakref
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from sfn_fragments.annotations import read_annotations
from sfn_fragments.errors import FragmentsError, InvalidParametersError, InvalidValue
from sfn_fragments.node import ensure_node
from sfn_fragments.parameters import argument_problems, parameters_of
from sfn_fragments.validation import env_base_rule, problems_of, refuse
from sfn_fragments_asl.model.definition import Definition

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aibs_informatics_core.env import EnvBase
    from aws_cdk import App, Stack
    from aws_cdk.aws_efs import FileSystem
    from aws_cdk.aws_s3 import Bucket
    from aws_cdk.aws_stepfunctions import StateMachine, StateMachineFragment

    from sfn_fragments.registry import FragmentRegistry


#: What CDK does besides for every app; to load its own rules about templates takes seconds.
_OFF = {"analytics_reporting", "builtin_cloud_formation_validation"}


class BuildError(FragmentsError):
    """A fragment could not be made or synthesized."""


def _wrong_values(
    registry: FragmentRegistry, name: str, overrides: Mapping[str, Any]
) -> list[InvalidValue]:
    """What the constructor says of the values, to tell it along with what keeps it from being run.

    It is run in another sandbox, which is thrown away.
    """
    try:
        Sandbox().build(registry, name, overrides)
    except FragmentsError as error:
        return list(error.problems) if isinstance(error, InvalidParametersError) else []
    return []


@dataclass(frozen=True)
class BuiltFragment:
    """A fragment and its state machine in the stack of a `Sandbox`.

    Attributes:
        name: Registry name of the fragment.
        sandbox: What it was made in; kept, because the app's folder ends with it.
        fragment: The fragment.
        state_machine: The state machine that runs it.
    """

    name: str
    sandbox: Sandbox
    fragment: StateMachineFragment
    state_machine: StateMachine

    @property
    def stack(self) -> Stack:
        """The stack that holds them."""
        return self.sandbox.stack

    @cached_property
    def logical_id(self) -> str:
        """Logical id of the state machine in the template."""
        resource: Any = self.state_machine.node.default_child
        return str(self.stack.resolve(resource.logical_id))

    @property
    def state_machine_name(self) -> str | None:
        """Name of the state machine as the template has it; None where CloudFormation names it."""
        name = self._properties.get("StateMachineName")
        return name if isinstance(name, str) else None

    @property
    def definition(self) -> Mapping[str, Any]:
        """The definition as parsed JSON; ``${LogicalId}`` stands for what is known later only.

        Raises:
            BuildError: CDK refuses to synthesize, or the definition cannot be read.
        """
        resolved = self._properties["DefinitionString"]
        try:
            return Definition.from_resolved(resolved).states
        except ValueError as error:
            raise BuildError(f"{self.name}: its definition is not JSON: {error}") from error

    @property
    def _properties(self) -> dict[str, Any]:
        properties: dict[str, Any] = self.template["Resources"][self.logical_id]["Properties"]
        return properties

    @cached_property
    def template(self) -> dict[str, Any]:
        """The CloudFormation template of the stack.

        Raises:
            BuildError: CDK refuses to synthesize, or a construct was annotated with an error.
        """
        try:
            assembly = self.sandbox.app.synth()
            template = dict(assembly.get_stack_by_name(self.stack.stack_name).template)
            errors = [
                f"{annotation.path}: {annotation.text}"
                for annotation in read_annotations(assembly.directory)
                if annotation.level == "error"
            ]
        except FragmentsError:
            raise
        except Exception as error:
            raise BuildError(
                f"{self.name}: CDK cannot synthesize it: {_without_stack_trace(error)}"
            ) from error
        if errors:
            raise BuildError(f"{self.name}: CDK reports errors:\n  - " + "\n  - ".join(errors))
        return template


def _without_stack_trace(error: BaseException) -> str:
    if isinstance(error, BrokenPipeError) or getattr(error, "doc", None) == "":
        # jsii's own: it parses nothing at all as JSON.
        return "Node.js, on which CDK runs, has ended; it may have had too little memory"
    # The message of a jsii error ends with a JavaScript stack trace.
    lines = [line for line in str(error).splitlines() if not line.lstrip().startswith("at ")]
    text = "\n".join(lines[:10]).strip()
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


#: Leaves room for what follows it in names of at most 63 and 80 characters.
_LONGEST_ENV_BASE = 48


class Sandbox:
    """Supplies what fragments are built with: a stack, a bucket, a file system, a queue, an image.

    Everything is made on first use, so that a template holds only what its fragment needs.

    Args:
        env_base: Environment base that names the resources. Defaults to ``dev-sandbox``.

    Examples:
        >>> from sfn_fragments.sandbox import Sandbox
        >>> sandbox = Sandbox()
        >>> sandbox.job_queue
        'dev-sandbox-queue'
    """

    #: The handlers of ``aibs-informatics-aws-lambda``, as their publisher names the image.
    image = "ghcr.io/alleninstitute/aibs-informatics-aws-lambda:latest"

    def __init__(self, env_base: str = "dev-sandbox") -> None:
        """Name the environment; nothing is imported or made yet."""
        self._env_base = env_base

    @cached_property
    def env_base(self) -> EnvBase:
        """The environment base.

        Raises:
            InvalidParametersError: The name given is none.
        """
        from sfn_fragments.environment import EnvBase

        remedy = "give dev, test or prod, or one of them with a label, such as dev-sandbox"
        try:
            env_base = EnvBase(self._env_base)
        except Exception as error:
            problem = InvalidValue("env_base", self._env_base, remedy)
            raise InvalidParametersError("environment", [problem]) from error
        problems = problems_of({"env_base": env_base}, {"env_base": env_base_rule})
        if len(env_base) > _LONGEST_ENV_BASE:
            remedy = f"give at most {_LONGEST_ENV_BASE} characters: it begins all names"
            problems.append(InvalidValue("env_base", self._env_base, remedy))
        refuse("environment", problems)
        return env_base

    @cached_property
    def app(self) -> App:
        """The app; its output goes to a temporary folder that ends with the sandbox."""
        ensure_node()
        from aws_cdk import App

        folder = tempfile.mkdtemp(prefix="sfn-fragments-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        off: dict[str, Any] = {n: False for n in App.__init__.__kwdefaults__ or () if n in _OFF}
        return App(**off, outdir=folder)

    @cached_property
    def stack(self) -> Stack:
        """The stack that holds the fragment."""
        app = self.app
        from aws_cdk import DefaultStackSynthesizer, Stack

        # The rule and its parameter ask for a bootstrapped account: noise in a throw-away stack.
        synthesizer = DefaultStackSynthesizer(generate_bootstrap_version_rule=False)
        return Stack(app, "Sandbox", stack_name=self._dashed, synthesizer=synthesizer)

    @property
    def _dashed(self) -> str:
        """The environment base for names that take neither underscores nor capitals."""
        return self.env_base.replace("_", "-").lower()

    @cached_property
    def bucket(self) -> Bucket:
        """A scaffolding bucket."""
        from aws_cdk.aws_s3 import Bucket

        return Bucket(self.stack, "Bucket", bucket_name=f"{self._dashed}-scaffolding")

    @cached_property
    def file_system(self) -> FileSystem:
        """A file system, in a network of its own without a way out."""
        from aws_cdk import RemovalPolicy
        from aws_cdk.aws_ec2 import SubnetConfiguration, SubnetType, Vpc
        from aws_cdk.aws_efs import FileSystem

        subnets = SubnetConfiguration(name="Isolated", subnet_type=SubnetType.PRIVATE_ISOLATED)
        network = Vpc(self.stack, "Network", max_azs=1, subnet_configuration=[subnets])
        return FileSystem(
            self.stack, "FileSystem", vpc=network, removal_policy=RemovalPolicy.DESTROY
        )

    @property
    def job_queue(self) -> str:
        """Name of a Batch job queue; the local engine creates it."""
        return f"{self._env_base}-queue"

    def arguments_for(self, example: Any) -> dict[str, Any]:
        """The constructor arguments of an example, ``env_base`` included."""
        # The standard output is the command's: what a plugin prints would break its JSON.
        with redirect_stdout(sys.stderr):
            return {"env_base": self.env_base, **example.arguments(self)}

    def build(
        self, registry: FragmentRegistry, name: str, overrides: Mapping[str, Any] | None = None
    ) -> BuiltFragment:
        """Make one fragment, with its example's arguments, and a state machine that runs it.

        Args:
            registry: Where the fragment is looked up.
            name: Registry name of the fragment.
            overrides: Constructor arguments, in place of those of the example.

        Returns:
            The fragment, its state machine and their stack, not synthesized yet.

        Raises:
            UnknownFragmentError: No plugin provides this name.
            InvalidParametersError: An override is not a parameter of the constructor, a required
                parameter has no value, or a value cannot work; all of them are named, and
                nothing was built.
            NodeNotFoundError: CDK has no Node.js to run on.
            BuildError: The constructor failed.

        Examples:
            >>> from sfn_fragments import get_registry
            >>> from sfn_fragments.sandbox import Sandbox
            >>> built = Sandbox().build(get_registry(), "data_sync.sync")  # doctest: +SKIP
            >>> built.template["Resources"]  # doctest: +SKIP
        """
        overrides = dict(overrides or {})
        spec = registry.spec(name)
        ensure_node()
        parameters = parameters_of(registry.load(name))
        open_ended = any(parameter.open_ended for parameter in parameters)
        takes_env_base = any(parameter.name == "env_base" for parameter in parameters)
        problems = self._env_base_problems()
        if "env_base" in overrides:
            remedy = "the sandbox has its own: use --env-base (or Sandbox(env_base))"
            problems.append(InvalidValue("env_base", overrides["env_base"], remedy))
        given = {key: value for key, value in overrides.items() if key != "env_base"}
        own = [parameter for parameter in parameters if parameter.name != "env_base"]
        required = {p.name for p in own if p.required and spec.example is None} - {*given}
        remedy = "required, and this fragment has no example: --set {}=VALUE"
        problems += argument_problems(own, given, required, remedy)
        if problems:
            known = {parameter.name for parameter in own}
            accepted = {key: given[key] for key in given if key in known or open_ended}
            values = [] if required else _wrong_values(registry, name, accepted)
            raise InvalidParametersError(name, [*problems, *values])

        try:
            with redirect_stdout(sys.stderr):
                arguments = {"env_base": self.env_base}
                if spec.example is not None:
                    arguments = self.arguments_for(registry.resolve(spec.example))
                if not (open_ended or takes_env_base):
                    del arguments["env_base"]
                arguments |= overrides
                fragment = registry.create(name, self.stack, "Fragment", **arguments)
                state_machine = self._state_machine(fragment, name.replace(".", "-"))
        except (FragmentsError, KeyboardInterrupt):
            raise
        except BaseException as error:  # Exits, and panics of Rust extensions, are none of ours.
            said = ", ".join(f"{key}={value!r}" for key, value in overrides.items())
            told = f"{name} of {registry.provider(name)} cannot be built{said and ' with '}{said}"
            raise BuildError(f"{told}: {_without_stack_trace(error)}") from error
        return BuiltFragment(name, self, fragment, state_machine)

    def _env_base_problems(self) -> list[InvalidValue]:
        try:
            _ = self.env_base
        except InvalidParametersError as error:
            return list(error.problems)
        return []

    def _state_machine(self, fragment: Any, name: str) -> StateMachine:
        if hasattr(fragment, "to_state_machine"):
            return cast("StateMachine", fragment.to_state_machine(name))
        # A fragment need not derive from the base classes of this library.
        from aws_cdk.aws_stepfunctions import DefinitionBody, StateMachine

        body = DefinitionBody.from_chainable(fragment)
        return StateMachine(self.stack, "StateMachine", definition_body=body)

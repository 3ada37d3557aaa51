"""The states that run one job on Batch, with a request and a response in S3 where it has them.

Six states do it: resolve the settings, put the request, register a job definition, submit the
job and wait for it, deregister, get the response. A failure deregisters too, and then fails
with its own error and cause. With a job definition that is part of the stack, four do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk.aws_stepfunctions import Chain, CustomState, Fail, JsonPath

from sfn_fragments.states.asl import chain, custom_chain, state
from sfn_fragments.states.naming import state_name, variable_name
from sfn_fragments_asl.model.jsonata_source import Expression, concat, field, render, source
from sfn_fragments_asl.model.retriers import BATCH_RETRY, S3_RETRY, SUBMIT_REGISTERED_RETRY
from sfn_fragments_batch.bucket_encryption import warn_of_encryption
from sfn_fragments_batch.environment import environment_variables
from sfn_fragments_batch.execution_role import warn_of_secrets
from sfn_fragments_batch.failure_cause import readable_job, told_cause
from sfn_fragments_batch.job_definition import deployed_job_definition
from sfn_fragments_batch.job_fields import container_fields, submit_fields, with_fields
from sfn_fragments_batch.mount_authorization import warn_of_mounts
from sfn_fragments_batch.retries import default_retries
from sfn_fragments_batch.settings import resolving
from sfn_fragments_batch.tries import Tries
from sfn_fragments_batch.watched import watched

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk.aws_stepfunctions import State

    from sfn_fragments.fragments import EnvBaseStateMachineFragment
    from sfn_fragments_batch.settings import Settings

#: The roles of a job definition, and the settings that give them.
ROLES = {"JobRoleArn": "job_role_arn", "ExecutionRoleArn": "execution_role_arn"}

#: How many of an array's failed jobs a cause names.
_TOLD_CHILDREN = 20

_INPUT = Expression("$states.input")
# Keys of mount points and volumes come as Batch's API or as Step Functions writes them.
_PASCAL = (
    "($pascal := function($x) { $type($x) = 'object' ? $merge($each($x, function($v, $k) { "
    "{$uppercase($substring($k, 0, 1)) & $substring($k, 1): $pascal($v)} })) : "
    "$type($x) = 'array' ? [$map($x, $pascal)] : $x }; $pascal([VALUE]))"
)


class JobStates:
    """Makes the states of one job.

    Args:
        scope: The fragment.
        settings: Settings ``name``, ``image``, ``job_queue`` and, where given, ``command``,
            ``environment``, ``memory``, ``vcpus``, ``gpu``, ``mount_points``, ``volumes``,
            ``platform_capabilities``, ``job_role_arn``, ``execution_role_arn``, ``bucket_name``,
            ``key_prefix``, ``timeout`` and the options of a job.

    Raises:
        InvalidParametersError: The job definition is to be part of the stack, and a setting that
            it must have is a reference.
    """

    def __init__(self, scope: EnvBaseStateMachineFragment, settings: Settings) -> None:
        self._scope = scope
        self._settings = settings
        self._exists = "job_definition" in settings
        self._deployed = settings.get("job_definition")
        if settings.deploy_job_definition:
            self._deployed = deployed_job_definition(scope, settings)
        self._definition = field(variable_name(scope, "job definition"))
        self._failure = field(variable_name(scope, "failure"))
        self._children = field(variable_name(scope, "failed children"))
        self._tries = Tries(scope, settings)
        warn_of_mounts(scope, settings)
        warn_of_encryption(scope, settings)
        warn_of_secrets(scope, settings)

    def uri(self, document: str) -> Any:
        """Where a document is kept.

        Args:
            document: ``request`` or ``response``.

        Returns:
            Its ``s3://`` location, as a text or an expression.
        """
        return concat("s3://", self._settings.get("bucket_name"), "/", self._key(document))

    def _key(self, document: str) -> Any:
        return self.key(f"{document}.json")

    def key(self, name: str) -> Any:
        """The key of an object that belongs to this job alone.

        Args:
            name: Ends the key.

        Returns:
            ``<key_prefix><execution>/<id>/<name>``, as an expression.
        """
        settings = self._settings
        prefix = settings.get("key_prefix")
        return concat(prefix, settings.execution, "/", settings.id, f"/{name}")

    def with_payload(
        self,
        payload_path: str,
        environment: Mapping[str, Any] | None = None,
        command: list[Any] | None = None,
    ) -> Chain:
        """The states of a job that reads a request and writes a response.

        Args:
            payload_path: Reference path of the request in the input.
            environment: Variables that the fragment itself sets; they win over the settings'.
            command: The command, where the fragment itself makes it.

        Returns:
            The chain. Its output is the response; where the setting ``return_response`` is false,
            the ``Bucket`` and ``Key`` of it.
        """
        location = {"Bucket": self._settings.get("bucket_name"), "Key": self._key("response")}
        arguments, output = dict(location), "$parse($states.result.Body)"
        if "return_response" in self._settings:
            wanted = f"{self._settings.get('return_response')} != false"
            # What is larger than a state may hold stays where it is: one byte is read, to see that
            # there is a response.
            arguments["Range"] = Expression(f"{wanted} ? 'bytes=0-' : 'bytes=0-0'")
            output = f"{wanted} ? {output} : {source(location)}"
        get = self._task(
            "Get response",
            "arn:aws:states:::aws-sdk:s3:getObject",
            arguments,
            Retry=S3_RETRY,
            Output=Expression(output),
        )
        return self._run(
            self._put_request(payload_path, _INPUT), {}, environment or {}, command, after=[get]
        )

    def with_request(
        self,
        payload_path: str,
        environment: Mapping[str, Any],
        *,
        request: Any = _INPUT,
        others: Sequence[Settings] = (),
        assign: Mapping[str, Any] | None = None,
    ) -> Chain:
        """The states of a job that reads a request, and whose response stays in S3.

        Args:
            payload_path: Reference path of the request in the input.
            environment: Variables that the fragment itself sets; they win over the settings'.
            request: What to put instead, made of ``$states.input`` and the settings.
            others: Settings of jobs that follow; they are resolved from the same input.
            assign: Variables to assign for the states that follow.

        Returns:
            The chain. Its output is an empty object; the response is at `uri`.
        """
        before = self._put_request(payload_path, request, others)
        return self._run(before, {}, environment, assign=assign)

    def around(self, jobs: CustomState, environment: Mapping[str, Any]) -> Chain:
        """The states that register a job definition for many jobs, and deregister it after.

        Args:
            jobs: State in JSONPath that submits the jobs; it finds the ARN in
                `definition`. When it fails, the job definition is deregistered too.
            environment: Variables that the fragment itself sets; they win over the settings'.

        Returns:
            The chain. Its output is that of ``jobs``. With a job definition of the stack, it is
            ``jobs`` alone, whose jobs override what `overrides` says.
        """
        if self._deployed is not None:
            return self._connect([], jobs, [], register=None, tried=False)
        register = self._register(environment)
        failure = JsonPath.string_at("$")
        return self._connect([], jobs, [], register=register, failure=failure, tried=False)

    @property
    def definition(self) -> Any:
        """The ARN of the job definition: of that in the stack, or the variable that holds it."""
        return self._deployed or self._definition

    def overrides(self, environment: Mapping[str, Any]) -> dict[str, Any]:
        """What a job of a definition in the stack overrides; nothing where it is registered.

        Args:
            environment: Variables that the fragment itself sets; they win over the settings'.

        Returns:
            ``ContainerOverrides`` of SubmitJob.
        """
        if self._deployed is None:
            return {}
        return self._overrides_of_deployed(environment)

    def _prepare(self, payload_path: str, others: Sequence[Settings] = ()) -> CustomState:
        more = self._tries.first() if self._tries else {}
        return resolving(self._scope, [self._settings, *others], payload_path, more)

    def _put_request(
        self, payload_path: str, request: Any, others: Sequence[Settings] = ()
    ) -> list[CustomState]:
        prepare = self._prepare(payload_path, others)
        put = self._task(
            "Put request",
            "arn:aws:states:::aws-sdk:s3:putObject",
            {
                "Bucket": self._settings.get("bucket_name"),
                "Key": self._key("request"),
                "Body": request,
            },
            Retry=S3_RETRY,
            Output={},
        )
        return [prepare, put]

    def without_payload(self) -> Chain:
        """The states of a job that is told everything by its command and environment.

        Returns:
            The chain. Its output is the input with ``taskResult.submit``, which holds
            ``JobName``, ``JobId`` and ``JobArn``.
        """
        prepare = self._prepare("$")
        result = {
            name: Expression(f"$states.result.{name}") for name in ("JobName", "JobId", "JobArn")
        }
        given = self._tries.input if self._tries else _INPUT
        output = Expression(
            f'$merge([{given}, {{"taskResult": $merge([{given}.taskResult, '
            f'{{"submit": {source(result)}}}])}}])'
        )
        return self._run([prepare], output, {})

    def _run(
        self,
        before: list[CustomState],
        output: Any,
        environment: Mapping[str, Any],
        command: list[Any] | None = None,
        *,
        after: Sequence[CustomState] = (),
        assign: Mapping[str, Any] | None = None,
    ) -> Chain:
        """The states before the job, those that register its definition and submit it, and others.

        What is known of the job stands in its definition, which has room for 24 KiB; overrides
        have 8,192 characters.
        """
        deployed = self._deployed is not None
        overrides = self._overrides_of_deployed(environment, command) if deployed else {}
        register = None if deployed else self._register(environment, command)
        if self._tries.grows and not deployed:
            overrides = {
                "ResourceRequirements": [{"Type": "MEMORY", "Value": self._tries.memory()}]
            }
        submit = self._submit(output, overrides, assign)
        return self._connect(before, submit, after, register=register)

    def _connect(
        self,
        before: Sequence[CustomState],
        jobs: CustomState,
        after: Sequence[CustomState],
        *,
        register: CustomState | None,
        failure: str = "{% $states.errorOutput %}",
        tried: bool = True,
    ) -> Chain:
        registered = [] if register is None else [register]
        deregister = [self._deregister("Deregister job definition")] if registered else []
        states = [*before, *registered, jobs, *deregister, *after]
        chain(*states)
        # An execution that fails where its job did can be redriven from there: where nothing is to
        # be cleaned up, told or tried, nothing catches the failure.
        again = self._tries if tried else None
        summed_up = tried and self._settings.given("failure_summary")
        if registered or again or summed_up or self._is_array:
            give_up = self._after_failure(registered=register is not None)
            assign: dict[str, Any] = {self._failure[1:]: failure}
            if self._is_array:
                # Where they cannot be listed, the cause names none.
                assign[self._children[1:]] = []
            if again:
                decide = again.decide(self._failure, jobs, give_up)
                jobs.add_catch(decide, errors=["States.TaskFailed"], assign=assign)
            jobs.add_catch(give_up, errors=["States.ALL"], assign=assign)
        return custom_chain(states[0], states[-1])

    @property
    def _is_array(self) -> bool:
        return "array_size" in self._settings

    def _task(
        self, label: str, resource: str, arguments: Mapping[str, Any], **fields: Any
    ) -> CustomState:
        return state(
            self._scope,
            label,
            {
                "Type": "Task",
                "QueryLanguage": "JSONata",
                "Resource": resource,
                "Arguments": render(arguments),
                **render(fields),
            },
        )

    def _name(self, unique: Expression | None = None) -> Any:
        """Name of job and job definition: the environment's prefix bounds the permissions."""
        end = unique or self._settings.id
        name = self._settings.get("name")
        if isinstance(name, Expression):
            return concat(self._scope.env_base, "-", name, "-", end)
        return concat(self._scope.env_base.prefixed(name), "-", end)

    def _register(
        self, environment: Mapping[str, Any], command: list[Any] | None = None
    ) -> CustomState:
        settings = self._settings
        properties: dict[str, Any] = {"Image": settings.get("image")}
        if command is not None or "command" in settings:
            properties["Command"] = command or _texts(settings.get("command"))
        if variables := self._environment_list(environment):
            properties["Environment"] = variables
        properties["ResourceRequirements"] = self._resource_requirements()
        for key, name in (("MountPoints", "mount_points"), ("Volumes", "volumes")):
            if name in settings:
                properties[key] = pascal_case(settings.get(name))
        for key, name in ROLES.items():
            if name in settings:
                properties[key] = settings.get(name)
        arguments = {
            "JobDefinitionName": self._name(),
            "Type": "container",
            "ContainerProperties": with_fields(properties, container_fields(settings)),
            "RetryStrategy": default_retries(settings.known("platform_capabilities")),
        }
        if "platform_capabilities" in settings:
            platforms = settings.get("platform_capabilities")
            arguments["PlatformCapabilities"] = _array(platforms)
        return self._task(
            "Register job definition",
            "arn:aws:states:::aws-sdk:batch:registerJobDefinition",
            arguments,
            Retry=BATCH_RETRY,
            Assign={self._definition[1:]: Expression("$states.result.JobDefinitionArn")},
            Output=_INPUT,
        )

    def _submit(
        self, output: Any, overrides: Mapping[str, Any], assign: Mapping[str, Any] | None
    ) -> CustomState:
        settings = self._settings
        limit = settings.given("runnable_timeout")
        name, queue = self._name(), self._tries.queue()
        if limit is not None and self._tries:
            # Those who look at a try must not see the one before; a UUID has 4 hyphens to spare.
            unique = f"$join($split({settings.id}, '-'), '') & {self._tries.suffix()}"
            name = self._name(Expression(unique))
        submit = self._task(
            "Submit job",
            "arn:aws:states:::batch:submitJob.sync",
            with_fields(
                {
                    "JobName": name,
                    "JobDefinition": self.definition,
                    "JobQueue": queue,
                    **({"ContainerOverrides": overrides} if overrides else {}),
                    **self._tries.retry_strategy(),
                },
                submit_fields(settings),
            ),
            Retry=BATCH_RETRY if self._deployed else SUBMIT_REGISTERED_RETRY,
            Output=output,
            **({"Assign": assign} if assign and limit is None else {}),
        )
        if limit is None:
            return submit
        return watched(self._scope, submit, name=name, queue=queue, limit=limit, assign=assign)

    def _overrides_of_deployed(
        self, environment: Mapping[str, Any], command: list[Any] | None = None
    ) -> dict[str, Any]:
        """What the run says about its job beyond the definition."""
        overrides: dict[str, Any] = {}
        if variables := self._environment_list(environment, deployed=not self._exists):
            overrides["Environment"] = variables
        given = self._settings.get("command")
        if command is not None or isinstance(given, Expression) or (self._exists and given):
            overrides["Command"] = command or _texts(given)
        requirements = self._resource_requirements()
        if isinstance(requirements, Expression) or (self._exists and requirements):
            overrides["ResourceRequirements"] = requirements
        return overrides

    def _deregister(self, label: str) -> CustomState:
        return self._task(
            label,
            "arn:aws:states:::aws-sdk:batch:deregisterJobDefinition",
            {"JobDefinition": self._definition},
            Retry=BATCH_RETRY,
            Output=_INPUT,
        )

    def _after_failure(self, *, registered: bool) -> State:
        # The error that counts is the job's: one of the cleaning up does not replace it.
        children = self._children if self._is_array else None
        following: State = Fail.jsonata(
            self._scope,
            state_name(self._scope, "Fail"),
            error=str(render(Expression(f"{self._failure}.Error"))),
            cause=str(render(told_cause(self._failure, children))),
        )
        cleaning = []
        if registered:
            cleaning.append(self._deregister("Deregister job definition after failure"))
        if children is not None:
            cleaning.append(self._list_children())
        for task in cleaning:
            task.next(following)
            task.add_catch(following, errors=["States.ALL"])
            following = task
        return following

    def _list_children(self) -> CustomState:
        """The jobs of an array that failed: its own description counts them only."""
        return self._task(
            "List failed children",
            "arn:aws:states:::aws-sdk:batch:listJobs",
            {
                "ArrayJobId": Expression(f"{readable_job(f'{self._failure}.Cause')}.JobId"),
                "JobStatus": "FAILED",
                "MaxResults": _TOLD_CHILDREN,
            },
            Retry=BATCH_RETRY,
            Assign={self._children[1:]: Expression("[$states.result.JobSummaryList]")},
            Output=_INPUT,
        )

    def _resource_requirements(self) -> Any:
        """The resources, without those of which none are wanted: Batch refuses zero."""
        requirements = [
            (kind, self._tries.memory() if name == "memory" else self._settings.get(name))
            for kind, name in (("GPU", "gpu"), ("MEMORY", "memory"), ("VCPU", "vcpus"))
            if name in self._settings
        ]
        if not any(isinstance(value, Expression) for _, value in requirements):
            return [
                {"Type": kind, "Value": str(value)}
                for kind, value in requirements
                if str(value) != "0"
            ]
        listed = source(
            [
                {
                    "Type": kind,
                    "Value": Expression(f"$string({value})")
                    if isinstance(value, Expression)
                    else str(value),
                }
                for kind, value in requirements
            ]
        )
        return Expression(f"[$filter({listed}, function($r) {{ $number($r.Value) != 0 }})]")

    def _environment_list(self, environment: Mapping[str, Any], *, deployed: bool = False) -> Any:
        """The variables of the job; without those that stand in a definition of the stack."""
        own = [{"Name": name, "Value": value} for name, value in environment.items()]
        given = self._settings.get("environment")
        if isinstance(given, Expression):
            names = source(list(environment))
            # A path to the whole environment may lead to a list of Name and Value.
            listed = (
                f"$type({given}) = 'array' ? $map({given}, function($e) {{ "
                '{"Name": [$e.Name, $e.name][0], "Value": $string([$e.Value, $e.value][0])} }) '
                f": $each({given}, "
                'function($v, $k) { {"Name": $k, "Value": $string($v)} })'
            )
            return Expression(
                f"[$append(({listed})[$not(Name in {names})], {source(own)})]"
                if own
                else f"[({listed})]"
            )
        return [*([] if deployed else environment_variables(given, environment)), *own]


def _array(value: Any) -> Any:
    """An array; JSONata would make a single value of an array of one."""
    return Expression(f"[{value}]") if isinstance(value, Expression) else value


def _texts(value: Any) -> Any:
    """An array of texts, as Batch takes no numbers among the words of a command."""
    if not isinstance(value, Expression):
        return value
    return Expression(f"[$map([{value}], function($word) {{ $string($word) }})]")


def pascal_case(value: Any) -> Any:
    """Mount points, volumes and the like with keys as Step Functions writes them.

    Args:
        value: A list whose keys are as Batch's API or as Step Functions has them, or an
            expression of one.

    Returns:
        The list, or an expression of it.
    """
    if isinstance(value, Expression):
        return Expression(_PASCAL.replace("[VALUE]", f"[{value}]"))
    from sfn_fragments.utils import convert_to_sfn_api_action_case

    return convert_to_sfn_api_action_case(value)

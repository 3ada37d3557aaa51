"""A command run on data of S3, with a file system to work on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from aws_cdk.aws_stepfunctions import Choice, Condition, Fail, JsonPath

from sfn_fragments.fragments import EnvBaseStateMachineFragment
from sfn_fragments.states.asl import chain, custom_chain, parameters, reference, state
from sfn_fragments.states.naming import state_name, variable_name
from sfn_fragments.utils.reference_path import is_dynamic
from sfn_fragments.validation import refuse
from sfn_fragments_asl.model.jsonata_source import Expression, concat, field, render, source
from sfn_fragments_asl.model.retriers import (
    BATCH_RETRY,
    ECR_RETRY,
    LAMBDA_RETRY,
    SUBMIT_REGISTERED_RETRY,
)
from sfn_fragments_batch.execution_role import warn_of_secrets
from sfn_fragments_batch.failure_cause import told_cause
from sfn_fragments_batch.given_options import option_settings, with_options
from sfn_fragments_batch.job_fields import container_fields, submit_fields, with_fields
from sfn_fragments_batch.job_states import ROLES, pascal_case
from sfn_fragments_batch.names import named
from sfn_fragments_batch.retries import default_retries
from sfn_fragments_batch.settings import Settings, resolving
from sfn_fragments_batch.tries import Tries
from sfn_fragments_batch.watched import watched
from sfn_fragments_demand_execution.expressions import (
    INPUT,
    authorized_volumes,
    full_image,
    has_version,
    latest_image,
    merged_tags,
    original_failure,
)
from sfn_fragments_demand_execution.file_systems import file_systems
from sfn_fragments_demand_execution.nested import (
    DEFAULT_CONCURRENCY,
    execution_for_each,
    execution_for_each_in_s3,
    execution_task,
)
from sfn_fragments_demand_execution.parameters import execution_problems
from sfn_fragments_demand_execution.plan_reader import PLAN_PREFIX, plan_reader

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import Duration
    from aws_cdk.aws_batch import IJobQueue, JobQueue
    from aws_cdk.aws_ecr import IRepository
    from aws_cdk.aws_ecr_assets import DockerImageAsset
    from aws_cdk.aws_s3 import Bucket, IBucket
    from aws_cdk.aws_stepfunctions import (
        Chain,
        CustomState,
        IChainable,
        IStateMachine,
        StateMachine,
    )
    from constructs import Construct

    from sfn_fragments.environment import EnvBase
    from sfn_fragments_batch import JobOptions, MountPointConfiguration

#: The handlers of aibs-informatics-aws-lambda that plan an execution and clean up after it.
SCAFFOLDING_HANDLER = "aibs_informatics_aws_lambda.handlers.demand.scaffolding.handler"
REMOVAL_HANDLER = "aibs_informatics_aws_lambda.handlers.data_sync.remove_data_paths_handler"

# What is kept of the many things that Batch says about a job.
_JOB_FIELDS = [
    "JobArn",
    "JobDefinition",
    "JobId",
    "JobName",
    "JobQueue",
    "StartedAt",
    "Status",
    "StoppedAt",
]


class DemandExecutionFragment(EnvBaseStateMachineFragment):
    """Brings inputs from S3 to a file system, runs a command on them, takes its outputs back.

    The input says what to run, see
    `DemandExecutionRequest`; the output is
    ``{"request": {"demand_execution": {...}}, "tasks": {"batch_submit_task": {...}}}``: the
    request with its tags, and the job.

    A handler plans the execution. Then the inputs are copied, the command runs as a job, whose
    definition is registered for it alone, and the outputs are copied. What was made for it, the
    job definition and the folders, is removed whatever comes of it. A failure keeps its own error
    and cause, also one in a nested execution.

    Its inputs and outputs number some 350 at most, of which a folder is one, whatever it holds: the
    handler plans all of them in one response, and a state takes 256 KiB of it. A plan that is
    larger fails the execution before anything is copied. With ``keep_plan_in_s3``, it may have as
    many as the execution's input can name.

    Enters 10 states, one more for each input, each output and each folder that is removed, one
    more where a tag is a reference path, and those of the nested executions: for the planning, for
    each input, each output and each folder. With one input, one output and two folders, as the
    handler plans it, and the machines below, 44 in all.

    The queue, the job role and, where its image is named without a registry, the repository that an
    execution names must have names that begin with the environment base: its role is allowed no
    others. List others by ``allowed_resources`` of `to_state_machine`.

    When to use:
        To run any command on data in S3 that wants files, with image, command, memory and data
        named by each request.

        Not for a command that reads and writes S3 itself: ``batch.submit_job`` runs it as one job,
        where this fragment runs six.

    Deletes:
        The working folder of the run, named by ``execution_id``, with all that the command left in
        it, whether it succeeds or fails. With ``{"cleanup_working_dir": False}`` in
        ``context_manager_configuration`` it stays. Two runs of one id share the folder, and the
        first that ends removes it.

        The copies of the inputs on the file system, unless ``{"cleanup_inputs": False}``. They are
        in the working folder; with ``{"isolate_inputs": False}`` they are copies that other runs
        share, and may be reading. Inputs in S3 are never deleted.

        In S3, everything at the place of an output that is no part of this output. The place is
        every key that begins like it: an output at ``s3://results/counts.txt`` deletes
        ``s3://results/counts.txt.old``, one at ``s3://results/run/`` all else in that folder. No
        setting prevents it: give each run a place of its own.

        The job definitions that were registered for the run are deregistered. The folder for
        temporary files stays, and so do requests and responses in the scaffolding bucket.

    Args:
        scope: The construct that holds the fragment.
        id: Its id, unique in the scope.
        env_base: Environment base. File systems and access points need a tag ``env_base`` with
            it, by which the handler finds them.
        aibs_informatics_docker_asset: Image with ``aibs-informatics-aws-lambda``: an asset, a
            repository, whose latest image is meant, or its URI.
        scaffolding_bucket: Bucket of the handlers' requests and responses, or its name.
        scaffolding_job_queue: Job queue of the handlers, or its name or ARN.
        batch_invoked_lambda_state_machine: Runs a handler: a state machine of
            ``BatchInvokedLambdaFunction.with_defaults``.
        data_sync_state_machine: Copies data: one of ``DataSyncFragment`` or
            ``DistributedDataSyncFragment``, with the same file systems mounted.
        shared_mount_point_config: File system of inputs that executions share, read-only for
            the command; or several candidates.
        scratch_mount_point_config: File system of the working folders; or several candidates.
        tmp_mount_point_config: File system of temporary files; or several candidates. Defaults
            to the folder ``tmp`` of the scratch file system.
        file_system_selection_strategy: How one candidate of each role is chosen: ``RANDOM``, the
            default, with the execution's id as the seed. With a strategy, or more than one
            candidate for any role, the handler is sent arrays, which those of
            ``aibs-informatics-aws-lambda`` that know no candidates do not understand.
        context_manager_configuration: Options of the planning: ``isolate_inputs``,
            ``cleanup_inputs``, ``cleanup_working_dir``, ``env_file_write_mode``,
            ``input_data_sync_configuration`` and ``output_data_sync_configuration``. Values may
            be reference paths.
        tags: Tags of the job, above which those of the request go. Values may be reference
            paths into the request, such as ``$.execution_id``.
        max_concurrency: How many inputs, and later how many outputs, are copied at a time: 1 to
            40, or to 10,000 with ``keep_plan_in_s3``. Each submits jobs, of which Batch takes 50 a
            second for the whole account.
        keep_plan_in_s3: Leave the plan in S3, and copy inputs and outputs by distributed Maps that
            read from it. Adds a Lambda function to the stack, which takes the plan apart, and one
            state. A failed copy fails the execution with
            ``States.ExceedToleratedFailureThreshold``, and its own error is in the Map run.
        tolerated_failure_percentage: How many of the inputs, and later of the outputs, may fail to
            be copied, in percent; needs ``keep_plan_in_s3``.
        timeout: How long an attempt of the command's job may run, as a duration, in seconds (60 or
            more), or as a reference path to seconds. Batch then ends it, and the job has failed.
            Defaults to no limit.
        job_options: Any other setting of the command's job. Its tags go below ``tags``, its retry
            strategy above the planned one. The jobs of the two machines have the options that
            their own fragments were given.

    Raises:
        InvalidParametersError: Some parameters cannot work; all of them are named.

    Examples:
        ```python
        DemandExecutionFragment(
            self, "Demand", env_base, image, bucket, "dev-x-queue", run_handler, sync,
            shared_mount_point_config=shared, scratch_mount_point_config=scratch,
            tags={"team": "imaging", "execution": "$.execution_id"},
        ).to_state_machine("demand-execution")
        ```
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        env_base: EnvBase,
        aibs_informatics_docker_asset: DockerImageAsset | IRepository | str,
        scaffolding_bucket: Bucket | IBucket | str,
        scaffolding_job_queue: JobQueue | IJobQueue | str,
        batch_invoked_lambda_state_machine: StateMachine | IStateMachine,
        data_sync_state_machine: StateMachine | IStateMachine,
        shared_mount_point_config: MountPointConfiguration
        | Sequence[MountPointConfiguration]
        | None,
        scratch_mount_point_config: MountPointConfiguration
        | Sequence[MountPointConfiguration]
        | None,
        tmp_mount_point_config: MountPointConfiguration
        | Sequence[MountPointConfiguration]
        | None = None,
        file_system_selection_strategy: Literal["RANDOM"] | None = None,
        context_manager_configuration: dict[str, Any] | None = None,
        tags: dict[str, str] | None = None,
        *,
        max_concurrency: int = DEFAULT_CONCURRENCY,
        keep_plan_in_s3: bool = False,
        tolerated_failure_percentage: float = 0,
        timeout: Duration | int | str | None = None,
        job_options: JobOptions | None = None,
    ) -> None:
        subject = f"DemandExecutionFragment {id!r}"
        candidates = {
            "shared": shared_mount_point_config,
            "scratch": scratch_mount_point_config,
            "tmp": tmp_mount_point_config,
        }
        refuse(
            subject,
            execution_problems(
                scope,
                id,
                env_base,
                file_system_selection_strategy,
                candidates,
                aibs_informatics_docker_asset=aibs_informatics_docker_asset,
                scaffolding_bucket=scaffolding_bucket,
                scaffolding_job_queue=scaffolding_job_queue,
                batch_invoked_lambda_state_machine=batch_invoked_lambda_state_machine,
                data_sync_state_machine=data_sync_state_machine,
                context_manager_configuration=context_manager_configuration,
                tags=tags,
                max_concurrency=max_concurrency,
                keep_plan_in_s3=keep_plan_in_s3,
                tolerated_failure_percentage=tolerated_failure_percentage,
                timeout=timeout,
                job_options=job_options,
            ),
        )
        super().__init__(scope, id, env_base)
        mounted = file_systems(subject, file_system_selection_strategy, candidates)
        options, own, _ = with_options(scope, env_base, job_options, {"timeout": timeout})
        self._max_concurrency = max_concurrency
        self._tolerated_failure_percentage = tolerated_failure_percentage
        job = named(
            {
                "image": aibs_informatics_docker_asset,
                "bucket_name": scaffolding_bucket,
                "job_queue": scaffolding_job_queue,
            }
        )
        self._bucket_name: str = job["bucket_name"]
        self._plan_reader = (
            plan_reader(self, scaffolding_bucket, self._bucket_name) if keep_plan_in_s3 else None
        )
        # Asked for once: each time is a round trip to Node.
        self._run_handler = batch_invoked_lambda_state_machine.state_machine_arn
        self._sync = data_sync_state_machine.state_machine_arn
        stack = self.get_stack_of()
        # Where images are whose names say nothing of a registry.
        self._registry = f"{stack.account}.dkr.ecr.{stack.region}.{stack.url_suffix}"
        self._settings = Settings(
            self,
            {
                **job,
                # Parts of them may be paths: of the folder of an execution, say.
                "file_systems": mounted.configurations,
                "mount_points": mounted.mount_points,
                "volumes": mounted.volumes,
                "authorized": list(mounted.authorized),
                "context_manager_configuration": context_manager_configuration or None,
                **option_settings(options, own),
            },
            overrides_path="$",
        )
        warn_of_secrets(self, self._settings)
        # What the handler has planned, the image of the job, its definition, and what failed.
        self._plan = variable_name(self, "plan")
        self._image = variable_name(self, "image")
        self._definition = variable_name(self, "job definition")
        self._failure = variable_name(self, "failure")
        # A request plans the queue.
        planned = self._planned("job", "job_queue_name")
        other = self._settings.get("fallback_job_queue")
        self._tries = Tries(self, self._settings, (planned, other))
        self._tag_chains = 0
        # The planning sees them, and the job definition has them too.
        tags = {**(options.tags or {}), **(tags or {})}
        self.definition = self._states(self.demand_execution_normalize_tags_chain(tags))

    def demand_execution_normalize_tags_chain(self, tags: dict[str, str] | None) -> IChainable:
        """Merge tags into those of a request, whose own win.

        Enters 1 state, or 2 where a tag is a reference path.

        Args:
            tags: Tags, whose values may be reference paths into the request.

        Returns:
            The chain. Its input is a request, its output the request with all tags in
            ``execution_metadata.tags``.
        """
        # A subclass may use it for a chain of its own, besides the one of the fragment.
        self._tag_chains += 1
        number = "" if self._tag_chains == 1 else f" {self._tag_chains}"
        given = {key: reference(value) for key, value in (tags or {}).items()}
        states = []
        build_tags: Any = given
        if any(is_dynamic(value) for value in given.values()):
            variable = variable_name(self, f"tags{number}")
            build_tags = field(variable)
            resolve = {"Type": "Pass", "Assign": {variable: parameters(given)}}
            states.append(state(self, f"Resolve tags{number}", resolve))
        merge = {
            "Type": "Pass",
            "QueryLanguage": "JSONata",
            "Output": render(merged_tags(build_tags)),
        }
        return chain(*states, state(self, f"Merge tags{number}", merge))

    def _states(self, normalize: IChainable) -> Chain:
        prepare = resolving(self, [self._settings], "$")
        plan = self._plan_execution()
        inputs = self._transfer("input")
        find_image = self._find_image()
        register = self._register()
        submit = self._submit()
        outputs = self._transfer("output")
        deregister = self._deregister("Deregister job definition")
        remove = self._remove("")

        prepare.next(normalize).next(plan)
        planning = [plan]
        if self._plan_reader is not None:
            planning.append(self._read_plan(self._plan_reader))
            plan.next(planning[-1])
        planning[-1].next(inputs)
        image_known = Choice.jsonata(self, state_name(self, "Is image known"))
        inputs.next(image_known)
        condition = has_version(self._planned("job", "image"))
        image_known.when(Condition.jsonata(str(render(condition))), register)
        image_known.otherwise(find_image)
        find_image.next(register)
        chain(register, submit, outputs, deregister, remove)

        failure = field(self._failure)
        original = Expression(f"{{'Cause': {original_failure(failure, 'Cause')}}}")
        fail = Fail.jsonata(
            self,
            state_name(self, "Fail"),
            error=str(render(original_failure(failure, "Error"))),
            cause=str(render(told_cause(original))),
        )
        deregister_after_failure = self._deregister("Deregister job definition after failure")
        remove_after_failure = self._remove(" after failure")
        chain(deregister_after_failure, remove_after_failure).next(fail)
        # The error that counts is the first: one of the cleaning up does not replace it.
        first = {self._failure: render(Expression("$states.errorOutput"))}
        from_map = {self._failure: JsonPath.string_at("$")} if self._plan_reader else first
        for failing in (*planning, remove):
            failing.add_catch(fail, errors=["States.ALL"], assign=first)
        for failing in (find_image, register, deregister):
            failing.add_catch(remove_after_failure, errors=["States.ALL"], assign=first)
        inputs.add_catch(remove_after_failure, errors=["States.ALL"], assign=from_map)
        if self._tries:
            decide = self._tries.decide(failure, submit, deregister_after_failure)
            submit.add_catch(decide, errors=["States.TaskFailed"], assign=first)
        submit.add_catch(deregister_after_failure, errors=["States.ALL"], assign=first)
        outputs.add_catch(deregister_after_failure, errors=["States.ALL"], assign=from_map)
        deregister_after_failure.add_catch(remove_after_failure, errors=["States.ALL"])
        remove_after_failure.add_catch(fail, errors=["States.ALL"])
        return custom_chain(prepare, remove)

    def _planned(self, *names: str) -> Expression:
        return field(self._plan, *names)

    def _handler_input(self, handler: str, payload: Any) -> dict[str, Any]:
        """What a machine that runs handlers is told."""
        return {
            "handler": handler,
            "payload": payload,
            "image": self._settings.get("image"),
            "bucket_name": self._settings.get("bucket_name"),
            "job_queue": self._settings.get("job_queue"),
            "mount_points": self._settings.get("mount_points"),
            "volumes": self._settings.get("volumes"),
        }

    def _plan_execution(self) -> CustomState:
        payload = {
            "demand_execution": INPUT,
            "file_system_configurations": self._settings.get("file_systems"),
        }
        options = self._settings.get("context_manager_configuration")
        if options is not None:
            payload["context_manager_configuration"] = options
        handler_input = self._handler_input(SCAFFOLDING_HANDLER, payload)
        output = Expression("$states.result.Output")
        if self._plan_reader is None:
            assigned = self._assigned(output)
        else:
            handler_input |= {"return_response": False, "key_prefix": PLAN_PREFIX}
            assigned = {self._plan: render(output)}
        return state(
            self,
            "Plan execution",
            {
                **execution_task(self._run_handler, handler_input),
                "Assign": assigned,
                "Output": render(INPUT),
            },
        )

    def _read_plan(self, function_arn: str) -> CustomState:
        place = {name: self._planned(name) for name in ("Bucket", "Key")}
        return self._task(
            "Read plan",
            "arn:aws:states:::lambda:invoke",
            {"FunctionName": function_arn, "Payload": {**place, "Prefix": PLAN_PREFIX}},
            Retry=LAMBDA_RETRY,
            Assign=self._assigned(Expression("$states.result.Payload")),
            Output=INPUT,
        )

    def _assigned(self, output: Expression) -> dict[str, Any]:
        """The variables that hold what the handler has planned."""
        job = f"{output}.setup_configs.batch_create_request"
        tags = f"{output}.demand_execution.execution_metadata.tags"
        requests = {
            "inputs": Expression(f"[{output}.setup_configs.data_sync_requests]"),
            "outputs": Expression(f"[{output}.cleanup_configs.data_sync_requests]"),
        }
        if self._plan_reader is not None:
            requests = {name: Expression(f"{output}.Objects.{name}") for name in requests}
        plan = {
            **requests,
            "removals": Expression(f"[{output}.cleanup_configs.remove_data_paths_requests]"),
            "job": Expression(job),
            "type": Expression(f"{output}.demand_execution.execution_type"),
            # Batch takes no empty set of tags; the definition has at least the user's.
            "tags": Expression(f"($count($keys({tags})) > 0 ? {tags} : {job}.job_definition_tags)"),
        }
        return {
            self._plan: render(plan),
            self._image: render(full_image(Expression(f"{job}.image"), self._registry)),
        }

    def _find_image(self) -> CustomState:
        repository = self._planned("job", "image")
        return self._task(
            "Find latest image",
            "arn:aws:states:::aws-sdk:ecr:describeImages",
            {
                "RepositoryName": repository,
                "Filter": {"TagStatus": "TAGGED"},
                "MaxResults": 1000,
            },
            Retry=ECR_RETRY,
            Assign={self._image: latest_image(repository, self._registry)},
            Output=INPUT,
        )

    def _transfer(self, what: str) -> CustomState:
        if self._plan_reader is not None:
            limits: dict[str, Any] = {"MaxConcurrency": self._max_concurrency}
            if self._tolerated_failure_percentage:
                limits["ToleratedFailurePercentage"] = self._tolerated_failure_percentage
            key = f"States.Format('{PLAN_PREFIX}{{}}', {self._planned(f'{what}s')})"
            return execution_for_each_in_s3(
                self,
                f"Transfer {what}s",
                f"Transfer {what}",
                {"Bucket": self._bucket_name, "Key.$": key},
                self._sync,
                limits,
            )
        return execution_for_each(
            self,
            f"Transfer {what}s",
            f"Transfer {what}",
            self._planned(f"{what}s"),
            self._sync,
            INPUT,
            self._max_concurrency,
        )

    def _remove(self, when: str) -> CustomState:
        return execution_for_each(
            self,
            f"Remove data paths{when}",
            f"Remove data path{when}",
            self._planned("removals"),
            self._run_handler,
            self._handler_input(REMOVAL_HANDLER, INPUT),
            self._max_concurrency,
        )

    def _task(
        self, label: str, resource: str, arguments: Mapping[str, Any], **fields: Any
    ) -> CustomState:
        return state(
            self,
            label,
            {
                "Type": "Task",
                "QueryLanguage": "JSONata",
                "Resource": resource,
                "Arguments": render(arguments),
                **render(fields),
            },
        )

    def _register(self) -> CustomState:
        job = self._planned("job")
        volumes = authorized_volumes(self._listed("volumes"), self._settings.get("authorized"))
        options = container_fields(self._settings)
        planned = Expression(
            f"[$each({job}.environment, "
            'function($v, $k) { {"Name": $k, "Value": $string($v)} })]'
        )
        variables = {"Environment": options.pop("Environment")} if "Environment" in options else {}
        environment = with_fields({"Environment": planned}, variables)["Environment"]
        properties = (
            f'{{"Image": {field(self._image)}, "Command": [{job}.command], '
            # Overrides would have 8,192 characters for it.
            f'"Environment": {environment}, '
            f'"ResourceRequirements": {self._listed("resource_requirements")}, '
            f'"MountPoints": {self._listed("mount_points")}, '
            f'"Volumes": {volumes}, '
            f'"Privileged": {job}.privileged = true}}'
        )
        own = {
            key: self._settings.get(name) for key, name in ROLES.items() if name in self._settings
        }
        # AWS refuses an expression without a value, and Batch an empty role.
        role = f"{job}.job_role_arn"
        with_role = f'($type({role}) = "string" ? {{"JobRoleArn": {role}}} : {{}})'
        parts = [properties, with_role]
        if own:
            parts.insert(1, source(own))
        if options:
            parts.append(source(options))
        platforms = self._settings.get("platform_capabilities")
        strategy = f"{self._listed('retry_strategy')}[0]"
        return self._task(
            "Register job definition",
            "arn:aws:states:::aws-sdk:batch:registerJobDefinition",
            {
                # A definition that executions shared could not be deregistered after one.
                "JobDefinitionName": concat(
                    f"{self.env_base}-", self._planned("type"), "-", self._settings.id
                ),
                "Type": "container",
                "ContainerProperties": Expression(f"$merge([{', '.join(parts)}])"),
                "RetryStrategy": Expression(
                    f'($type({job}.retry_strategy) = "object" ? {strategy} : '
                    f"{source(default_retries(platforms))})"
                ),
                "Tags": self._planned("job", "job_definition_tags"),
                **({"PlatformCapabilities": platforms} if platforms else {}),
            },
            Retry=BATCH_RETRY,
            Assign={
                self._definition: Expression("$states.result.JobDefinitionArn"),
                **(self._tries.first() if self._tries else {}),
            },
            Output=INPUT,
        )

    def _listed(self, name: str) -> Expression:
        """A list of the planned job, with keys as Step Functions has them."""
        listed: Expression = pascal_case(self._planned("job", name))
        return listed

    def _submit(self) -> CustomState:
        job = f"$sift($states.result, function($v, $k) {{ $k in {source(_JOB_FIELDS)} }})"
        limit = self._settings.given("runnable_timeout")
        queue, name = self._tries.queue(), self._planned("job", "job_name")
        strategy = Expression(f"{self._listed('retry_strategy')}[0]")
        if limit is not None:
            # The planned name is that of every execution of the request: one that is looked for has
            # its own, and so has each try. Batch takes 128 characters.
            name = Expression(f"$substring({name}, 0, 88) & '-' & {self._settings.id}")
            if self._tries:
                name = concat(name, Expression(self._tries.suffix()))
        submit = self._task(
            "Submit job",
            "arn:aws:states:::batch:submitJob.sync",
            with_fields(
                {
                    "JobName": name,
                    "JobDefinition": field(self._definition),
                    "JobQueue": queue,
                    "Tags": self._planned("tags"),
                    "PropagateTags": True,
                    **self._tries.retry_strategy(strategy),
                },
                submit_fields(self._settings),
            ),
            Retry=SUBMIT_REGISTERED_RETRY,
            Output={
                "request": {"demand_execution": self._tries.input if self._tries else INPUT},
                "tasks": {"batch_submit_task": Expression(job)},
            },
        )
        if limit is None:
            return submit
        return watched(self, submit, name=name, queue=queue, limit=limit, assign=None)

    def _deregister(self, label: str) -> CustomState:
        return self._task(
            label,
            "arn:aws:states:::aws-sdk:batch:deregisterJobDefinition",
            {"JobDefinition": field(self._definition)},
            Retry=BATCH_RETRY,
            Output=INPUT,
        )

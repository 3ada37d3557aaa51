"""Data sync by any number of jobs side by side."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from aws_cdk.aws_stepfunctions import StateGraph

from sfn_fragments.states.asl import chain, parameters, state
from sfn_fragments.states.naming import variable_name
from sfn_fragments.validation import number, problems_of
from sfn_fragments_asl.model.jsonata_source import Expression, concat, field, render, source
from sfn_fragments_asl.model.retriers import (
    BATCH_RETRY,
    DISTRIBUTED_MAP_RETRY,
    S3_RETRY,
    SUBMIT_REGISTERED_RETRY,
)
from sfn_fragments_batch import BatchInvokedBaseFragment
from sfn_fragments_batch.described import described_by
from sfn_fragments_batch.handler import event_environment, handler_environment
from sfn_fragments_batch.handler_job import HandlerJob
from sfn_fragments_batch.job_fields import submit_fields, with_fields
from sfn_fragments_batch.job_states import JobStates
from sfn_fragments_batch.option_table import SUBMITTED
from sfn_fragments_batch.tries import Tries
from sfn_fragments_batch.watched import watched
from sfn_fragments_data_sync.sync import HANDLERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aws_cdk import Duration
    from aws_cdk.aws_batch import IJobQueue, JobQueue
    from aws_cdk.aws_ecr import IRepository
    from aws_cdk.aws_ecr_assets import DockerImageAsset
    from aws_cdk.aws_iam import IRole, Role
    from aws_cdk.aws_s3 import Bucket, IBucket
    from aws_cdk.aws_stepfunctions import CustomState
    from constructs import Construct

    from sfn_fragments.environment import EnvBase
    from sfn_fragments_batch import JobOptions, MountPointConfiguration
    from sfn_fragments_batch.settings import Settings

#: Batches at a time, unless told otherwise. Step Functions starts all of them at once, and Batch
#: takes 50 submissions a second for the whole account: this leaves half of them to others.
DEFAULT_MAX_CONCURRENCY = 25


@described_by(HandlerJob)
class DistributedDataSyncFragment(BatchInvokedBaseFragment):
    """Copies data from a source path to a destination path by many jobs side by side.

    A first job lists the source and divides it into batches; each batch is then synced by a job
    of its own, in a child execution of a distributed Map. The batches' requests, and their
    responses, stay in S3, so that there can be any number of them. All batches share one job
    definition, which is deregistered whatever comes of them.

    Enters 8 states and 2 for each batch, 4 fewer with its job definitions in the stack. The input
    is the request of the handler, ``{"source_path": "s3://source/a/", "destination_path":
    "s3://results/b/"}`` and its options, among them ``batch_size_bytes_limit`` and
    ``temporary_request_payload_path``, where the requests of the batches are put: by default at
    ``s3://<bucket>/<key_prefix><execution>/<id>/requests/``. Besides, the input may override
    ``job_queue``, ``memory``, ``vcpus``, ``gpu``, ``environment``, ``mount_points`` and
    ``volumes``, ``bucket_name`` and ``key_prefix``, for the job that prepares and for those of the
    batches.

    The output is ``{"map_run_arn": "arn:...", "results": {"bucket": "...", "key": "..."}}``. The
    object there is the manifest that Step Functions writes of the Map's results: it lists the
    files that hold the response of each batch, or its error.

    When to use:
        To copy what one job would take too long for: many terabytes, or millions of objects.

        Not for less: ``data_sync.sync`` is one job, and enters fewer states.

    Deletes:
        The same as ``data_sync.sync``, by each job within the folder or object that this job
        copies: what is only in the destination there, unless the input says ``"delete": false``;
        and the source after the copy, with ``"retain_source_data": false``.

        A folder of the destination that the source lacks is deleted only if no batch divides the
        folder around it. So neither rely on a mirror, nor on the survival of what is there: say
        ``"delete": false``, or give a destination that holds nothing else.

        The job definitions that were registered for the run are deregistered. Requests, responses
        and the list of batches stay in the scaffolding bucket.

    Args:
        scope: The construct that holds the fragment.
        id: Its id, unique in the scope.
        env_base: Environment base.
        max_concurrency: How many batches are synced at a time, 1 to 10,000. All of them are
            submitted at once, and Batch takes 50 submissions a second for the whole account.
        tolerated_failure_count: How many batches may fail before the execution fails.
        tolerated_failure_percentage: How many batches may fail, in percent of all. Where both
            are given, neither may be exceeded.
        deploy_job_definition: Make the two job definitions part of the stack, instead of
            registering them for each run: 4 states and 4 calls fewer. The input cannot override
            mount points then.

    Raises:
        InvalidParametersError: Some parameters cannot work; all of them are named.

    Examples:
        ```python
        DistributedDataSyncFragment(
            self, "Sync", env_base, aibs_informatics_docker_asset=image,
            batch_job_queue="dev-x-queue", scaffolding_bucket=bucket,
        ).to_state_machine("distributed-data-sync")
        ```
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        env_base: EnvBase,
        aibs_informatics_docker_asset: DockerImageAsset | IRepository | str,
        batch_job_queue: JobQueue | IJobQueue | str,
        scaffolding_bucket: Bucket | IBucket | str,
        batch_job_role: Role | IRole | str | None = None,
        mount_point_configs: Iterable[MountPointConfiguration] | None = None,
        *,
        max_concurrency: int = DEFAULT_MAX_CONCURRENCY,
        tolerated_failure_count: int = 0,
        tolerated_failure_percentage: float = 0,
        timeout: Duration | int | str | None = None,
        deploy_job_definition: bool = False,
        job_options: JobOptions | None = None,
    ) -> None:
        subject = f"DistributedDataSyncFragment {id!r}"
        limits = {
            "max_concurrency": max_concurrency,
            "tolerated_failure_count": tolerated_failure_count,
            "tolerated_failure_percentage": tolerated_failure_percentage,
        }
        job = HandlerJob.of(subject, locals(), problems_of(limits, _LIMIT_RULES))
        super().__init__(scope, id, env_base)
        settings = job.settings(
            self,
            subject,
            name="prepare-data-sync",
            handler=f"{HANDLERS}.prepare_batch_data_sync_handler",
        )
        batch = BatchInvokedBaseFragment(self, "Batch", env_base)
        batch_settings = job.settings(
            batch,
            subject,
            name="batch-data-sync",
            handler=f"{HANDLERS}.batch_data_sync_handler",
            memory="4096",
            vcpus="2",
        )
        states, batch_states = JobStates(self, settings), JobStates(batch, batch_settings)
        event = event_environment(states.uri("request"), states.uri("response"))
        handler = handler_environment(batch, batch_settings)
        # What the Map needs, and what the jobs of its children override.
        batches = field(variable_name(self, "batches"))
        overrides = batch_states.overrides(handler)
        prepare = states.with_request(
            "$",
            {**handler_environment(self, settings), **event},
            request=_with_payload_path(states, settings),
            others=[batch_settings],
            assign={batches[1:]: _keys(states) | ({"overrides": overrides} if overrides else {})},
        )
        passed = {"job_definition": batch_states.definition}
        if overrides:
            passed["overrides"] = Expression(f"{batches}.overrides")
        sync = self._sync_batches(settings, batch_settings, batches, passed, limits, batch)
        self.definition = prepare.next(batch_states.around(sync, handler))

    def _sync_batches(
        self,
        settings: Settings,
        batch_settings: Settings,
        batches: Expression,
        passed: dict[str, Any],
        limits: dict[str, Any],
        batch: BatchInvokedBaseFragment,
    ) -> CustomState:
        bucket = settings.get("bucket_name")
        if options := batch_settings.computed(SUBMITTED):
            passed = {**passed, "options": options}
        if "fallback_job_queue" in settings:
            passed = {**passed, "fallback": settings.get("fallback_job_queue")}
        return state(
            self,
            "Sync batches",
            {
                "Type": "Map",
                "ItemReader": {
                    "Resource": "arn:aws:states:::s3:getObject",
                    "ReaderConfig": {"InputType": "JSON", "ItemsPointer": "/requests"},
                    "Parameters": {"Bucket.$": bucket, "Key.$": f"{batches}.requests"},
                },
                # A child execution sees no variables of its parent.
                "ItemSelector": {
                    "request.$": "$$.Map.Item.Value",
                    "job_queue.$": settings.get("job_queue"),
                    "bucket.$": bucket,
                    "folder.$": f"{batches}.responses",
                    **parameters(passed),
                },
                "ItemProcessor": {
                    "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                    **_batch(batch, batch_settings, overriding="overrides" in passed),
                },
                "ResultWriter": {
                    "Resource": "arn:aws:states:::s3:putObject",
                    "Parameters": {"Bucket.$": bucket, "Prefix.$": f"{batches}.results"},
                },
                "ResultSelector": {
                    "map_run_arn.$": "$.MapRunArn",
                    "results": {
                        "bucket.$": "$.ResultWriterDetails.Bucket",
                        "key.$": "$.ResultWriterDetails.Key",
                    },
                },
                # Files that are there already are not copied again.
                "Retry": DISTRIBUTED_MAP_RETRY,
                **_map_limits(**limits),
            },
        )


def _keys(states: JobStates) -> dict[str, Any]:
    """Where the batches' requests are listed, and where their responses and results go."""
    return {
        "requests": states.key("response.json"),
        "responses": states.key("responses/"),
        "results": states.key("results"),
    }


def _batch(fragment: BatchInvokedBaseFragment, settings: Settings, *, overriding: bool) -> Any:
    """The states of one batch, as JSON: submit its job, get its response.

    The request is short, being the location of the batch's requests, and goes along with the job.
    """
    falls_back = "fallback_job_queue" in settings
    # A try after a failure is entered with the failure, and not with what is known of the batch.
    root = (variable_name(fragment, "input"),) if falls_back else ("states", "input")
    given = partial(field, *root)
    tries = Tries(fragment, settings, (given("job_queue"), given("fallback")))
    name = Expression("$states.context.Execution.Name")
    key = concat(given("folder"), name, ".json")
    event = event_environment(
        Expression(f"$string({given('request')})"), concat("s3://", given("bucket"), "/", key)
    )
    variables: Any = [{"Name": name, "Value": value} for name, value in event.items()]
    overrides: Any = {"Environment": variables}
    if overriding:
        own = given("overrides")
        environment = f"$append({own}.Environment, {source(variables)})"
        overrides = Expression(f'$merge([{own}, {{"Environment": {environment}}}])')
    limit = settings.given("runnable_timeout")
    job_name = concat(fragment.env_base.prefixed("batch-data-sync"), "-", name)
    if limit is not None and tries:
        # Those who look at a try must not see the one before.
        job_name = concat(job_name, "-", Expression(tries.suffix()))
    submit = state(
        fragment,
        "Submit job",
        {
            "Type": "Task",
            "QueryLanguage": "JSONata",
            "Resource": "arn:aws:states:::batch:submitJob.sync",
            "Arguments": render(
                with_fields(
                    {
                        "JobName": job_name,
                        "JobDefinition": given("job_definition"),
                        "JobQueue": tries.queue(),
                        "ContainerOverrides": overrides,
                        **tries.retry_strategy(),
                    },
                    submit_fields(settings, *root, "options"),
                )
            ),
            "Retry": BATCH_RETRY if overriding else SUBMIT_REGISTERED_RETRY,
            "Output": render(field(*root)),
        },
    )
    if limit is not None:
        submit = watched(
            fragment, submit, name=job_name, queue=tries.queue(), limit=limit, assign=None
        )
    get = state(
        fragment,
        "Get response",
        {
            "Type": "Task",
            "QueryLanguage": "JSONata",
            "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
            "Arguments": render({"Bucket": given("bucket"), "Key": key}),
            "Retry": S3_RETRY,
            "Output": render(Expression("$parse($states.result.Body)")),
        },
    )
    states = [submit, get]
    if falls_back:
        begin = {"Type": "Pass", "QueryLanguage": "JSONata", "Assign": tries.first()}
        states.insert(0, state(fragment, "Begin batch", begin))
    if falls_back or settings.given("failure_summary"):
        tries.catch(submit, "Fail batch")
    return StateGraph(chain(*states).start_state, "The sync of one batch").to_graph_json()


def _with_payload_path(states: JobStates, settings: Settings) -> Expression:
    """The input with a place for the requests of the batches, unless it names one."""
    path = concat("s3://", settings.get("bucket_name"), "/", states.key("requests/"))
    default = source({"temporary_request_payload_path": path})
    given = "$states.input.temporary_request_payload_path"
    return Expression(f"$merge([$states.input, {given} ? {{}} : {default}])")


_LIMIT_RULES = {
    "max_concurrency": number(1, 10_000, whole=True),
    "tolerated_failure_count": number(0, whole=True),
    "tolerated_failure_percentage": number(0, 100),
}


def _map_limits(
    max_concurrency: int, tolerated_failure_count: int, tolerated_failure_percentage: float
) -> dict[str, Any]:
    limits: dict[str, Any] = {"MaxConcurrency": max_concurrency}
    # A threshold of 0 would stand beside the other one, and forbid what that one tolerates.
    if tolerated_failure_count:
        limits["ToleratedFailureCount"] = tolerated_failure_count
    if tolerated_failure_percentage:
        limits["ToleratedFailurePercentage"] = tolerated_failure_percentage
    return limits

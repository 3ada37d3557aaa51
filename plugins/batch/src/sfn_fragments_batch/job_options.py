"""One value for what a job may be told beyond its image, its command and its resources.

The whole organisation gives one by a hook, a construct gives its own, and an execution's input
changes what the construct allows: later ones win, tags one by one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aws_cdk import Duration
    from aws_cdk.aws_batch import IJobQueue
    from aws_cdk.aws_batch import Secret as BatchSecret
    from aws_cdk.aws_ecs import Secret as EcsSecret
    from aws_cdk.aws_iam import IRole
    from aws_cdk.aws_logs import ILogGroup
    from aws_cdk.aws_secretsmanager import ISecret
    from aws_cdk.aws_ssm import IStringParameter
    from constructs import Construct

    from sfn_fragments.environment import EnvBase


@dataclass(frozen=True, kw_only=True)
class JobOptions:
    """Settings of a job, for every fragment and function that runs one (``job_options=``).

    Texts and numbers may be literals, reference paths (``$.team``), intrinsic functions or CDK
    tokens, also within objects and lists. With ``deploy_job_definition=True``, and for an existing
    job definition, those that only a job definition holds must be known at synthesis; they are
    marked *definition*. The others go to SubmitJob and may be paths always.
    https://docs.aws.amazon.com/batch/latest/APIReference/API_SubmitJob.html
    https://docs.aws.amazon.com/batch/latest/APIReference/API_ContainerProperties.html

    Args:
        tags: ``tags`` of the job, name to value, at most 50. Those of the organisation, of the
            construct and of the input are merged one by one.
        propagate_tags: ``propagateTags``: whether the ECS task gets the job's tags, as the
            allocation of costs needs them. Batch's own default is not to.
        retry_strategy: ``retryStrategy``: how many attempts in all, 1 to 10, whatever the reason;
            or the API's object, ``{"attempts": 3, "evaluateOnExit": [...]}``. Defaults to 5
            attempts where the job did not start or its host was taken away; its own failure is
            final.
        share_identifier: ``shareIdentifier``; a queue with a fair-share policy takes no job
            without, and any other queue none with it. Up to 255 letters and digits, then ``*`` or
            nothing.
        scheduling_priority: ``schedulingPriorityOverride``, 0 to 9999: the higher, the sooner among
            the jobs of its share identifier. Batch asks for one wherever there is a share
            identifier: it then defaults to 0.
        timeout: How long an attempt may run: a duration, or seconds, 60 or more
            (``attemptDurationSeconds``). The parameter of that name is the same.
        log_configuration: ``logConfiguration`` (*definition*): a log group or its name, for the
            driver ``awslogs``; or the API's object. Defaults to ``/aws/batch/job``. An execution
            role that is a construct may then write to a log group that is one.
        shared_memory_size: ``sharedMemorySize``, MiB of ``/dev/shm`` (*definition*, EC2).
        tmpfs: ``tmpfs``: a list of ``containerPath``, ``size`` in MiB and ``mountOptions``
            (*definition*, EC2).
        devices: ``devices``: a list of ``hostPath``, ``containerPath`` and ``permissions``
            (*definition*, EC2).
        init_process_enabled: ``initProcessEnabled``: whether an init process reaps others
            (*definition*).
        max_swap: ``maxSwap``, MiB; 0 for none (*definition*, EC2).
        swappiness: ``swappiness``, 0 to 100; needs ``max_swap`` (*definition*, EC2).
        ulimits: ``ulimits``: name to the limit, or to the soft and the hard one, such as
            ``{"nofile": 65536}`` (*definition*, EC2).
        ephemeral_storage: ``ephemeralStorage``, 21 to 200 GiB (*definition*, Fargate).
        runtime_platform: ``runtimePlatform``: ``ARM64`` or ``X86_64``; or the API's object
            (*definition*, Fargate; on EC2 the instances of the compute environment decide).
        secrets: ``secrets``: name of an environment variable to a secret of Secrets Manager or a
            parameter of Parameter Store, as a construct, as an ARN, or as a parameter's name
            (*definition*). One field of a secret is what ``aws_batch.Secret`` or ``aws_ecs.Secret``
            makes of it, or the ARN and ``:field::``. They need an execution role; one that is a
            construct may then read them, and what the other options have it read.
        assign_public_ip: ``assignPublicIp``: whether the job gets a public address, which in a
            public subnet it needs to pull its image (*definition*, Fargate).
        platform: ``platformCapabilities``: ``EC2`` or ``FARGATE`` (*definition*). Defaults to what
            the compute environment of the queue shows, where the queue is a construct, else
            ``EC2``.
        job_role: ``jobRoleArn``, a role or its ARN (*definition*): what the job itself may do.
        execution_role: ``executionRoleArn``, a role or its ARN (*definition*): by it, ECS pulls the
            image, reads the secrets and writes logs. Fargate takes no job without.
        container_properties: Anything else of ``containerProperties`` of RegisterJobDefinition, as
            the API writes it, ``{"readonlyRootFilesystem": True}`` (*definition*). Merged last, at
            every depth; variables of ``environment`` are added, any other list replaces a list.
        submit_job: Anything else of SubmitJob, as the API writes it, ``{"dependsOn": [...]}``.
            Merged last, likewise.
        array_size: ``arrayProperties.size``, 2 to 10,000: so many jobs side by side, each with its
            own ``AWS_BATCH_JOB_ARRAY_INDEX``. Of ``batch.submit_job`` alone: the jobs of others
            would all write the same response. A failure names the children that failed.
        fallback_job_queue: A job queue, its name or its ARN: when Spot has taken the job away
            twice, it is submitted there. A ``retry_strategy`` of one's own says instead how often
            it is tried before. Adds a state that is entered after a failure alone.
        runnable_timeout: How long the job may wait for its start, as a duration or in seconds, 60
            or more; it is then terminated, and the cause says how long it waited, and in which
            queue. Enters 5 states more, and 3 for each minute of waiting. A queue of one's own has
            ``jobStateTimeLimitActions`` instead, which enter none.
        failure_summary: Whether the cause of a failed job begins with a ``Summary`` for people also
            where the job definition is there before the execution: status reason, exit code, name
            and console link of the log stream. Adds a ``Fail`` state, entered after a failure
            alone; a redrive fails there again, where it would go on with the job. Fragments that
            end in their own ``Fail`` have the ``Summary`` always.
        allow_override: Names of options that an execution's input may give, in its object
            ``job_options``: ``{"job_options": {"tags": {"sample": "A1"}}}``, with values as they
            are given here or, for objects, as the API has them. The input may give no other.

    Examples:
        ```python
        JobOptions(
            tags={"team": "imaging", "sample": "$.sample"},
            share_identifier="imaging",
            secrets={"TOKEN": token_secret},
            execution_role=role,
            allow_override=["tags", "share_identifier"],
        )
        ```
    """

    tags: Mapping[str, str] | None = None
    propagate_tags: bool | None = None
    retry_strategy: Mapping[str, Any] | int | str | None = None
    share_identifier: str | None = None
    scheduling_priority: int | str | None = None
    timeout: Duration | int | str | None = None
    log_configuration: ILogGroup | Mapping[str, Any] | str | None = None
    shared_memory_size: int | str | None = None
    tmpfs: Sequence[Mapping[str, Any]] | None = None
    devices: Sequence[Mapping[str, Any]] | None = None
    init_process_enabled: bool | None = None
    max_swap: int | str | None = None
    swappiness: int | str | None = None
    ulimits: Mapping[str, int | str | tuple[int | str, int | str]] | None = None
    ephemeral_storage: int | str | None = None
    runtime_platform: Mapping[str, str] | str | None = None
    secrets: Mapping[str, ISecret | IStringParameter | BatchSecret | EcsSecret | str] | None = None
    assign_public_ip: bool | None = None
    platform: Literal["EC2", "FARGATE"] | None = None
    job_role: IRole | str | None = None
    execution_role: IRole | str | None = None
    container_properties: Mapping[str, Any] | None = None
    submit_job: Mapping[str, Any] | None = None
    array_size: int | str | None = None
    fallback_job_queue: IJobQueue | str | None = None
    runnable_timeout: Duration | int | None = None
    failure_summary: bool | None = None
    allow_override: Sequence[str] | None = None

    def above(self, below: JobOptions) -> JobOptions:
        """These options, with others where these say nothing.

        Args:
            below: The others. Tags are merged one by one, the two open doors at every depth.

        Returns:
            The options of both.
        """
        merged: dict[str, Any] = {}
        for one in fields(self):
            mine, other = getattr(self, one.name), getattr(below, one.name)
            merging = one.name in _MERGED and isinstance(mine, Mapping)
            if merging and isinstance(other, Mapping):
                merged[one.name] = merged_deeply(other, mine)
            elif mine is None:
                merged[one.name] = other
        return replace(self, **merged)


#: Options of which both are heeded where two give them.
_MERGED = ("tags", "container_properties", "submit_job")


def merged_deeply(below: Any, above: Any) -> Any:
    """Two objects as one; where both have a field, it is that of the second, objects merged.

    Args:
        below: The first.
        above: The second, which wins.

    Returns:
        The merged object, in which environment variables are merged by their names.
    """
    if not isinstance(below, Mapping) or not isinstance(above, Mapping):
        return above
    merged = {}
    for name, value in above.items():
        lists = isinstance(value, list | tuple) and isinstance(below.get(name), list | tuple)
        if lists and str(name).lower() == "environment":
            merged[name] = with_variables(below[name], value)
        else:
            merged[name] = merged_deeply(below[name], value) if name in below else value
    return {**below, **merged}


def with_variables(below: Sequence[Any], above: Sequence[Any]) -> list[Any]:
    """Environment variables, as Batch's API or as Step Functions lists them, with others above.

    Args:
        below: The variables.
        above: Those that win.

    Returns:
        All of them, each name once.
    """
    names = {_name_of(variable) for variable in above}
    return [*(one for one in below if _name_of(one) not in names), *above]


def _name_of(variable: Any) -> Any:
    # What is no object is refused by the shape of the request.
    return variable.get("name", variable.get("Name")) if isinstance(variable, Mapping) else None


def organisation_options(scope: Construct, env_base: EnvBase) -> JobOptions:
    """What the plugins say of every job, by the hook ``sfn_fragments_batch_job_options``.

    Args:
        scope: The construct that will hold the fragment.
        env_base: Its environment base.

    Returns:
        Their options as one; where several plugins give an option, the one that pluggy calls first
        wins.

    Raises:
        PluginError: A plugin raises, or gives something else.
    """
    from sfn_fragments import get_registry

    offered: Iterable[JobOptions] = get_registry().offers(
        "sfn_fragments_batch_job_options", JobOptions, scope=scope, env_base=env_base
    )
    options = JobOptions()
    for one in offered:
        options = options.above(one)
    return options

"""Cleaning a file system by two jobs: one finds what is outdated, the other removes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfn_fragments.states.asl import custom_chain
from sfn_fragments_batch import BatchInvokedBaseFragment, BatchInvokedLambdaFunction
from sfn_fragments_batch.described import described_by
from sfn_fragments_batch.handler import handler_states
from sfn_fragments_batch.handler_job import HandlerJob
from sfn_fragments_efs.handlers import OUTDATED_DATA_PATH_SCANNER, REMOVE_DATA_PATHS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aws_cdk import Duration
    from aws_cdk.aws_batch import IJobQueue, JobQueue
    from aws_cdk.aws_ecr import IRepository
    from aws_cdk.aws_ecr_assets import DockerImageAsset
    from aws_cdk.aws_iam import IRole, Role
    from aws_cdk.aws_s3 import Bucket, IBucket
    from constructs import Construct

    from sfn_fragments.environment import EnvBase
    from sfn_fragments_batch import JobOptions, MountPointConfiguration


@described_by(HandlerJob)
class CleanFileSystemFragment(BatchInvokedBaseFragment):
    """Finds the paths in which nothing has been modified for days, and removes them.

    Enters 12 states and runs two jobs. The input is the request of the scanner,
    ``{"path": "efs://fs-0123456789abcdef0:/scratch", "days_since_last_accessed": 3}``, and may
    bound the search by ``min_depth`` and ``max_depth`` below the path, and what is removed by
    ``min_size_bytes_allowed``, the size to leave. A folder is as old as the newest file in it.
    Besides, the input may override ``job_queue``, ``memory``, ``vcpus`` and the other settings of
    `with_defaults`, for both jobs.

    The output is ``{"size_bytes_removed": 42, "paths_removed": [...]}``, the paths as the jobs
    see them; nothing where nothing is outdated. The path is one on EFS: the handler does not
    remove what is in S3. What is found passes through the states, which hold 256 KiB, some
    thousand paths; where that is too few, a ``max_depth`` makes it folders rather than files.

    When to use:
        To keep a scratch file system small: on a schedule, by ``CleanFileSystemTriggerRuleConfig``,
        or at the end of a state machine.

        Not for paths that you know: ``efs.remove_paths`` removes them whatever their age. To see
        beforehand what would go, run ``efs.outdated_path_scanner`` with the same input.

    Deletes:
        Every path below the given one in which nothing has been modified for more than
        ``days_since_last_accessed`` days: a file, or a folder with all that is in it. For good: EFS
        has no earlier versions, and only a backup brings them back.

        What counts is when a file was modified, in spite of the name: one that is read every day
        and never written is removed.

        The default is 0 days. An input of a ``path`` alone removes all of it, the path itself
        included. ``"min_depth": 1`` keeps the path and removes what is in it.

        With ``min_size_bytes_allowed``, the oldest paths go first, until no more than that is left.

        Nothing in S3. The job definitions that were registered for the run are deregistered.

    Args:
        scope: The construct that holds the fragment.
        id: Its id, unique in the scope.
        env_base: Environment base.
        memory: Memory in MiB, of each of the two jobs; a list tries again with the next amount
            where the memory ran out, and only then.
        vcpus: Number of vCPUs, of each of the two jobs.
        deploy_job_definition: Make the two job definitions part of the stack, instead of
            registering them for each run: 4 states and 4 calls fewer. The input cannot override
            mount points then.

    Raises:
        InvalidParametersError: Some parameters cannot work; all of them are named.

    Examples:
        ```python
        CleanFileSystemFragment(
            self, "Clean", env_base, aibs_informatics_docker_asset=image,
            batch_job_queue="dev-x-queue", scaffolding_bucket=bucket,
            mount_point_configs=[MountPointConfiguration.from_file_system(file_system)],
        ).to_state_machine("clean-file-system")
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
        mount_point_configs: Iterable[MountPointConfiguration] | None = None,
        memory: int | float | str | Sequence[int | str] = 1024,
        vcpus: int | float | str = 1,
        *,
        deploy_job_definition: bool = False,
        timeout: Duration | int | str | None = None,
        batch_job_role: Role | IRole | str | None = None,
        job_options: JobOptions | None = None,
    ) -> None:
        subject = f"CleanFileSystemFragment {id!r}"
        job = HandlerJob.of(subject, locals())
        super().__init__(scope, id, env_base)
        #: The fragment that finds what is outdated.
        self.outdated_data_path_scanner = scan = BatchInvokedBaseFragment(self, "Scan", env_base)
        settings = job.settings(
            scan,
            subject,
            name=OUTDATED_DATA_PATH_SCANNER.name,
            handler=OUTDATED_DATA_PATH_SCANNER.path,
        )
        scan.definition = handler_states(scan, settings, "$")
        #: The fragment that removes it.
        self.remove_data_paths = remove = BatchInvokedLambdaFunction.of_settings(
            self,
            "Remove",
            env_base,
            # The input with its overrides is gone by then: the scanner's variable has them.
            {
                **settings.resolved(),
                "name": REMOVE_DATA_PATHS.name,
                "handler": REMOVE_DATA_PATHS.path,
            },
            deploy_job_definition=deploy_job_definition,
        )
        seconds = scan.job_seconds
        self.job_seconds = None if seconds is None else 2 * seconds
        scan.definition.next(remove.definition)
        self.definition = custom_chain(scan.start_state, *remove.end_states)

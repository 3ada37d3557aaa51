"""Data sync by one job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfn_fragments_batch import BatchInvokedBaseFragment
from sfn_fragments_batch.described import described_by
from sfn_fragments_batch.handler import handler_states
from sfn_fragments_batch.handler_job import HandlerJob

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aws_cdk import Duration
    from aws_cdk.aws_batch import IJobQueue, JobQueue
    from aws_cdk.aws_ecr import IRepository
    from aws_cdk.aws_ecr_assets import DockerImageAsset
    from aws_cdk.aws_iam import IRole, Role
    from aws_cdk.aws_s3 import Bucket, IBucket
    from constructs import Construct

    from sfn_fragments.environment import EnvBase
    from sfn_fragments_batch import JobOptions, MountPointConfiguration

#: The module of the handlers that sync data.
HANDLERS = "aibs_informatics_aws_lambda.handlers.data_sync"


@described_by(HandlerJob)
class DataSyncFragment(BatchInvokedBaseFragment):
    """Copies data from a source path to a destination path, each in S3 or on EFS.

    Enters 6 states and runs one job. The input is the request of the handler,
    ``{"source_path": "s3://source/a/", "destination_path": "s3://results/b/"}`` and its options;
    besides, it may override the job's ``job_queue``, ``memory``, ``vcpus``, ``gpu``,
    ``environment``, ``mount_points`` and ``volumes``, ``bucket_name`` and ``key_prefix``. The
    output is ``{"request": {...}, "result": {"files_transferred": 3, "bytes_transferred": 42}}``;
    the two are 0 unless the request sets ``include_detailed_response``.

    When to use:
        To copy a folder or an object from S3 to EFS, from EFS to S3, or within either, as far as
        one job gets in the time that you have.

        Not for many terabytes: ``data_sync.distributed_sync`` divides them between jobs. Not for
        the inputs and outputs of one command: ``demand_execution.execute`` copies those itself.

    Deletes:
        What is only in the destination, unless the input says ``"delete": false``: after the copy,
        the destination is a mirror of the source. Objects of the same name are overwritten; a
        bucket with versions keeps the earlier ones. A file of the same name that differs from an
        object fails the sync, unless the input says ``"force": true``.

        A destination in S3 is every key that begins like it. ``s3://results/out``, without a slash
        at its end, is ``out-2/a.csv`` too, which is then deleted: end a folder with a slash.

        A filter narrows the source. What it leaves out is deleted in the destination, and a filter
        that matches nothing empties it.

        The source stays, unless the input says ``"retain_source_data": false``: it is then deleted
        after the copy, with what a filter left out, and in S3 with every key that begins like it. A
        source in S3 that is copied to a file system stays even so.

        Between two folders of file systems there is no mirror: a copy overwrites files of the same
        name and deletes nothing, and ``"retain_source_data": false`` puts the source in place of
        the whole destination.

        The job definition that was registered for the run is deregistered. The job's request and
        response stay in the scaffolding bucket.

    Args:
        scope: The construct that holds the fragment.
        id: Its id, unique in the scope.
        env_base: Environment base.

    Raises:
        InvalidParametersError: Some parameters cannot work; all of them are named.

    Examples:
        ```python
        DataSyncFragment(
            self, "Sync", env_base, aibs_informatics_docker_asset=image,
            batch_job_queue="dev-x-queue", scaffolding_bucket=bucket,
        ).to_state_machine("data-sync")
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
        deploy_job_definition: bool = False,
        timeout: Duration | int | str | None = None,
        job_options: JobOptions | None = None,
    ) -> None:
        subject = f"DataSyncFragment {id!r}"
        job = HandlerJob.of(subject, locals())
        super().__init__(scope, id, env_base)
        settings = job.settings(
            self, subject, name="data-sync", handler=f"{HANDLERS}.data_sync_handler"
        )
        self._job_queue = batch_job_queue
        self.definition = handler_states(self, settings, "$")

    @property
    def fragment(self) -> BatchInvokedBaseFragment:
        """The fragment that runs the job: this one."""
        return self

    @property
    def batch_job_queue_name(self) -> str:
        """Name of the job queue, as it was given; a token for a construct."""
        queue = self._job_queue
        return queue if isinstance(queue, str) else queue.job_queue_name

"""The fragments that are measured: how each is built, with either library, and what it is given."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from benchmarks.libraries import Library
    from sfn_fragments.sandbox import Sandbox

MOUNT_POINT = "/opt/data"
_PUT_JSON = "aibs_informatics_aws_lambda.handlers.data_sync.put_json_to_file_handler"
_PUT_JSON_EXECUTOR = "aibs_informatics_aws_lambda.handlers.data_sync.PutJSONToFileHandler"
_DOCUMENT = {"content": {"sample": "A1"}, "path": "s3://results/A1.json"}
_SYNC = {"source_path": "s3://source/in/", "destination_path": "s3://results/out/"}


@dataclass(frozen=True)
class Case:
    """A fragment to measure.

    Attributes:
        name: Names it in results.
        build: Makes it in a sandbox, with a library and further constructor arguments.
        callee: Name of what the library offers, and of its method, if any; its parameters say
            whether it can deploy job definitions.
        input: Input of an execution.
        objects: Objects in the bucket ``source``, key to text.
        files: Files on the file system, path to text.
        needs: Attributes of the sandbox to make before anything is counted.
    """

    name: str
    build: Callable[[Library, Sandbox, Mapping[str, Any]], Any]
    callee: str
    input: Any = field(default_factory=dict)
    objects: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ("stack", "env_base", "bucket")

    def can_deploy_job_definitions(self, library: Library) -> bool:
        """Whether a library offers this fragment with a job definition in the stack."""
        owner, _, method = self.callee.partition(".")
        found = library.load(owner)
        function = getattr(found, method or "__init__") if isinstance(found, type) else found
        return "deploy_job_definition" in inspect.signature(function).parameters


def _job_arguments(sandbox: Sandbox) -> dict[str, Any]:
    return {
        "env_base": sandbox.env_base,
        "aibs_informatics_docker_asset": sandbox.image,
        "batch_job_queue": sandbox.job_queue,
        "scaffolding_bucket": sandbox.bucket,
    }


def _mount(library: Library, sandbox: Sandbox) -> dict[str, Any]:
    configuration = library.load("MountPointConfiguration")
    mount = configuration.from_file_system(sandbox.file_system, mount_point=MOUNT_POINT)
    return {"mount_point_configs": [mount]}


def _lambda(library: Library, sandbox: Sandbox, options: Mapping[str, Any]) -> Any:
    return library.load("BatchInvokedLambdaFunction")(
        sandbox.stack,
        "Lambda",
        sandbox.env_base,
        name="put-json",
        image=sandbox.image,
        handler=_PUT_JSON,
        job_queue=sandbox.job_queue,
        bucket_name=sandbox.bucket.bucket_name,
        memory=1024,
        vcpus=1,
        **options,
    )


def _lambda_with_defaults(library: Library, sandbox: Sandbox, options: Mapping[str, Any]) -> Any:
    # Known at synthesis, as a job definition of the stack needs it.
    return _lambda_with_image_of_input(library, sandbox, {"image_path": sandbox.image, **options})


def _lambda_with_image_of_input(
    library: Library, sandbox: Sandbox, options: Mapping[str, Any]
) -> Any:
    return library.load("BatchInvokedLambdaFunction").with_defaults(
        sandbox.stack,
        "Lambda",
        sandbox.env_base,
        name="put-json",
        job_queue=sandbox.job_queue,
        bucket_name=sandbox.bucket.bucket_name,
        **options,
    )


def _executor(library: Library, sandbox: Sandbox, options: Mapping[str, Any]) -> Any:
    return library.load("BatchInvokedExecutorFragment")(
        sandbox.stack,
        "Executor",
        sandbox.env_base,
        name="put-json",
        image=sandbox.image,
        executor=_PUT_JSON_EXECUTOR,
        job_queue=sandbox.job_queue,
        bucket_name=sandbox.bucket.bucket_name,
        memory=1024,
        vcpus=1,
        **options,
    )


def _submit_job(library: Library, sandbox: Sandbox, options: Mapping[str, Any]) -> Any:
    return library.load("SubmitJobFragment")(
        sandbox.stack,
        "Job",
        sandbox.env_base,
        name="greet",
        job_queue=sandbox.job_queue,
        image=sandbox.image,
        command=["echo", "hello"],
        memory=512,
        vcpus=1,
        **options,
    )


def _job_fragment(name: str, *, mounted: bool) -> Callable[..., Any]:
    def build(library: Library, sandbox: Sandbox, options: Mapping[str, Any]) -> Any:
        mount = _mount(library, sandbox) if mounted else {}
        arguments = _job_arguments(sandbox) | mount
        return library.load(name)(sandbox.stack, "Fragment", **arguments, **options)

    return build


def _payload(library: Library, sandbox: Sandbox, options: Mapping[str, Any]) -> Any:
    operation, stack = library.load("S3Operation"), sandbox.stack
    put = operation.put_payload(
        stack, "Put", payload="$.payload", bucket_name="$.bucket", key="$.key", **options
    )
    return put.next(operation.get_payload(stack, "Get", bucket_name="$.Bucket", key="$.Key"))


def _payload_into_input(library: Library, sandbox: Sandbox, options: Mapping[str, Any]) -> Any:
    operation, stack = library.load("S3Operation"), sandbox.stack
    place = {"bucket_name": "$.bucket", "key": "$.key"}
    put = operation.put_payload(
        stack, "Put", payload="$.payload", **place, result_path="$.put", **options
    )
    return put.next(operation.get_payload(stack, "Get", **place, result_path="$.got"))


def file_system(sandbox: Sandbox) -> Any:
    """The sandbox's file system, with the tag by which the published handlers find it."""
    from aws_cdk import Tags

    Tags.of(sandbox.file_system).add("env_base", str(sandbox.env_base))
    return sandbox.file_system


def _demand(library: Library, sandbox: Sandbox, options: Mapping[str, Any]) -> Any:
    """The fragment with the two machines that it runs its handlers and its syncs by."""
    system = file_system(sandbox)
    configuration = library.load("MountPointConfiguration")
    shared, scratch = (
        configuration.from_access_point(
            system.add_access_point(name, path=f"/{name}"), f"/opt/efs/{name}"
        )
        for name in ("shared", "scratch")
    )
    handlers = library.load("BatchInvokedLambdaFunction").with_defaults(
        sandbox.stack,
        "RunHandler",
        sandbox.env_base,
        name="run-handler",
        job_queue=sandbox.job_queue,
        bucket_name=sandbox.bucket.bucket_name,
        environment={
            "env_base": sandbox.env_base,
            "AWS_REGION": sandbox.stack.region,
            "AWS_ACCOUNT_ID": sandbox.stack.account,
        },
    )
    arguments = _job_arguments(sandbox)
    sync = library.load("DataSyncFragment")(
        sandbox.stack, "Sync", **arguments, mount_point_configs=[shared, scratch]
    )
    return library.load("DemandExecutionFragment")(
        sandbox.stack,
        "Demand",
        sandbox.env_base,
        aibs_informatics_docker_asset=sandbox.image,
        scaffolding_bucket=sandbox.bucket,
        scaffolding_job_queue=sandbox.job_queue,
        batch_invoked_lambda_state_machine=handlers.to_state_machine("run-handler"),
        data_sync_state_machine=sync.to_state_machine("sync"),
        shared_mount_point_config=shared,
        scratch_mount_point_config=scratch,
        **options,
    )


def distributed(batches: int) -> Case:
    """The distributed data sync of a number of folders, each of which becomes one batch."""
    return Case(
        f"distributed data sync, {batches} batch{'es' if batches > 1 else ''}",
        _job_fragment("DistributedDataSyncFragment", mounted=False),
        "DistributedDataSyncFragment",
        {**_SYNC, "batch_size_bytes_limit": 100},
        {f"in/{index:06}/file": "." * 60 for index in range(batches)},
    )


_EFS_FILES = {"scratch/run-1/reads.txt": "ACGT\n", "results/summary.txt": "1 run\n"}
_SCAN = {"path": f"{MOUNT_POINT}/scratch", "days_since_last_accessed": 0, "min_depth": 1}
_WITH_FILE_SYSTEM = ("stack", "env_base", "bucket", "file_system")

LAMBDA = Case("lambda on Batch", _lambda, "BatchInvokedLambdaFunction", _DOCUMENT)
LAMBDA_WITH_DEFAULTS = Case(
    "lambda on Batch, with defaults",
    _lambda_with_defaults,
    "BatchInvokedLambdaFunction.with_defaults",
    {"handler": _PUT_JSON, "payload": _DOCUMENT},
)
#: What the other library can run: it takes the image from the input, and needs mount points there.
LAMBDA_WITH_DEFAULTS_AND_NO_MOUNTS = replace(
    LAMBDA_WITH_DEFAULTS,
    build=_lambda_with_image_of_input,
    input={
        **LAMBDA_WITH_DEFAULTS.input,
        "image": "handlers",
        "mount_points": [],
        "volumes": [],
    },
)
EXECUTOR = Case("executor on Batch", _executor, "BatchInvokedExecutorFragment", _DOCUMENT)
SUBMIT_JOB = Case("submit job", _submit_job, "SubmitJobFragment")
SYNC = Case(
    "data sync",
    _job_fragment("DataSyncFragment", mounted=False),
    "DataSyncFragment",
    _SYNC,
    {"in/a.csv": "0,1.5\n", "in/b.csv": "0,2.5\n"},
)
#: What the other library can run: without a mounted file system, it fails.
SYNC_WITH_FILE_SYSTEM = replace(SYNC, build=_job_fragment("DataSyncFragment", mounted=True))
PAYLOAD = Case(
    "put, then get a payload",
    _payload,
    "S3Operation.put_payload",
    {"payload": {"a": 1}, "bucket": "results", "key": "payload.json"},
)
DISTRIBUTED_SYNC = distributed(1)
PAYLOAD_INTO_INPUT = replace(
    PAYLOAD, name="put, then get a payload, results into the input", build=_payload_into_input
)
PATH_STATS, SCANNER, REMOVAL = (
    Case(
        name,
        _job_fragment(function, mounted=True),
        function,
        given,
        files=_EFS_FILES,
        needs=_WITH_FILE_SYSTEM,
    )
    for name, function, given in (
        ("path statistics", "get_data_path_stats_fragment", {"path": MOUNT_POINT}),
        ("outdated path scanner", "outdated_data_path_scanner_fragment", _SCAN),
        (
            "removal of paths",
            "remove_data_paths_fragment",
            {"paths": [f"{MOUNT_POINT}/scratch/run-1"]},
        ),
    )
)
CLEAN_FILE_SYSTEM = Case(
    "clean file system",
    _job_fragment("CleanFileSystemFragment", mounted=True),
    "CleanFileSystemFragment",
    _SCAN,
    files=_EFS_FILES,
    needs=_WITH_FILE_SYSTEM,
)
DEMAND = Case(
    "demand execution, one input, one output",
    _demand,
    "DemandExecutionFragment",
    {
        "execution_type": "count-lines",
        "execution_id": "0f1e2d3c-benchmark",
        "execution_image": "public.ecr.aws/docker/library/bash:5",
        "execution_parameters": {
            "command": ["wc -l < ${TABLE} > ${COUNT}"],
            "params": {
                "table": "s3://source/a.csv",
                "count": "count.txt @ s3://results/count.txt",
            },
            "inputs": ["table"],
            "outputs": ["count"],
        },
        "execution_metadata": {"user": "you", "tags": {"purpose": "benchmark"}},
        "execution_platform": {"aws_batch": {"job_queue_name": "dev-bench-queue"}},
        "resource_requirements": {"memory": 512, "vcpus": 1},
    },
    {"a.csv": "1\n2\n3\n"},
    needs=_WITH_FILE_SYSTEM,
)

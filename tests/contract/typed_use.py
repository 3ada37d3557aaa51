"""A user's program with constructs wherever names are taken: type checkers accept it, and it runs.

Made, found and imported ones: CDK hands them out as classes and as interfaces.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from aws_cdk import App, Duration, Stack
from aws_cdk.aws_batch import JobQueue, ManagedEc2EcsComputeEnvironment
from aws_cdk.aws_ec2 import Vpc
from aws_cdk.aws_ecr import Repository
from aws_cdk.aws_ecr_assets import DockerImageAsset
from aws_cdk.aws_efs import FileSystem
from aws_cdk.aws_iam import Role, ServicePrincipal
from aws_cdk.aws_kms import Key
from aws_cdk.aws_s3 import Bucket
from aws_cdk.aws_stepfunctions import JsonPath, Pass, StateMachine

from sfn_fragments import get_registry
from sfn_fragments.environment import EnvBase
from sfn_fragments.fragments import create_log_options, create_role, create_state_machine
from sfn_fragments.iam import AllowedResources
from sfn_fragments.states import CommonOperation, S3Operation
from sfn_fragments.utils import enclosed_chain
from sfn_fragments_batch import (
    BatchInvokedExecutorFragment,
    BatchInvokedLambdaFunction,
    BatchOperation,
    MountPointConfiguration,
    SubmitJobFragment,
)
from sfn_fragments_data_sync import DataSyncFragment, DistributedDataSyncFragment
from sfn_fragments_demand_execution import DemandExecutionFragment
from sfn_fragments_efs import (
    CleanFileSystemFragment,
    CleanFileSystemTriggerConfig,
    CleanFileSystemTriggerRuleConfig,
    get_data_path_stats_fragment,
)

if TYPE_CHECKING:
    from aws_cdk.aws_batch import IJobQueue
    from aws_cdk.aws_ecr import IRepository
    from aws_cdk.aws_iam import IPrincipal, IRole
    from aws_cdk.aws_s3 import IBucket
    from aws_cdk.aws_stepfunctions import IStateMachine

ENV = EnvBase("dev-x")
#: A folder with a Dockerfile.
IMAGE = Path(__file__).parents[2] / "examples" / "cdk_app" / "handlers"


class Platform:
    """What the fragments are given.

    Args:
        stack: Holds it.
    """

    def __init__(self, stack: Stack) -> None:
        self.vpc = Vpc(stack, "Vpc")
        self.file_system = FileSystem(stack, "Files", vpc=self.vpc)
        self.shared = MountPointConfiguration.from_file_system(self.file_system, None, "/opt/a")
        point = self.file_system.add_access_point("Scratch", path="/scratch")
        self.scratch = MountPointConfiguration.from_access_point(point, "/opt/b")
        self.bucket = Bucket(stack, "Bucket")
        self.queue = JobQueue(stack, "Queue")
        self.queue.add_compute_environment(
            ManagedEc2EcsComputeEnvironment(stack, "Compute", vpc=self.vpc), 1
        )
        # CDK's classes of principals do not match its own interface, for a type checker.
        ecs = cast("IPrincipal", ServicePrincipal("ecs-tasks.amazonaws.com"))
        self.role = Role(stack, "Jobs", assumed_by=ecs)
        self.repository = Repository(stack, "Images")
        self.image = DockerImageAsset(stack, "Handlers", directory=str(IMAGE))


class Imported:
    """The same, made elsewhere.

    Args:
        stack: Holds the imports.
    """

    def __init__(self, stack: Stack) -> None:
        key = Key.from_key_arn(stack, "Key", "arn:aws:kms:us-east-1:123456789012:key/k")
        self.bucket: IBucket = Bucket.from_bucket_attributes(
            stack, "TheirBucket", bucket_name="dev-x-theirs", encryption_key=key
        )
        self.queue: IJobQueue = JobQueue.from_job_queue_arn(
            stack, "TheirQueue", "arn:aws:batch:us-east-1:123456789012:job-queue/dev-x-theirs"
        )
        self.role: IRole = Role.from_role_name(stack, "TheirRole", "dev-x-theirs")
        self.repository: IRepository = Repository.from_repository_name(
            stack, "TheirImages", "dev-x/theirs"
        )
        self.machine: IStateMachine = StateMachine.from_state_machine_name(
            stack, "TheirMachine", "dev-x-theirs"
        )


def jobs(stack: Stack, own: Platform, theirs: Imported) -> None:
    """A job of each kind.

    Args:
        stack: Holds them.
        own: Constructs of this app.
        theirs: Imported ones.
    """
    BatchInvokedLambdaFunction(
        stack,
        "Function",
        ENV,
        name="function",
        image=own.image,
        handler="package.module.handler",
        job_queue=own.queue,
        bucket_name=own.bucket,
        memory=1024,
        vcpus=1,
        mount_point_configs=[own.shared],
        job_role_arn=own.role,
        timeout=Duration.hours(1),
    ).to_state_machine("function")
    run_handler = BatchInvokedLambdaFunction.with_defaults(
        stack,
        "RunHandler",
        ENV,
        name="run-handler",
        job_queue=theirs.queue,
        bucket_name=own.bucket,
        job_role_arn=theirs.role,
    ).to_state_machine("run-handler")
    BatchInvokedExecutorFragment(
        stack,
        "Executor",
        ENV,
        name="executor",
        image=theirs.repository,
        executor="package.module.Executor",
        job_queue=theirs.queue,
        bucket_name=theirs.bucket,
        memory=JsonPath.number_at("$.memory"),
        vcpus="$.vcpus",
        job_role_arn=theirs.role,
    ).to_state_machine("executor")
    SubmitJobFragment(
        stack,
        "Submit",
        ENV,
        name="submit",
        image=theirs.repository,
        job_queue=own.queue,
        command=["echo", JsonPath.execution_name],
        environment={"A": "b"},
        memory=512,
        vcpus=1,
    ).to_state_machine("submit")
    DemandExecutionFragment(
        stack,
        "Demand",
        ENV,
        theirs.repository,
        own.bucket,
        own.queue,
        run_handler,
        theirs.machine,
        shared_mount_point_config=own.shared,
        scratch_mount_point_config=[own.scratch],
        tags={"team": "imaging"},
    ).to_state_machine("demand")


def data(stack: Stack, own: Platform, theirs: Imported) -> None:
    """Syncs, and what keeps a file system clean.

    Args:
        stack: Holds them.
        own: Constructs of this app.
        theirs: Imported ones.
    """
    sync = DataSyncFragment(
        stack, "Sync", ENV, own.repository, own.queue, own.bucket, own.role, [own.shared]
    )
    sync.to_state_machine(
        "sync",
        logs=create_log_options(stack, "sync-logs", ENV),
        timeout=Duration.hours(2),
        allowed_resources=AllowedResources(
            buckets=[theirs.bucket], job_queues=[own.queue, theirs.queue]
        ),
    )
    DistributedDataSyncFragment(
        stack, "Many", ENV, theirs.repository, theirs.queue, theirs.bucket, theirs.role
    ).to_state_machine("many")
    clean = CleanFileSystemFragment(
        stack,
        "Clean",
        ENV,
        own.repository,
        own.queue,
        own.bucket,
        (own.scratch,),
        batch_job_role=own.role,
    ).to_state_machine("clean")
    trigger = CleanFileSystemTriggerConfig(own.file_system, "/scratch", 7)
    CleanFileSystemTriggerRuleConfig("clean", [trigger]).create_rule(stack, clean)
    stats = get_data_path_stats_fragment(
        stack, "Stats", ENV, theirs.repository, theirs.queue, theirs.bucket
    )
    create_state_machine(stack, ENV, "StatsMachine", "stats", stats.enclose())


def states(stack: Stack, own: Platform) -> None:
    """States of the user's, and the operations among them.

    Args:
        stack: Holds them.
        own: Constructs of this app.
    """
    put = S3Operation.put_payload(stack, "Put", "$", own.bucket.bucket_name, result_path=None)
    merge = CommonOperation.merge_defaults(stack, "Merge", {"a": 1})
    register = BatchOperation.register_job_definition(
        stack, "Register", ["true"], "image:1", "name", memory=512, vcpus=1, output_path=None
    )
    chain = merge.next(put).next(register).next(Pass(stack, "End"))
    role = create_role(stack, "states-role", ENV, include_default_managed_policies=False)
    enclosed = enclosed_chain(stack, "Enclosed", chain)
    create_state_machine(stack, ENV, "States", "states", enclosed, role=role)
    found = get_registry().load("data_sync.sync")
    assert found is DataSyncFragment


def build(app: App) -> Stack:
    """The program.

    Args:
        app: Holds its stack.

    Returns:
        The stack.
    """
    stack = Stack(app, "Typed")
    own, theirs = Platform(stack), Imported(stack)
    jobs(stack, own, theirs)
    data(stack, own, theirs)
    states(stack, own)
    return stack


if __name__ == "__main__":
    app = App()
    build(app)
    app.synth()

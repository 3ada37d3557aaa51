"""What lives long: network, file system, buckets, Batch, and the image of the handlers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from aws_cdk import Duration, RemovalPolicy, Stack, Tags
from aws_cdk.aws_batch import JobQueue, ManagedEc2EcsComputeEnvironment
from aws_cdk.aws_ec2 import (
    BlockDevice,
    BlockDeviceVolume,
    FlowLogOptions,
    GatewayVpcEndpointAwsService,
    GatewayVpcEndpointOptions,
    LaunchTemplate,
    Port,
    Vpc,
)
from aws_cdk.aws_ecr_assets import DockerImageAsset, Platform
from aws_cdk.aws_efs import Acl, FileSystem, LifecyclePolicy, PosixUser
from aws_cdk.aws_iam import PolicyStatement, Role, ServicePrincipal
from aws_cdk.aws_s3 import BlockPublicAccess, Bucket, BucketEncryption, LifecycleRule
from aws_cdk.aws_sns import Topic

from imaging.reasons import acknowledge, logical_id
from sfn_fragments_batch import MountPointConfiguration

if TYPE_CHECKING:
    from aibs_informatics_core.env import EnvBase
    from constructs import Construct

HANDLERS = Path(__file__).parents[1] / "handlers"

#: Whom the files on the file system belong to.
USER_ID = "1000"


class PlatformStack(Stack):
    """Network, storage and compute, which pipelines share.

    Args:
        scope: The app.
        id: Its id.
        env_base: Environment base that names its resources.
    """

    def __init__(self, scope: Construct, id: str, *, env_base: EnvBase) -> None:
        super().__init__(scope, id)
        self._env_base = env_base
        self.vpc = self._network()
        self.file_system = self._file_system()
        self.shared = self._mount("shared")
        self.scratch = self._mount("scratch")
        access_logs = self._bucket("AccessLogs")
        self.plates = self._bucket("Plates", access_logs)
        self.results = self._bucket("Results", access_logs)
        self.scaffolding = self._bucket("Scaffolding", access_logs, days=14)
        self.handlers = DockerImageAsset(
            self, "Handlers", directory=str(HANDLERS), platform=Platform.LINUX_AMD64
        )
        self.queue = self._queue()
        self.job_role = self._job_role()
        self.done = Topic(self, "Done", enforce_ssl=True)

    def _network(self) -> Vpc:
        return Vpc(
            self,
            "Network",
            max_azs=2,
            nat_gateways=1,
            flow_logs={"All": FlowLogOptions()},
            gateway_endpoints={
                "S3": GatewayVpcEndpointOptions(service=GatewayVpcEndpointAwsService.S3)
            },
        )

    def _file_system(self) -> FileSystem:
        file_system = FileSystem(
            self,
            "Files",
            vpc=self.vpc,
            encrypted=True,
            enable_automatic_backups=True,
            lifecycle_policy=LifecyclePolicy.AFTER_30_DAYS,
            removal_policy=RemovalPolicy.RETAIN,
        )
        # By this tag the handlers find it and its access points.
        Tags.of(file_system).add("env_base", self._env_base)
        return file_system

    def _mount(self, name: str) -> MountPointConfiguration:
        point = self.file_system.add_access_point(
            name.capitalize(),
            path=f"/{name}",
            create_acl=Acl(owner_uid=USER_ID, owner_gid=USER_ID, permissions="755"),
            posix_user=PosixUser(uid=USER_ID, gid=USER_ID),
        )
        return MountPointConfiguration.from_access_point(point, f"/opt/efs/{name}")

    def _bucket(self, id: str, logs: Bucket | None = None, days: int | None = None) -> Bucket:
        bucket = Bucket(
            self,
            id,
            encryption=BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            block_public_access=BlockPublicAccess.BLOCK_ALL,
            versioned=logs is not None and days is None,
            server_access_logs_bucket=logs,
            server_access_logs_prefix=None if logs is None else f"{id.lower()}/",
            lifecycle_rules=[] if days is None else [LifecycleRule(expiration=Duration.days(days))],
        )
        if logs is None:
            acknowledge(bucket, "S1", "it is the bucket that access is logged to")
        return bucket

    def _queue(self) -> JobQueue:
        disk = BlockDevice(
            device_name="/dev/xvda",
            volume=BlockDeviceVolume.ebs(100, encrypted=True),
        )
        environment = ManagedEc2EcsComputeEnvironment(
            self,
            "Compute",
            vpc=self.vpc,
            maxv_cpus=64,
            launch_template=LaunchTemplate(self, "Instance", block_devices=[disk]),
        )
        # No rule of the compute's own: all that goes out is allowed there.
        (files,), (compute,) = (
            one.connections.security_groups for one in (self.file_system, environment)
        )
        files.add_ingress_rule(compute, Port.tcp(2049), "NFS from the jobs")
        queue = JobQueue(self, "Queue", job_queue_name=f"{self._env_base}-queue")
        queue.add_compute_environment(environment, 1)
        managed = "service-role/AmazonEC2ContainerServiceforEC2Role"
        acknowledge(
            environment,
            f"IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/{managed}]",
            "it is what the instances of an ECS cluster need, as AWS keeps it",
        )
        return queue

    def _job_role(self) -> Role:
        """The role of the jobs; pipelines and fragments add what they need of the file system."""
        role = Role(
            self,
            "JobRole",
            assumed_by=ServicePrincipal("ecs-tasks.amazonaws.com"),
            # A demand may choose the role of its job, among those that are named after the
            # environment; without one, the job could not mount the file system.
            role_name=f"{self._env_base}-jobs",
        )
        reads = ["s3:GetObject"]
        writes = [*reads, "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]
        for bucket, actions in (
            (self.plates, reads),
            (self.results, writes),
            (self.scaffolding, writes),
        ):
            objects = bucket.arn_for_objects("*")
            role.add_to_policy(PolicyStatement(actions=actions, resources=[objects]))
            role.add_to_policy(
                PolicyStatement(
                    actions=["s3:ListBucket", "s3:GetBucketLocation"],
                    resources=[bucket.bucket_arn],
                )
            )
            acknowledge(
                role,
                f"IAM5[Resource::<{logical_id(bucket)}.Arn>/*]",
                "jobs copy whatever lies in this bucket, and nothing else does",
            )
        # Handlers find the access points by their tags, and in the description of their own job
        # where these are mounted. None of it has resources in IAM.
        described = ["DescribeAccessPoints", "DescribeFileSystems", "DescribeTags"]
        actions = [f"elasticfilesystem:{action}" for action in described]
        role.add_to_policy(
            PolicyStatement(actions=[*actions, "batch:DescribeJobs"], resources=["*"])
        )
        acknowledge(
            role, "IAM5[Resource::*]", "describing file systems and jobs has no resources in IAM"
        )
        return role

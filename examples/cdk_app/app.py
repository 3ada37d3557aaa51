"""A CDK app with one data sync, taken from the registry."""

from aibs_informatics_core.env import EnvBase
from aws_cdk import App, Stack
from aws_cdk.aws_s3 import Bucket

from sfn_fragments import get_registry

app = App()
stack = Stack(app, "DataSync")
sync = get_registry().create(
    "data_sync.sync",
    stack,
    "Sync",
    env_base=EnvBase("dev-imaging"),
    aibs_informatics_docker_asset="123456789012.dkr.ecr.us-west-2.amazonaws.com/handlers:1",
    batch_job_queue="dev-imaging-queue",
    scaffolding_bucket=Bucket(stack, "Scaffolding"),
)
sync.to_state_machine("data-sync")
app.synth()

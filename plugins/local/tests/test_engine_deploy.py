"""Deploying what CDK synthesizes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_batch as batch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_efs as efs
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn

from sfn_fragments_local import DeploymentError, Engine

ROLE = "arn:aws:iam::123456789012:role/any"


@pytest.fixture
def app(tmp_path: Path) -> cdk.App:
    return cdk.App(outdir=str(tmp_path / "cdk.out"), analytics_reporting=False)


def machine(definition: dict[str, Any] | str, **properties: Any) -> dict[str, Any]:
    text = definition if isinstance(definition, str) else json.dumps(definition)
    return {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {"RoleArn": ROLE, "DefinitionString": text, **properties},
    }


def one_pass(result: Any = None) -> dict[str, Any]:
    return {"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": result, "End": True}}}


def test_a_stack_with_all_that_fragments_use(sfn_engine: Engine, app: cdk.App) -> None:
    stack = cdk.Stack(app, "Stack")
    bucket = s3.Bucket(
        stack, "Bucket", removal_policy=cdk.RemovalPolicy.DESTROY, auto_delete_objects=True
    )
    s3.Bucket(stack, "Strict", enforce_ssl=True)
    vpc = ec2.Vpc(stack, "Vpc", max_azs=2, nat_gateways=0, restrict_default_security_group=True)
    file_system = efs.FileSystem(stack, "Efs", vpc=vpc)
    access_point = file_system.add_access_point("Scratch", path="/scratch")
    environment = batch.FargateComputeEnvironment(stack, "Environment", vpc=vpc)
    queue = batch.JobQueue(stack, "Queue")
    queue.add_compute_environment(environment, 1)
    definition = batch.EcsJobDefinition(
        stack,
        "Definition",
        parameters={"What": "default"},
        timeout=cdk.Duration.seconds(100),
        container=batch.EcsFargateContainerDefinition(
            stack,
            "Container",
            image=ecs.ContainerImage.from_registry("image"),
            cpu=1,
            memory=cdk.Size.mebibytes(2048),
            command=["sh", "-c", "echo $GREETING $0", "Ref::What"],
            environment={"GREETING": "hello", "BUCKET": bucket.bucket_name},
            volumes=[
                batch.EcsVolume.efs(
                    name="efs", file_system=file_system, container_path="/opt/sfn-efs"
                )
            ],
        ),
    )
    lambda_.Function(
        stack,
        "Function",
        code=lambda_.Code.from_asset(str(Path(__file__).parent)),
        handler="index.handler",
        runtime=lambda_.Runtime.PYTHON_3_12,
    )
    inner = sfn.StateMachine(
        stack,
        "Inner",
        definition_body=sfn.DefinitionBody.from_chainable(
            sfn.Pass(stack, "Name it", parameters={"bucket": bucket.bucket_name})
        ),
    )
    job = sfn.CustomState(
        stack,
        "Job",
        state_json={
            "Type": "Task",
            "Resource": f"arn:{cdk.Aws.PARTITION}:states:::batch:submitJob.sync",
            "Parameters": {
                "JobName": "job",
                "JobQueue": queue.job_queue_arn,
                "JobDefinition": definition.job_definition_arn,
                "Parameters": {"What": "world"},
            },
            "ResultPath": None,
        },
    )
    nested = sfn.CustomState(
        stack,
        "Nested",
        state_json={
            "Type": "Task",
            "Resource": f"arn:{cdk.Aws.PARTITION}:states:::states:startExecution.sync:2",
            "Parameters": {"StateMachineArn": inner.state_machine_arn},
            "OutputPath": "$.Output",
        },
    )
    outer = sfn.StateMachine(
        stack,
        "Outer",
        state_machine_name="outer",
        definition_body=sfn.DefinitionBody.from_chainable(job.next(nested)),
        logs=sfn.LogOptions(destination=logs.LogGroup(stack, "Log"), level=sfn.LogLevel.ALL),
        tracing_enabled=True,
    )
    calls = ["batch:*", "events:*", "states:*"]
    outer.add_to_role_policy(iam.PolicyStatement(actions=calls, resources=["*"]))
    events.Rule(
        stack,
        "Rule",
        schedule=events.Schedule.rate(cdk.Duration.hours(1)),
        targets=[targets.SfnStateMachine(outer)],
    )
    cdk.CfnOutput(stack, "OuterArn", value=outer.state_machine_arn)
    cdk.CfnOutput(stack, "AccessPoint", value=access_point.access_point_id)

    deployment = sfn_engine.deploy(stack)

    arn = f"arn:aws:states:us-east-1:{sfn_engine.account}:stateMachine:outer"
    assert deployment.outputs["OuterArn"] == arn
    assert set(deployment.state_machines.values()) >= {arn}
    assert deployment.outputs["AccessPoint"].startswith("fsap-")
    reasons = set(deployment.skipped.values())
    assert reasons == {"custom resources are not run"}
    buckets = {one["Name"] for one in sfn_engine.client("s3").list_buckets()["Buckets"]}
    resource = bucket.node.default_child
    assert isinstance(resource, cdk.CfnElement)
    logical_id = stack.get_logical_id(resource)
    assert deployment.resources[logical_id] in buckets
    targeted = sfn_engine.client("events").list_rule_names_by_target(TargetArn=arn)
    assert len(targeted["RuleNames"]) == 1

    result = sfn_engine.execute(state_machine="Stack/Outer").raise_for_status()
    assert result.output == {"bucket": deployment.resources[logical_id]}
    (record,) = result.jobs
    assert record.output == "hello world\n"
    assert record.environment["BUCKET"] == deployment.resources[logical_id]
    described = sfn_engine.job_definitions()[0]
    assert described["timeout"] == {"attemptDurationSeconds": 100}
    assert sfn_engine.execute(state_machine="Inner").succeeded


def test_an_app_whose_stacks_refer_to_each_other(sfn_engine: Engine, app: cdk.App) -> None:
    first, second = cdk.Stack(app, "First"), cdk.Stack(app, "Second")
    bucket = s3.Bucket(first, "Bucket")
    sfn.StateMachine(
        second,
        "Machine",
        definition_body=sfn.DefinitionBody.from_chainable(
            sfn.Pass(second, "Pass", parameters={"bucket": bucket.bucket_name})
        ),
    )
    deployment = sfn_engine.deploy(app)
    assert deployment.stacks == ("First", "Second")
    (name,) = (one["Name"] for one in sfn_engine.client("s3").list_buckets()["Buckets"])
    assert sfn_engine.execute().output == {"bucket": name}


def test_a_stack_brings_those_it_depends_on_and_a_folder_does_too(
    sfn_engine: Engine, app: cdk.App
) -> None:
    first, second = cdk.Stack(app, "First"), cdk.Stack(app, "Second")
    cdk.Stack(app, "Third")
    bucket = s3.Bucket(first, "Bucket", bucket_name="first-bucket")
    cdk.CfnOutput(second, "Name", value=bucket.bucket_arn)
    second.add_dependency(first)
    deployment = sfn_engine.deploy(second)
    assert deployment.stacks == ("First", "Second")
    assert deployment.outputs["Name"] == "arn:aws:s3:::first-bucket"
    assert sfn_engine.deploy(app.synth().directory).stacks == ("First", "Second", "Third")


def test_deploying_again_updates(sfn_engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "sync.template.json"

    def deploy(result: Any, **more: Any) -> Any:
        bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "kept"}}
        resources = {"M": machine(one_pass(result)), "B": bucket, **more}
        path.write_text(json.dumps({"Resources": resources}))
        return sfn_engine.deploy(path)

    assert deploy("one").state_machines == deploy("two").state_machines
    sfn_engine.client("s3").put_object(Bucket="kept", Key="k", Body=b"x")
    deployment = deploy("three", More={"Type": "AWS::S3::Bucket"})
    assert sfn_engine.execute(state_machine="M").output == "three"
    assert sfn_engine.client("s3").get_object(Bucket="kept", Key="k")["Body"].read() == b"x"
    assert set(deployment.resources) == {"M", "B", "More"}


def test_batch_deployed_again(sfn_engine: Engine) -> None:
    template: dict[str, Any] = {
        "Resources": {
            "E": {"Type": "AWS::Batch::ComputeEnvironment", "Properties": {"Type": "managed"}},
            "Q": {
                "Type": "AWS::Batch::JobQueue",
                "Properties": {
                    "JobQueueName": {"Fn::Sub": "queue-${AWS::Region}"},
                    "Priority": 1,
                    "ComputeEnvironmentOrder": [{"Order": 1, "ComputeEnvironment": {"Ref": "E"}}],
                },
            },
            "D": {
                "Type": "AWS::Batch::JobDefinition",
                "Properties": {
                    "Type": "container",
                    "ContainerProperties": {
                        "Image": "image",
                        "ResourceRequirements": [
                            {"Type": "VCPU", "Value": "1"},
                            {"Type": "MEMORY", "Value": "512"},
                        ],
                        "LogConfiguration": {"LogDriver": "awslogs", "Options": {"Key": "v"}},
                    },
                },
            },
        },
        "Outputs": {"D": {"Value": {"Ref": "D"}}, "Q": {"Value": {"Fn::GetAtt": "Q.JobQueueArn"}}},
    }
    container = template["Resources"]["D"]["Properties"]["ContainerProperties"]
    # What has not changed is left alone.
    for image, revision in (("image", 1), ("image", 1), ("other", 2)):
        container["Image"] = image
        deployment = sfn_engine.deploy(template, name="batch")
        (active,) = sfn_engine.job_definitions()
        assert active["revision"] == revision
        assert active["containerProperties"]["image"] == image
        assert deployment.outputs["D"] == active["jobDefinitionArn"]
    assert deployment.outputs["Q"].endswith("job-queue/queue-us-east-1")
    assert active["containerProperties"]["logConfiguration"]["options"] == {"Key": "v"}


def test_machines_that_refer_to_each_other_and_to_substitutions(sfn_engine: Engine) -> None:
    outputs = {
        "Ref": {"Value": {"Ref": "M"}},
        "Arn": {"Value": {"Fn::GetAtt": ["M", "Arn"]}},
        "Name": {"Value": {"Fn::GetAtt": ["M", "Name"]}},
        "Sub": {"Value": {"Fn::Sub": "${M}|${M.Name}|${N}|${!M}"}},
        "List": {"Value": {"Fn::Sub": ["${M.Name}${x}", {"x": {"Ref": "N"}}]}},
    }
    substituted = machine(
        json.dumps(one_pass("${what}")),
        StateMachineName="m",
        DefinitionSubstitutions={"what": {"Ref": "N"}},
    )
    off = {"Never": {"Fn::Equals": ["a", "b"]}}
    deployment = sfn_engine.deploy(
        {
            "Conditions": off,
            "Resources": {
                "M": substituted,
                "N": machine(one_pass(), StateMachineName="n"),
                "Off": {**machine(one_pass()), "Condition": "Never"},
            },
            "Outputs": outputs,
        }
    )
    m, n = deployment.state_machines["M"], deployment.state_machines["N"]
    assert deployment.outputs == {
        "Ref": m,
        "Arn": m,
        "Name": "m",
        "Sub": f"{m}|m|{n}|${{M}}",
        "List": f"m{n}",
    }
    assert sfn_engine.execute(state_machine="m").output == n
    assert deployment.skipped == {"Off": "its condition 'Never' is false"}
    assert "Off" not in deployment.state_machines


def test_what_cannot_be_made_is_named_with_its_users(sfn_engine: Engine) -> None:
    template = {
        "Resources": {
            "Policy": {"Type": "AWS::Glue::Job"},
            "Custom": {"Type": "Custom::Thing"},
            "Alone": {"Type": "AWS::No::Such"},
            "Bucket": {
                "Type": "AWS::S3::Bucket",
                "Properties": {"BucketName": {"Fn::GetAtt": ["Custom", "Name"]}},
            },
        },
        "Outputs": {"Policy": {"Value": {"Ref": "Policy"}}},
    }
    with pytest.raises(DeploymentError) as error:
        sfn_engine.deploy(template, name="wrong")
    text = str(error.value)
    assert "Policy (AWS::Glue::Job): moto does not know its type" in text
    assert "output Policy refer to it" in text
    assert "Custom (Custom::Thing): custom resources are not run; Bucket refer to it" in text
    assert "Alone" not in text
    assert sfn_engine.client("s3").list_buckets()["Buckets"] == []


def test_a_wrong_definition_is_named(sfn_engine: Engine) -> None:
    with pytest.raises(DeploymentError, match=r"stack 'wrong': M \(AWS::StepFunctions::"):
        sfn_engine.deploy({"Resources": {"M": machine({"StartAt": "A"})}}, name="wrong")


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "cannot read"), ("no json", "is not JSON"), ("{}", "has no 'Resources'")],
)
def test_wrong_template_files(
    sfn_engine: Engine, tmp_path: Path, content: str | None, message: str
) -> None:
    path = tmp_path / "t.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(DeploymentError, match=message):
        sfn_engine.deploy(path)


def test_something_else(sfn_engine: Engine) -> None:
    with pytest.raises(DeploymentError, match="3 is a int; give a CDK Stack"):
        sfn_engine.deploy(3)  # type: ignore[arg-type]  # what the test is about

"""Whole apps: several stacks, nested ones, stages, parameters, with today's feature flags."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_batch as batch
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_efs as efs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_deployment as s3_deployment
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_ssm as ssm
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from tests.proofs import few

from sfn_fragments_local import DeploymentError, Engine, app_from_cdk_json

#: A fresh project's: the flags of `cdk init`.
CDK_JSON = Path(__file__).parents[3] / "examples" / "cdk_app" / "cdk.json"

HANDLER = "def handler(event, context):\n    return {'got': event}\n"


@pytest.fixture
def app(request: pytest.FixtureRequest, tmp_path: Path) -> cdk.App:
    outdir = str(tmp_path / "cdk.out")
    if getattr(request, "param", None) == "no flags":
        return cdk.App(outdir=outdir, analytics_reporting=False)
    return app_from_cdk_json(CDK_JSON, outdir=outdir)


def machine(scope: Any, name: str, parameters: dict[str, Any], **options: Any) -> sfn.StateMachine:
    state = sfn.Pass(scope, f"{name} pass", parameters=parameters)
    body = sfn.DefinitionBody.from_chainable(state)
    return sfn.StateMachine(scope, name, definition_body=body, **options)


def function(scope: Any, name: str) -> lambda_.Function:
    return lambda_.Function(
        scope,
        name,
        code=lambda_.Code.from_inline(HANDLER),
        handler="index.handler",
        runtime=lambda_.Runtime.PYTHON_3_12,
    )


@few(1)
@pytest.mark.parametrize("app", ["today's flags", "no flags"], indirect=True)
def test_stacks_and_nested_stacks_that_refer_to_each_other(
    sfn_engine: Engine, app: cdk.App
) -> None:
    first, second, third = (cdk.Stack(app, name) for name in ("First", "Second", "Third"))
    bucket, topic = s3.Bucket(first, "Bucket"), sns.Topic(first, "Topic")
    called = function(first, "Function")
    nested = cdk.NestedStack(second, "Nested", parameters={"Own": "given"})
    own = cdk.CfnParameter(nested, "Own")
    queue = sqs.Queue(nested, "Queue", queue_name=cdk.Fn.join("-", ["q", own.value_as_string]))
    deep = sqs.Queue(cdk.NestedStack(nested, "Deep"), "Queue")
    inner = machine(nested, "Inner", {"bucket": bucket.bucket_name, "deep": deep.queue_name})
    publish = tasks.SnsPublish(
        second,
        "Publish",
        topic=topic,
        message=sfn.TaskInput.from_text("done"),
        result_path=sfn.JsonPath.DISCARD,
    )
    invoke = tasks.LambdaInvoke(second, "Invoke", lambda_function=called, result_path="$.answer")
    start = tasks.StepFunctionsStartExecution(
        second,
        "Start",
        state_machine=inner,
        integration_pattern=sfn.IntegrationPattern.RUN_JOB,
        output_path="$.Output",
    )
    sfn.StateMachine(
        second,
        "Outer",
        definition_body=sfn.DefinitionBody.from_chainable(publish.next(invoke).next(start)),
    )
    sqs.Queue(third, "Queue")
    cdk.CfnOutput(third, "NestedQueue", value=queue.queue_arn)

    deployment = sfn_engine.deploy(app)
    outputs, physical_id = deployment.outputs, deployment.physical_id
    assert outputs["NestedQueue"].endswith(":q-given")
    result = sfn_engine.execute({"a": 1}, "Second/Outer").raise_for_status()
    assert result.output == {
        "bucket": physical_id("First/Bucket"),
        "deep": physical_id("Second/Nested/Deep/Queue").rpartition("/")[2],
    }
    # Three resources have this logical id, in three stacks.
    assert len({physical_id(f"{at}/Queue") for at in ("Second/Nested", "Third")}) == 2
    assert sfn_engine.execute({}, "Second/Nested/Inner").output == result.output
    # Again: nothing has changed.
    again = sfn_engine.deploy(app)
    assert (again.resources, again.outputs) == (deployment.resources, outputs)
    stacks = sfn_engine.client("cloudformation").describe_stacks()["Stacks"]
    assert {one["StackStatus"] for one in stacks} == {"CREATE_COMPLETE"}
    assert len(stacks) == 5


def test_stages(sfn_engine: Engine, app: cdk.App) -> None:
    for name in ("Dev", "Prod"):
        stage = cdk.Stage(app, name)
        storage, work = cdk.Stack(stage, "Storage"), cdk.Stack(stage, "Work")
        machine(work, "Machine", {"bucket": s3.Bucket(storage, "Bucket").bucket_name})
    deployment = sfn_engine.deploy(app)
    for name in ("Dev", "Prod"):
        output = sfn_engine.execute({}, f"{name}/Work/Machine").raise_for_status().output
        assert output == {"bucket": deployment.physical_id(f"{name}/Storage/Bucket")}
        assert output["bucket"].startswith(f"{name.lower()}-storage-")


def test_parameters_conditions_mappings_and_functions(sfn_engine: Engine, app: cdk.App) -> None:
    stack = cdk.Stack(app, "Stack")
    size = cdk.CfnParameter(stack, "Size", type="Number", default=5)
    kind = cdk.CfnParameter(stack, "Kind", default="dev", allowed_values=["dev", "prod"])
    names = cdk.CfnParameter(stack, "Names", type="CommaDelimitedList", default="a,b")
    times = cdk.CfnParameter(stack, "Times", type="CommaDelimitedList", default="30,31")
    looked_up = ssm.StringParameter.value_for_string_parameter(stack, "/team/image")
    expression = cdk.Fn.condition_equals(kind.value_as_string, "prod")
    cdk.CfnCondition(stack, "IsProd", expression=expression)
    mapping = cdk.CfnMapping(
        stack, "Sizes", mapping={"dev": {"size": "small"}, "prod": {"size": "big"}}
    )
    either = cdk.Fn.condition_if("IsProd", "prod-queue", cdk.Aws.NO_VALUE).to_string()
    queue = sqs.CfnQueue(
        stack,
        "Queue",
        queue_name=either,
        # A text, where SQS wants a number.
        visibility_timeout=cdk.Token.as_number(cdk.Fn.select(0, times.value_as_list)),
    )
    own = queue.attr_queue_name
    machine(
        stack,
        "Machine",
        {
            "size": size.value_as_number,
            "mapped": mapping.find_in_map(kind.value_as_string, "size"),
            "zone": cdk.Fn.select(1, cdk.Fn.get_azs()),
            "names": cdk.Fn.join("+", names.value_as_list),
            "sub": cdk.Fn.sub("${AWS::StackName}|${Queue.QueueName}|${!x}"),
            "image": looked_up,
        },
        state_machine_name=cdk.Fn.join(
            "-", [kind.value_as_string, cdk.Fn.select(0, names.value_as_list), own]
        ),
    )
    sfn_engine.client("ssm").put_parameter(Name="/team/image", Value="align:3", Type="String")

    sfn_engine.deploy(app)
    output = sfn_engine.execute().raise_for_status().output
    own_name = output["sub"].split("|")[1]
    assert own_name.startswith("Stack-Queue")
    assert output == {
        "size": 5,
        "mapped": "small",
        "zone": "us-east-1b",
        "names": "a+b",
        "sub": f"Stack|{own_name}|${{x}}",
        "image": "align:3",
    }
    assert sfn_engine.state_machine_arn().endswith(f"stateMachine:dev-a-{own_name}")

    given = {"Kind": "prod", "Stack:Names": ["x", "y"], "Size": "7"}
    sfn_engine.deploy(app, parameters=given)
    output = sfn_engine.execute({}, "prod-x-prod-queue").raise_for_status().output
    assert (output["size"], output["mapped"], output["names"]) == (7, "big", "x+y")
    url = sfn_engine.client("sqs").get_queue_url(QueueName="prod-queue")["QueueUrl"]
    attributes = sfn_engine.client("sqs").get_queue_attributes(
        QueueUrl=url, AttributeNames=["VisibilityTimeout"]
    )["Attributes"]
    assert attributes == {"VisibilityTimeout": "30"}
    # A new name is another machine, and the old one is gone.
    machines = sfn_engine.client("stepfunctions").list_state_machines()["stateMachines"]
    assert [one["name"] for one in machines] == ["prod-x-prod-queue"]


def test_network_file_system_and_batch_by_the_constructs_of_cdk(
    sfn_engine: Engine, app: cdk.App
) -> None:
    network, compute = cdk.Stack(app, "Network"), cdk.Stack(app, "Compute")
    vpc = ec2.Vpc(
        network, "Vpc", max_azs=2, flow_logs={"logs": ec2.FlowLogOptions()}, nat_gateways=1
    )
    vpc.add_interface_endpoint("Ecr", service=ec2.InterfaceVpcEndpointAwsService.ECR)
    file_system = efs.FileSystem(compute, "Files", vpc=vpc, encrypted=True)
    access_point = file_system.add_access_point(
        "Scratch",
        path="/scratch",
        create_acl=efs.Acl(owner_gid="1000", owner_uid="1000", permissions="755"),
    )
    spot = batch.ManagedEc2EcsComputeEnvironment(
        compute,
        "Spot",
        vpc=vpc,
        spot=True,
        launch_template=ec2.LaunchTemplate(compute, "Template"),
    )
    shares = batch.FairshareSchedulingPolicy(compute, "Shares")
    shares.add_share(share_identifier="team", weight_factor=1)
    queue = batch.JobQueue(compute, "Queue", scheduling_policy=shares)
    queue.add_compute_environment(spot, 1)
    fargate = batch.FargateComputeEnvironment(compute, "Fargate", vpc=vpc)
    small = batch.JobQueue(compute, "Small", compute_environments=[])
    small.add_compute_environment(fargate, 1)
    batch.EcsJobDefinition(
        compute,
        "OnFiles",
        propagate_tags=True,
        retry_attempts=2,
        container=batch.EcsEc2ContainerDefinition(
            compute,
            "OnFilesContainer",
            image=ecs.ContainerImage.from_registry("busybox"),
            cpu=1,
            memory=cdk.Size.mebibytes(512),
            gpu=1,
            volumes=[
                batch.EcsVolume.efs(
                    name="scratch",
                    file_system=file_system,
                    container_path="/opt/scratch",
                    access_point_id=access_point.access_point_id,
                    enable_transit_encryption=True,
                    use_job_role=True,
                )
            ],
        ),
    )
    kept = batch.EcsJobDefinition(
        compute,
        "Kept",
        skip_deregister_on_update=True,
        container=batch.EcsFargateContainerDefinition(
            compute,
            "KeptContainer",
            image=ecs.ContainerImage.from_registry("busybox"),
            cpu=0.25,
            memory=cdk.Size.mebibytes(512),
            command=["echo", "one"],
        ),
    )
    cdk.CfnOutput(compute, "QueueArn", value=queue.job_queue_arn)

    deployment = sfn_engine.deploy(app)
    client = sfn_engine.client("batch")
    (described,) = client.describe_job_queues(jobQueues=[deployment.outputs["QueueArn"]])[
        "jobQueues"
    ]
    assert described["schedulingPolicyArn"] == deployment.physical_id("Compute/Shares")
    definitions = {
        one["jobDefinitionArn"]: one["containerProperties"] for one in sfn_engine.job_definitions()
    }
    (volume,) = definitions[deployment.physical_id("Compute/OnFiles")]["volumes"]
    assert volume["efsVolumeConfiguration"] == {
        "fileSystemId": deployment.physical_id("Compute/Files"),
        "transitEncryption": "ENABLED",
        "authorizationConfig": {
            "accessPointId": deployment.physical_id("Compute/Files/Scratch"),
            "iam": "ENABLED",
        },
    }
    # The old revision stays where the definition says so, and goes where it does not.
    resource = kept.node.default_child
    assert isinstance(resource, batch.CfnJobDefinition)
    resource.add_property_override("ContainerProperties.Command", ["echo", "two"])
    sfn_engine.deploy(app)
    revisions = client.describe_job_definitions(
        jobDefinitionName=deployment.physical_id("Compute/Kept").split("/")[1].split(":")[0]
    )["jobDefinitions"]
    assert {(one["revision"], one["status"]) for one in revisions} == {(1, "ACTIVE"), (2, "ACTIVE")}


def test_services_that_runs_notice(sfn_engine: Engine, app: cdk.App, tmp_path: Path) -> None:
    stack = cdk.Stack(app, "Stack")
    key = kms.Key(stack, "Key", alias="alias/team")
    topic = sns.Topic(stack, "Topic", enforce_ssl=True)
    queue = sqs.Queue(stack, "Queue", encryption_master_key=key, fifo=False)
    sqs.Queue(stack, "Ordered", fifo=True)
    topic.add_subscription(subscriptions.SqsSubscription(queue, raw_message_delivery=True))
    bucket = s3.Bucket(stack, "Bucket", encryption_key=key, versioned=True, enforce_ssl=True)
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a.txt").write_text("hello")
    s3_deployment.BucketDeployment(
        stack,
        "Files",
        sources=[
            s3_deployment.Source.asset(str(tmp_path / "files")),
            s3_deployment.Source.json_data("b.json", {"queue": queue.queue_name}),
        ],
        destination_bucket=bucket,
        destination_key_prefix="config",
    )
    table = dynamodb.TableV2(
        stack,
        "Table",
        partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
    )
    secret = secretsmanager.Secret(
        stack,
        "Secret",
        generate_secret_string=secretsmanager.SecretStringGenerator(
            secret_string_template='{"user": "me"}', generate_string_key="password"
        ),
    )
    called = function(stack, "Function")
    alias = lambda_.Alias(stack, "Live", alias_name="live", version=called.current_version)
    publish = tasks.SnsPublish(
        stack,
        "Publish",
        topic=topic,
        message=sfn.TaskInput.from_json_path_at("$.text"),
        result_path=sfn.JsonPath.DISCARD,
    )
    put = tasks.DynamoPutItem(
        stack,
        "Put",
        table=table,
        item={"id": tasks.DynamoAttributeValue.from_string("x")},
        result_path=sfn.JsonPath.DISCARD,
    )
    invoke = tasks.LambdaInvoke(stack, "Invoke", lambda_function=alias, payload_response_only=True)
    definition = sfn.DefinitionBody.from_chainable(publish.next(put).next(invoke))
    sfn.StateMachine(stack, "Machine", definition_body=definition, tracing_enabled=True)
    sfn.StateMachine(
        stack,
        "FromFile",
        definition_body=sfn.DefinitionBody.from_file(str(_definition(tmp_path))),
        definition_substitutions={"name": bucket.bucket_name},
    )

    deployment = sfn_engine.deploy(app)
    result = sfn_engine.execute({"text": "hello"}, "Stack/Machine").raise_for_status()
    assert result.output == {"got": {"text": "hello"}}
    url = deployment.physical_id("Stack/Queue")
    (message,) = sfn_engine.client("sqs").receive_message(QueueUrl=url)["Messages"]
    assert message["Body"] == "hello"
    name = deployment.physical_id(table.node.path)
    assert sfn_engine.client("dynamodb").scan(TableName=name)["Items"] == [{"id": {"S": "x"}}]
    value = sfn_engine.client("secretsmanager").get_secret_value(
        SecretId=deployment.physical_id(secret.node.path)
    )["SecretString"]
    assert json.loads(value).keys() == {"user", "password"}
    s3_client = sfn_engine.client("s3")
    files = {
        one["Key"]: s3_client.get_object(
            Bucket=deployment.physical_id("Stack/Bucket"), Key=one["Key"]
        )["Body"].read()
        for one in s3_client.list_objects_v2(Bucket=deployment.physical_id("Stack/Bucket"))[
            "Contents"
        ]
    }
    assert files["config/a.txt"] == b"hello"
    assert json.loads(files["config/b.json"]) == {"queue": url.rpartition("/")[2]}
    output = sfn_engine.execute({}, "Stack/FromFile").raise_for_status().output
    assert output == deployment.physical_id("Stack/Bucket")


def _definition(folder: Path) -> Path:
    states = {"A": {"Type": "Pass", "Result": "${name}", "End": True}}
    path = folder / "machine.asl.json"
    path.write_text(json.dumps({"StartAt": "A", "States": states}))
    return path


def test_an_environment_that_is_not_the_engines(sfn_engine: Engine, app: cdk.App) -> None:
    environment = cdk.Environment(account="111122223333", region="eu-west-1")
    stack = cdk.Stack(app, "Stack", env=environment)
    ec2.Vpc(stack, "Vpc", max_azs=2)
    inner = machine(stack, "Inner", {"a": 1}, state_machine_name="inner")
    arn = stack.format_arn(
        service="states",
        resource="stateMachine",
        resource_name="inner",
        arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
    )
    assert "111122223333" in arn
    start = sfn.CustomState(
        stack,
        "Start",
        state_json={
            "Type": "Task",
            "Resource": "arn:aws:states:::states:startExecution.sync:2",
            "Parameters": {"StateMachineArn": arn},
            "OutputPath": "$.Output",
        },
    )
    outer = sfn.StateMachine(
        stack, "Outer", definition_body=sfn.DefinitionBody.from_chainable(start)
    )
    inner.grant_start_execution(outer)
    outer.add_to_role_policy(
        iam.PolicyStatement(actions=["states:DescribeExecution", "events:*"], resources=["*"])
    )
    sfn_engine.deploy(app)
    assert sfn_engine.execute({}, "Stack/Outer").raise_for_status().output == {"a": 1}


def test_an_environment_that_was_never_looked_up(sfn_engine: Engine, tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path / "cdk.out"), analytics_reporting=False)
    environment = cdk.Environment(account="111122223333", region="us-east-1")
    stack = cdk.Stack(app, "Stack", env=environment)
    efs.FileSystem(stack, "Own", vpc=ec2.Vpc(stack, "Vpc", max_azs=3))
    elsewhere = ec2.Vpc.from_lookup(stack, "Elsewhere", vpc_id="vpc-0abc")
    efs.FileSystem(stack, "There", vpc=elsewhere)
    dummy = ssm.StringParameter.value_from_lookup(stack, "/team/image")
    machine(stack, "Machine", {"image": dummy})
    deployment = sfn_engine.deploy(app)
    zones = {
        one["AvailabilityZone"]
        for one in sfn_engine.client("ec2").describe_subnets(
            SubnetIds=[
                deployment.physical_id(f"Stack/Vpc/PublicSubnet{n}/Subnet") for n in (1, 2, 3)
            ]
        )["Subnets"]
    }
    assert zones == {"us-east-1a", "us-east-1b", "us-east-1c"}
    assert sfn_engine.execute().output == {"image": "dummy-value-for-/team/image"}
    targets = [why for key, why in deployment.skipped.items() if "ThereEfsMountTarget" in key]
    assert len(targets) == 2
    assert all("the engine has no network" in why for why in targets)


def test_what_a_custom_resource_gives_can_be_given(sfn_engine: Engine, app: cdk.App) -> None:
    stack = cdk.Stack(app, "Stack")
    custom = cdk.CustomResource(
        stack, "Lookup", service_token="arn:aws:lambda:us-east-1:123456789012:function:f"
    )
    machine(stack, "Machine", {"id": custom.ref, "name": custom.get_att_string("Name")})
    with pytest.raises(DeploymentError, match=r"Lookup.*custom resources are not run; Machine"):
        sfn_engine.deploy(app)
    path = "Stack/Lookup/Default"
    given = {"Ref": "id-1", "Name": "given"}
    sfn_engine.deploy(app, resources={path: given})
    assert sfn_engine.execute().output == {"id": "id-1", "name": "given"}
    with pytest.raises(DeploymentError, match=r"no stack .* has 'Stack/Lookup/Defalt'; did you"):
        sfn_engine.deploy(app, resources={"Stack/Lookup/Defalt": given})


def test_what_cdk_refuses_is_told(sfn_engine: Engine, app: cdk.App) -> None:
    stack = cdk.Stack(app, "Stack")
    sqs.Queue(stack, "Queue")
    cdk.CfnOutput(stack, "Output", value=cdk.Lazy.string(_Failing()))
    with pytest.raises(DeploymentError, match=r"CDK cannot synthesize the app: .*no value yet"):
        sfn_engine.deploy(app)


@jsii.implements(cdk.IStableStringProducer)
class _Failing:
    def produce(self) -> str:
        raise ValueError("no value yet")

"""What a role may use of other stacks: the references of the policy are those of the definition."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from aws_cdk import App, CfnParameter, Environment, Fn, NestedStack, SecretValue, Stack
from aws_cdk.aws_batch import FargateComputeEnvironment, JobQueue
from aws_cdk.aws_dynamodb import Attribute, AttributeType, Table
from aws_cdk.aws_ec2 import Vpc
from aws_cdk.aws_ecs import CfnTaskDefinition
from aws_cdk.aws_events import Authorization, Connection, EventBus
from aws_cdk.aws_iam import Role, ServicePrincipal
from aws_cdk.aws_lambda import Code, Function, Runtime
from aws_cdk.aws_s3 import Bucket
from aws_cdk.aws_secretsmanager import Secret
from aws_cdk.aws_sns import Topic
from aws_cdk.aws_sqs import Queue
from aws_cdk.aws_ssm import StringParameter
from aws_cdk.aws_stepfunctions import CustomState, DefinitionBody, Pass, StateMachine
from constructs import Construct
from tests.proofs import few

from sfn_fragments.environment import EnvBase
from sfn_fragments.fragments import LambdaFunctionFragment, create_state_machine
from sfn_fragments.iam import AllowedResources
from sfn_fragments.states import S3Operation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ENV = EnvBase("dev-x")
KNOWN = Environment(account="123456789012", region="us-east-1")


def stacks(kind: str) -> tuple[App, Stack, Stack]:
    """An app, the stack of the resources, and that of the state machine."""
    # As in a fresh project.
    weak = {"@aws-cdk/core:defaultCrossStackReferences": "weak"} if kind == "weak" else {}
    app = App(context=weak)
    if kind == "nested":
        parent = Stack(app, "Other")
        return app, parent, NestedStack(parent, "Stack")
    env = None if kind in ("unknown", "weak") else KNOWN
    if kind == "region":
        there = Environment(account=KNOWN.account, region="us-west-2")
        other = Stack(app, "Other", env=there, cross_region_references=True)
        return app, other, Stack(app, "Stack", env=env, cross_region_references=True)
    return app, Stack(app, "Other", env=env), Stack(app, "Stack", env=env)


def resources(app: App) -> list[dict[str, Any]]:
    """The resources of the template that holds the state machine."""
    app.synth()
    for file in Path(app.outdir).glob("*.template.json"):
        found: list[dict[str, Any]] = list(
            json.loads(file.read_text()).get("Resources", {}).values()
        )
        if any(each["Type"] == "AWS::StepFunctions::StateMachine" for each in found):
            return found
    raise AssertionError("no state machine")


def leaves(value: Any) -> Iterator[str]:
    """Every reference in a value but pseudo parameters, as text."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "Fn::GetStackOutput":
                # It has a region besides, a pseudo parameter.
                yield json.dumps({key: item})
            elif key in ("Ref", "Fn::ImportValue", "Fn::GetAtt") and "AWS::" not in str(item):
                yield json.dumps({key: item})
            else:
                yield from leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item)


def in_definition_and_policy(app: App) -> tuple[set[str], set[str]]:
    found = resources(app)
    (machine,) = [each for each in found if each["Type"] == "AWS::StepFunctions::StateMachine"]
    policies = [
        each["Properties"]["PolicyDocument"]
        for each in found
        if each["Type"] == "AWS::IAM::Policy"
        and str(each["Properties"]["PolicyName"]).endswith("-definition")
    ]
    return set(leaves(machine["Properties"]["DefinitionString"])), set(leaves(policies))


@pytest.mark.parametrize("kind", ["unknown", "known", "nested", "region", "weak"])
def test_buckets_of_another_stack(kind: str) -> None:
    app, other, stack = stacks(kind)
    # Of the same logical id: one is not to be taken for the other.
    theirs, ours = Bucket(other, "Data"), Bucket(stack, "Data")
    first = S3Operation.put_object(stack, "One", theirs.bucket_name, "$.key", "$.body")
    second = S3Operation.put_object(stack, "Two", ours.bucket_name, "$.key", "$.body")
    create_state_machine(stack, ENV, "m", "m", first.next(second))
    definition, policy = in_definition_and_policy(app)
    assert policy == definition
    assert len(policy) == 2


@pytest.mark.parametrize("kind", ["unknown", "known", "nested", "weak"])
def test_allowed_buckets_of_another_stack(kind: str) -> None:
    app, other, stack = stacks(kind)
    allowed = AllowedResources(buckets=[Bucket(other, "Data").bucket_name])
    put = S3Operation.put_object(stack, "Put", "$.bucket", "$.key", "$.body")
    create_state_machine(stack, ENV, "m", "m", put, allowed_resources=allowed)
    definition, policy = in_definition_and_policy(app)
    assert definition == set()
    (reference,) = policy
    # Older releases of CDK have strong references alone, whatever the flag says.
    weak = "Fn::GetStackOutput" if hasattr(Fn, "get_stack_output") else "Fn::ImportValue"
    how = {"nested": "referencetoOther", "weak": weak}
    assert how.get(kind, "Fn::ImportValue") in reference


@pytest.mark.parametrize("kind", ["unknown", "nested", "weak"])
def test_a_function_of_another_stack(kind: str) -> None:
    app, other, stack = stacks(kind)
    code = Code.from_inline("def handler(event, context): return event")
    function = Function(
        other, "Function", runtime=Runtime.PYTHON_3_13, handler="index.handler", code=code
    )
    fragment = LambdaFunctionFragment(stack, "Greet", ENV, lambda_function=function)
    fragment.to_state_machine("greet")
    found = resources(app)
    statements = [
        statement
        for each in found
        if each["Type"] == "AWS::IAM::Policy"
        for statement in each["Properties"]["PolicyDocument"]["Statement"]
        if statement["Action"] in ("lambda:InvokeFunction", ["lambda:InvokeFunction"])
    ]
    [statement] = statements
    [resource] = statement["Resource"]
    # It is the function's ARN, and not a name that an ARN is made of.
    assert set(resource) <= {"Fn::GetStackOutput", "Fn::ImportValue", "Ref"}, resource


@pytest.mark.parametrize("kind", ["unknown", "known", "weak"])
def test_a_queue_of_another_stack(kind: str) -> None:
    app, other, stack = stacks(kind)
    queue = JobQueue(other, "Queue", job_queue_name="anything")
    vpc = Vpc(other, "Network", max_azs=1)
    queue.add_compute_environment(FargateComputeEnvironment(other, "Compute", vpc=vpc), 1)
    job = {"JobName": "j", "JobDefinition": "d", "JobQueue": queue.job_queue_arn}
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::batch:submitJob",
        "Parameters": job,
    }
    submit = CustomState(stack, "Submit", state_json=task)
    create_state_machine(stack, ENV, "m", "m", submit)
    (statement,) = [
        statement
        for each in resources(app)
        if each["Type"] == "AWS::IAM::Policy"
        for statement in each["Properties"]["PolicyDocument"]["Statement"]
        if statement["Action"] == ["batch:SubmitJob"]
    ]
    (reference,) = [one for one in statement["Resource"] if "JobQueueArn" in str(one)]
    # It is the queue's ARN, and not a name that an ARN is made of.
    assert set(reference) <= {"Fn::GetStackOutput", "Fn::ImportValue"}, reference


PSEUDO = {
    "AWS::Partition": "aws",
    "AWS::Region": KNOWN.region,
    "AWS::AccountId": KNOWN.account,
    "AWS::URLSuffix": "amazonaws.com",
}


def evaluated(value: Any, given: str) -> str:
    """What CloudFormation makes of a text, where every reference is one value."""
    match value:
        case str():
            return value
        case {"Ref": str(name)} if name in PSEUDO:
            return str(PSEUDO[name])
        case {"Fn::Join": [str(separator), list(parts)]}:
            return separator.join(evaluated(part, given) for part in parts)
        case {"Fn::Select": [index, {"Fn::Split": [str(separator), text]}]}:
            return evaluated(text, given).split(separator)[int(index)]
    return given


def statements_of(app: App) -> list[dict[str, Any]]:
    """The statements that are derived from the definition."""
    return [
        statement
        for each in resources(app)
        if each["Type"] == "AWS::IAM::Policy"
        and str(each["Properties"]["PolicyName"]).endswith("-definition")
        for statement in each["Properties"]["PolicyDocument"]["Statement"]
    ]


def called(resource: str, **parameters: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Parameters": parameters}


def here(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{KNOWN.region}:{KNOWN.account}:{resource}"


#: What a call names by a text that only CloudFormation knows: the call, and what IAM has for it.
NAMED_EITHER_WAY: dict[str, tuple[Callable[[str], dict[str, Any]], str, str]] = {
    "queue": (
        lambda name: called("batch:submitJob", JobName="j", JobDefinition="d:1", JobQueue=name),
        "batch:SubmitJob",
        here("batch", "job-queue/thing"),
    ),
    "definition": (
        lambda name: called("batch:submitJob", JobName="j", JobDefinition=name, JobQueue="q"),
        "batch:SubmitJob",
        here("batch", "job-definition/thing"),
    ),
    "function": (
        lambda name: called("lambda:invoke", FunctionName=name),
        "lambda:InvokeFunction",
        here("lambda", "function:thing"),
    ),
    "table": (
        lambda name: called("dynamodb:getItem", TableName=name, Key={"id": {"S": "1"}}),
        "dynamodb:GetItem",
        here("dynamodb", "table/thing"),
    ),
    "bus": (
        lambda name: called(
            "events:putEvents",
            Entries=[{"EventBusName": name, "Source": "s", "DetailType": "t", "Detail": {}}],
        ),
        "events:PutEvents",
        here("events", "event-bus/thing"),
    ),
    "task definition": (
        lambda name: called("ecs:runTask", TaskDefinition=name, Cluster="c"),
        "ecs:RunTask",
        here("ecs", "task-definition/thing"),
    ),
    "secret": (
        lambda name: called("aws-sdk:secretsmanager:getSecretValue", SecretId=name),
        "secretsmanager:GetSecretValue",
        here("secretsmanager", "secret:thing"),
    ),
    "model": (
        lambda name: called("bedrock:invokeModel", ModelId=name, Body={}),
        "bedrock:InvokeModel",
        here("bedrock", "provisioned-model/thing"),
    ),
    "service": (
        lambda name: called("aws-sdk:ecs:updateService", Cluster="c", Service=name),
        "ecs:UpdateService",
        here("ecs", "service/c/thing"),
    ),
    "database": (
        lambda name: called("aws-sdk:rds:startDBInstance", DbInstanceIdentifier=name),
        "rds:StartDBInstance",
        here("rds", "db:thing"),
    ),
    "stack": (
        lambda name: called("aws-sdk:cloudformation:deleteStack", StackName=name),
        "cloudformation:DeleteStack",
        here("cloudformation", "stack/thing/*"),
    ),
    "qualified function": (
        lambda name: called("aws-sdk:lambda:invokeAsync", FunctionName=f"{name}:live"),
        "lambda:InvokeFunction",
        here("lambda", "function:thing:live"),
    ),
    "bucket": (
        lambda name: called("aws-sdk:s3:listObjectVersions", Bucket=name),
        "s3:ListBucketVersions",
        "arn:aws:s3:::thing",
    ),
    "objects": (
        lambda name: called("aws-sdk:s3:deleteObject", Bucket=name, Key="a"),
        "s3:DeleteObject",
        "arn:aws:s3:::thing/a",
    ),
    "log group": (
        lambda name: called("aws-sdk:cloudwatchlogs:filterLogEvents", LogGroupName=name),
        "logs:FilterLogEvents",
        here("logs", "log-group:thing:*"),
    ),
}
POINT = here("s3", "accesspoint/thing")
POINTS = f"arn:aws:s3::{KNOWN.account}:accesspoint/thing.mrap"
#: Where such a text comes from.
SOURCES: dict[str, Callable[[Stack], str]] = {
    "parameter": lambda stack: CfnParameter(stack, "Name").value_as_string,
    # As a resource of CDK's, it has a logical id with a hash.
    "nested parameter": lambda stack: (
        CfnParameter(Construct(stack, "App"), "QueueArn").value_as_string
    ),
    "parameter of another stack": lambda stack: (
        CfnParameter(
            Construct(Stack(cast("App", stack.node.root), "Other"), "App"), "Arn"
        ).value_as_string
    ),
    "parameter of the stack above": lambda stack: (
        CfnParameter(
            Construct(cast("Stack", stack.nested_stack_parent), "App"), "Arn"
        ).value_as_string
    ),
    "Parameter Store": lambda stack: StringParameter.value_for_string_parameter(stack, "/a/name"),
    "import": lambda _: Fn.import_value("Shared"),
}


@few(3)
@pytest.mark.parametrize("source", SOURCES)
def test_a_name_or_an_arn_becomes_an_arn(source: str) -> None:
    app = App()
    stack = Stack(app, "Stack")
    if source.endswith("above"):
        stack = NestedStack(stack, "Nested")
    name = SOURCES[source](stack)
    chain: Any = Pass(stack, "Begin")
    for kind, (call, _, _) in NAMED_EITHER_WAY.items():
        chain = chain.next(CustomState(stack, f"Call of a {kind}", state_json=call(name)))
    create_state_machine(stack, ENV, "m", "m", chain)
    statements = statements_of(app)
    for kind, (_, action, resource) in NAMED_EITHER_WAY.items():
        [statement] = [each for each in statements if action in each["Action"]]
        arn = resource.removesuffix(":*")
        forms = {"thing": resource, arn: resource}
        if ":s3:" in resource:
            # An access point, of one region or of several, has an ARN for a name. Of another
            # stack, CDK refers to buckets alone by Ref.
            points = () if "stack" in source else (POINT, POINTS)
            between = "/object/a" if kind == "objects" else ""
            forms = {"thing": resource, **{point: f"{point}{between}" for point in points}}
        for given, expected in forms.items():
            found = {evaluated(each, given) for each in statement["Resource"]}
            assert expected in found, kind
            # Each is one ARN, and nothing is in it twice.
            one = all(each.startswith("arn:aws:") and each.count("arn:") == 1 for each in found)
            assert one, kind


@pytest.mark.parametrize("kind", ["unknown", "known", "weak"])
def test_what_is_named_is_what_is_granted(kind: str) -> None:
    app, other, stack = stacks(kind)
    key = Attribute(name="id", type=AttributeType.STRING)
    topic, queue = Topic(other, "Topic", topic_name="t"), Queue(other, "Queue", queue_name="q")
    table = Table(other, "Table", partition_key=key, table_name="table")
    bus = EventBus(other, "Bus", event_bus_name="bus")
    api_key = Authorization.api_key("k", SecretValue.unsafe_plain_text("x"))
    connection = Connection(other, "Connection", authorization=api_key)
    entries = [{"EventBusName": bus.event_bus_name, "Source": "s", "DetailType": "t", "Detail": {}}]
    calls = (
        called("sns:publish", TopicArn=topic.topic_arn, Message="m"),
        called("sqs:sendMessage", QueueUrl=queue.queue_url, MessageBody="m"),
        called("dynamodb:putItem", TableName=table.table_name, Item={"id": {"S": "1"}}),
        called("events:putEvents", Entries=entries),
        called(
            "http:invoke",
            ApiEndpoint="https://api.example.com/orders",
            Method="GET",
            Authentication={"ConnectionArn": connection.connection_arn},
        ),
    )
    first, *others = (
        CustomState(stack, f"Call {number}", state_json=call) for number, call in enumerate(calls)
    )
    chain: Any = first
    for each in others:
        chain = chain.next(each)
    create_state_machine(stack, ENV, "m", "m", chain)
    found = statements_of(app)
    open_ones = [each for each in found if each["Resource"] == ["*"] and not each.get("Condition")]
    logging = {"logs:CreateLogDelivery", "xray:PutTraceSegments"}
    assert [each for each in open_ones if not logging & set(each["Action"])] == []
    given = {
        "sns:Publish": (here("sns", "t"), here("sns", "t")),
        "sqs:SendMessage": (
            "https://sqs.us-east-1.amazonaws.com/123456789012/q",
            here("sqs", "q"),
        ),
        "dynamodb:PutItem": ("table", here("dynamodb", "table/table")),
        "events:PutEvents": ("bus", here("events", "event-bus/bus")),
        "secretsmanager:GetSecretValue": (
            here("events", "connection/name/id"),
            here("secretsmanager", "secret:events!connection/name/*"),
        ),
    }
    for action, (known, resource) in given.items():
        [statement] = [each for each in found if action in each["Action"]]
        assert [evaluated(each, known) for each in statement["Resource"]] == [resource]


def test_a_reference_to_what_is_known_is_its_arn() -> None:
    app = App()
    stack = Stack(app, "Stack")
    body = DefinitionBody.from_chainable(Pass(stack, "Pass"))
    nested = StateMachine(Construct(stack, "App"), "Next", definition_body=body)
    secret = Secret(stack, "Secret")
    start = called(
        "states:startExecution.sync:2", StateMachineArn=nested.state_machine_arn, Input={}
    )
    read = called("aws-sdk:secretsmanager:getSecretValue", SecretId=secret.secret_arn)
    first = CustomState(stack, "Start", state_json=start)
    create_state_machine(
        stack, ENV, "m", "m", first.next(CustomState(stack, "Read", state_json=read))
    )
    found = {action: each["Resource"] for each in statements_of(app) for action in each["Action"]}
    assert found["states:StartExecution"] == [stack.resolve(nested.state_machine_arn)]
    assert found["secretsmanager:GetSecretValue"] == [stack.resolve(secret.secret_arn)]


def test_a_task_passes_the_roles_of_its_task_definition() -> None:
    app = App()
    stack = Stack(app, "Stack")
    roles = [Role(stack, name, assumed_by=ServicePrincipal("ecs-tasks")) for name in ("Do", "Pull")]
    do, pull = (role.role_arn for role in roles)
    both = CfnTaskDefinition(stack, "Both", task_role_arn=do, execution_role_arn=pull)
    none = CfnTaskDefinition(stack, "None")
    chain: Any = Pass(stack, "Begin")
    for number, definition in enumerate((both.ref, none.ref)):
        call = called("ecs:runTask", TaskDefinition=definition, Cluster="c")
        chain = chain.next(CustomState(stack, f"Run {number}", state_json=call))
    create_state_machine(stack, ENV, "m", "m", chain)
    [passed] = [each for each in statements_of(app) if each["Action"] == ["iam:PassRole"]]
    assert passed["Resource"] == [stack.resolve(do), stack.resolve(pull)]
    assert passed["Condition"] == {
        "StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}
    }

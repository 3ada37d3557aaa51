"""The roles that CDK gives to its own tasks: no rule complains of them, and the report knows them.

They are made by others from AWS's documents, and so what is derived is held against them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import aws_cdk.aws_stepfunctions_tasks as tasks
import pytest
from aws_cdk import App, SecretValue, Stack
from aws_cdk.aws_codebuild import BuildSpec, Project
from aws_cdk.aws_dynamodb import Attribute, AttributeType, Table
from aws_cdk.aws_events import Authorization, Connection, EventBus
from aws_cdk.aws_lambda import Alias, Code, Function, Runtime
from aws_cdk.aws_s3 import Bucket, Location
from aws_cdk.aws_sns import Topic
from aws_cdk.aws_sqs import Queue
from aws_cdk.aws_stepfunctions import (
    Activity,
    DefinitionBody,
    DistributedMap,
    IChainable,
    IntegrationPattern,
    Pass,
    S3JsonItemReader,
    StateMachine,
    TaskInput,
)
from constructs import Construct
from tests.proofs import few

from sfn_fragments_asl.checks import builtin_checks, run_checks
from sfn_fragments_asl.permissions.machine_roles import MachineRole, machine_role
from sfn_fragments_asl.reading.files import find_state_machines

if TYPE_CHECKING:
    from pathlib import Path

    from sfn_fragments_asl.reading.templates import FoundMachine

SYNC = IntegrationPattern.RUN_JOB
Make = Callable[[Construct], IChainable]


def function(scope: Construct) -> Function:
    code = Code.from_inline("x")
    return Function(scope, "Fn", runtime=Runtime.PYTHON_3_12, handler="i.h", code=code)


def alias(scope: Construct) -> Alias:
    return Alias(scope, "Alias", alias_name="live", version=function(scope).current_version)


def table(scope: Construct) -> Table:
    return Table(scope, "T", partition_key=Attribute(name="a", type=AttributeType.STRING))


def child(scope: Construct) -> StateMachine:
    body = DefinitionBody.from_chainable(Pass(scope, "P"))
    return StateMachine(scope, "Child", definition_body=body)


def project(scope: Construct) -> Project:
    return Project(scope, "Project", build_spec=BuildSpec.from_object({"version": "0.2"}))


def http(scope: Construct) -> IChainable:
    password = SecretValue.unsafe_plain_text("p")
    connection = Connection(scope, "C", authorization=Authorization.basic("u", password))
    return tasks.HttpInvoke(
        scope,
        "x",
        api_root="https://api.example.com",
        api_endpoint=TaskInput.from_text("v"),
        method=TaskInput.from_text("GET"),
        connection=connection,
    )


def entry(scope: Construct) -> tasks.EventBridgePutEventsEntry:
    return tasks.EventBridgePutEventsEntry(
        detail=TaskInput.from_object({"a": 1}),
        detail_type="d",
        source="s",
        event_bus=EventBus(scope, "Bus"),
    )


def distributed(scope: Construct) -> IChainable:
    reader = S3JsonItemReader(bucket=Bucket(scope, "B"), key="k.json")
    return DistributedMap(scope, "x", item_reader=reader).item_processor(Pass(scope, "p"))


KEY = {"a": tasks.DynamoAttributeValue.from_string("x")}
TEXT = TaskInput.from_text("m")
QUEUE = "arn:aws:batch:us-east-1:123456789012:job-queue/q"
JOB = "arn:aws:batch:us-east-1:123456789012:job-definition/a:1"

MADE: dict[str, Make] = {
    "Invoke": lambda s: tasks.LambdaInvoke(s, "x", lambda_function=function(s)),
    "InvokeAlias": lambda s: tasks.LambdaInvoke(s, "x", lambda_function=alias(s)),
    "InvokePayload": lambda s: tasks.LambdaInvoke(
        s, "x", lambda_function=function(s), payload_response_only=True
    ),
    "Publish": lambda s: tasks.SnsPublish(s, "x", topic=Topic(s, "T"), message=TEXT),
    "Send": lambda s: tasks.SqsSendMessage(s, "x", queue=Queue(s, "Q"), message_body=TEXT),
    "Get": lambda s: tasks.DynamoGetItem(s, "x", table=table(s), key=KEY),
    "Put": lambda s: tasks.DynamoPutItem(s, "x", table=table(s), item=KEY),
    "Update": lambda s: tasks.DynamoUpdateItem(s, "x", table=table(s), key=KEY),
    "Delete": lambda s: tasks.DynamoDeleteItem(s, "x", table=table(s), key=KEY),
    "Start": lambda s: tasks.StepFunctionsStartExecution(s, "x", state_machine=child(s)),
    "StartSync": lambda s: tasks.StepFunctionsStartExecution(
        s, "x", state_machine=child(s), integration_pattern=SYNC
    ),
    "Activity": lambda s: tasks.StepFunctionsInvokeActivity(s, "x", activity=Activity(s, "A")),
    "Events": lambda s: tasks.EventBridgePutEvents(s, "x", entries=[entry(s)]),
    "Build": lambda s: tasks.CodeBuildStartBuild(
        s, "x", project=project(s), integration_pattern=SYNC
    ),
    "Glue": lambda s: tasks.GlueStartJobRun(s, "x", glue_job_name="j", integration_pattern=SYNC),
    "Crawler": lambda s: tasks.GlueStartCrawlerRun(s, "x", crawler_name="c"),
    "Brew": lambda s: tasks.GlueDataBrewStartJobRun(s, "x", name="b", integration_pattern=SYNC),
    "Query": lambda s: tasks.AthenaStartQueryExecution(
        s,
        "x",
        query_string="q",
        result_configuration=tasks.ResultConfiguration(
            output_location=Location(bucket_name="b", object_key="k")
        ),
        integration_pattern=SYNC,
    ),
    "AddStep": lambda s: tasks.EmrAddStep(s, "x", cluster_id="c", name="n", jar="j"),
    "Terminate": lambda s: tasks.EmrTerminateCluster(s, "x", cluster_id="c"),
    "Cancel": lambda s: tasks.EmrCancelStep(s, "x", cluster_id="c", step_id="s"),
    "Submit": lambda s: tasks.BatchSubmitJob(
        s, "x", job_definition_arn=JOB, job_queue_arn=QUEUE, job_name="j"
    ),
    "Endpoint": lambda s: tasks.SageMakerCreateEndpoint(
        s, "x", endpoint_name="e", endpoint_config_name="c"
    ),
    "Evaluate": lambda s: tasks.EvaluateExpression(s, "x", expression="$.a + $.b"),
    "Http": http,
    "Distributed": distributed,
}
#: What CDK leaves out that AWS's documents have, by task.
LACKING = {
    "Distributed": {"states:DescribeExecution", "states:StopExecution"},
    "Query": {"athena:StopQueryExecution"},
    "Submit": {"batch:DescribeJobs", "batch:TerminateJob"},
}
#: Tasks of which the report says that not all is known, and why.
UNSURE = {
    "Distributed": "the label of the Map is in what is derived, and not in what CDK allows",
    "Endpoint": "its resources are not derived",
    "Http": "CDK allows all methods, and all paths that begin so",
    "Query": "the catalogs and tables of a query are not in the definition",
    "Submit": "CDK allows all job definitions of the stack's region, which may be another one",
}


@pytest.fixture(scope="module")
def roles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, MachineRole]:
    app = App(analytics_reporting=False, outdir=str(tmp_path_factory.mktemp("app")))
    stack = Stack(app, "Stack")
    for name, make in MADE.items():
        scope = Construct(stack, name)
        StateMachine(scope, "M", definition_body=DefinitionBody.from_chainable(make(scope)))
    machines, problems = find_state_machines([app.synth().directory])
    assert problems == []
    found = {task_of(machine): machine_role(machine) for machine in machines}
    return {name: found[name] for name in MADE}


def task_of(machine: FoundMachine) -> str | None:
    """The task of a state machine, of which logical ids are made; none of a child."""
    match = re.fullmatch(r"(\w+)M[0-9A-F]{8}", str(machine.checked.logical_id))
    return match and match[1]


@few(10)
@pytest.mark.parametrize("name", MADE)
def test_no_rule_complains(roles: dict[str, MachineRole], name: str) -> None:
    rules = [rule for rule in builtin_checks() if rule.id.startswith(("asl.role", "asl.missing-p"))]
    assert len(rules) == 3
    assert run_checks(roles[name].machine.checked, rules).findings == ()


@pytest.mark.parametrize("name", MADE)
def test_the_report_knows_them(roles: dict[str, MachineRole], name: str) -> None:
    comparison = roles[name].comparison
    missing = {action for each in comparison.missing for action in each.actions}
    assert missing == LACKING.get(name, set())
    assert bool(comparison.unsure) is (name in UNSURE), comparison.unsure
    assert comparison.unknown == ()


def test_without_its_policy_each_is_found(roles: dict[str, MachineRole], tmp_path: Path) -> None:
    (source,) = {role.machine.file for role in roles.values()}
    template = json.loads(source.read_text())
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::IAM::Policy":
            resource["Properties"]["PolicyDocument"]["Statement"] = []
    file = tmp_path / "bare.template.json"
    file.write_text(json.dumps(template))
    machines, _ = find_state_machines([str(file)])
    rule = [one for one in builtin_checks() if one.id == "asl.missing-permission"]
    silent = {
        task_of(machine) for machine in machines if not run_checks(machine.checked, rule).findings
    }
    # It calls nothing, and neither does the child.
    assert silent == {"Activity", None}

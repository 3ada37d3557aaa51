"""Executions may do what their role allows, and nothing else."""

from __future__ import annotations

import io
import json
import time
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from sfn_fragments_local import Engine
from sfn_fragments_local.deployment import DeploymentError
from sfn_fragments_local.iam_enforcement.authorization import Place, requests_of_call
from sfn_fragments_local.iam_enforcement.policies import (
    Request,
    UnsupportedPolicyError,
    Verdict,
    evaluate,
    read_statements,
)
from sfn_fragments_local.iam_enforcement.resource_policies import (
    lets_service,
    opinion_of_resource,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sfn_fragments_local import Execution

PLACE = Place("aws", "us-east-1", "123456789012")
BATCH = "arn:aws:batch:us-east-1:123456789012"
STATES = "arn:aws:states:us-east-1:123456789012"
EVENTS = "arn:aws:events:us-east-1:123456789012:rule/StepFunctionsGetEventsFor"
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"Service": "states.amazonaws.com"},
            "Action": "sts:AssumeRole",
        },
    }
)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """One engine for all: each test has names of its own."""
    with Engine() as engine:
        engine.create_bucket("data")
        engine.create_job_queue("queue")
        yield engine


def allow(actions: Any, resources: Any, **rest: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **rest}


def deny(actions: Any, resources: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": actions, "Resource": resources}


def set_policy(engine: Engine, name: str, *statements: Mapping[str, Any]) -> None:
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    engine.client("iam").put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document)


def create_role(engine: Engine, name: str, *statements: Mapping[str, Any]) -> str:
    made = engine.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
    if statements:
        set_policy(engine, name, *statements)
    return str(made["Role"]["Arn"])


def create_machine(engine: Engine, name: str, role: str, **states: dict[str, Any]) -> str:
    definition = {"StartAt": next(iter(states)), "States": states}
    made = engine.client("stepfunctions").create_state_machine(
        name=name, definition=json.dumps(definition), roleArn=role
    )
    return str(made["stateMachineArn"])


def task(resource: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    service = resource if resource.startswith("arn:") else f"arn:aws:states:::{resource}"
    return {"Type": "Task", "Resource": service, "Parameters": parameters, "End": True}


def put(key: str, bucket: str = "data") -> dict[str, Any]:
    return task("aws-sdk:s3:putObject", {"Bucket": bucket, "Key": key, "Body": "x"})


def job_definition(engine: Engine, name: str, command: list[str]) -> str:
    made = engine.client("batch").register_job_definition(
        jobDefinitionName=name,
        type="container",
        containerProperties={"image": "i", "vcpus": 1, "memory": 8, "command": command},
    )
    return str(made["jobDefinitionArn"])


def branch(state: dict[str, Any]) -> dict[str, Any]:
    return {"StartAt": "Inner", "States": {"Inner": state}}


def submit(definition: str, pattern: str = ".sync", **rest: Any) -> dict[str, Any]:
    parameters = {"JobName": "job", "JobDefinition": definition, "JobQueue": "queue", **rest}
    return task(f"batch:submitJob{pattern}", parameters)


SYNC = (
    allow(["events:PutTargets", "events:PutRule", "events:DescribeRule"], f"{EVENTS}BatchJobsRule"),
    allow("batch:DescribeJobs", "*"),
)


def test_what_is_allowed_succeeds_and_what_is_not_is_refused(engine: Engine) -> None:
    role = create_role(engine, "put", allow("s3:PutObject", "arn:aws:s3:::data/mine/*"))
    create_machine(engine, "inside", role, Put=put("mine/1"))
    assert engine.execute(state_machine="inside").status == "SUCCEEDED"

    create_machine(engine, "outside", role, Put=put("other/1"))
    result = engine.execute(state_machine="outside")
    assert result.error == "S3.S3Exception"
    assert (
        "User: arn:aws:sts::123456789012:assumed-role/put/local-execution is not authorized to "
        "perform: s3:PutObject on resource: arn:aws:s3:::data/other/1 because no identity-based "
        "policy allows the s3:PutObject action"
    ) in str(result.cause)
    assert "Status Code: 403" in str(result.cause)
    assert "Contents" not in engine.client("s3").list_objects_v2(Bucket="data", Prefix="other")

    get = task("aws-sdk:s3:getObject", {"Bucket": "data", "Key": "mine/1"})
    create_machine(engine, "another-action", role, Get=get)
    assert "perform: s3:GetObject" in str(engine.execute(state_machine="another-action").cause)


def test_a_role_without_policies_may_do_nothing(engine: Engine) -> None:
    role = create_role(engine, "empty")
    create_machine(engine, "empty", role, Put=put("empty"))
    assert engine.execute(state_machine="empty").error == "S3.S3Exception"


def test_a_deny_wins(engine: Engine) -> None:
    role = create_role(
        engine, "deny", allow("s3:*", "*"), deny("s3:PutObject", "arn:aws:s3:::data/secret/*")
    )
    create_machine(engine, "deny-other", role, Put=put("open/1"))
    assert engine.execute(state_machine="deny-other").succeeded
    create_machine(engine, "deny-this", role, Put=put("secret/1"))
    assert "with an explicit deny in an identity-based policy" in str(
        engine.execute(state_machine="deny-this").cause
    )


def test_a_changed_policy_counts_at_once(engine: Engine) -> None:
    role = create_role(engine, "changed")
    create_machine(engine, "changed", role, Put=put("changed"))
    assert not engine.execute(state_machine="changed").succeeded
    set_policy(engine, "changed", allow("s3:PutObject", "arn:aws:s3:::data/changed"))
    assert engine.execute(state_machine="changed").succeeded


def test_an_attached_policy_counts(engine: Engine) -> None:
    role = create_role(engine, "attached")
    iam = engine.client("iam")
    document = json.dumps({"Version": "2012-10-17", "Statement": [allow("s3:PutObject", "*")]})
    policy = iam.create_policy(PolicyName="attached", PolicyDocument=document)["Policy"]["Arn"]
    create_machine(engine, "attached", role, Put=put("attached"))
    assert not engine.execute(state_machine="attached").succeeded
    iam.attach_role_policy(RoleName="attached", PolicyArn=policy)
    assert engine.execute(state_machine="attached").succeeded


def test_registering_needs_the_job_role_passed_to_batch(engine: Engine) -> None:
    job_role = "arn:aws:iam::123456789012:role/job"
    register = task(
        "aws-sdk:batch:registerJobDefinition",
        {
            "JobDefinitionName": "dev-a",
            "Type": "container",
            "ContainerProperties": {
                "Image": "i",
                "Vcpus": 1,
                "Memory": 8,
                "JobRoleArn": job_role,
            },
        },
    )
    registers = allow("batch:RegisterJobDefinition", f"{BATCH}:job-definition/dev-*")

    def passes(service: str) -> dict[str, Any]:
        condition = {"StringEquals": {"iam:PassedToService": service}}
        return allow("iam:PassRole", job_role, Condition=condition)

    role = create_role(engine, "register", registers)
    create_machine(engine, "register", role, Register=register)
    result = engine.execute(state_machine="register")
    assert result.error == "Batch.BatchException"
    assert f"iam:PassRole on resource: {job_role}" in str(result.cause)
    set_policy(engine, "register", registers, passes("ec2.amazonaws.com"))
    assert not engine.execute(state_machine="register").succeeded
    set_policy(engine, "register", registers, passes("ecs-tasks.amazonaws.com"))
    assert engine.execute(state_machine="register").succeeded


def test_submitting_needs_definition_and_queue_and_tags(engine: Engine) -> None:
    arn = job_definition(engine, "submit", ["true"])
    queue = f"{BATCH}:job-queue/queue"
    role = create_role(engine, "submit", *SYNC, allow("batch:SubmitJob", arn))
    create_machine(engine, "submit", role, Job=submit(arn))
    result = engine.execute(state_machine="submit")
    assert result.error == "Batch.AWSBatchException"
    assert f"batch:SubmitJob on resource: {queue} because" in str(result.cause)
    assert result.jobs == ()
    set_policy(engine, "submit", *SYNC, allow("batch:SubmitJob", [arn, queue]))
    assert engine.execute(state_machine="submit").succeeded

    create_machine(engine, "tagged", role, Job=submit(arn, "", Tags={"team": "imaging"}))
    assert f"batch:TagResource on resource: {arn}" in str(
        engine.execute(state_machine="tagged").cause
    )
    condition = {
        "StringEquals": {"aws:RequestTag/team": "imaging"},
        "ForAllValues:StringEquals": {"aws:TagKeys": ["team"]},
    }
    tag = allow("batch:TagResource", [arn, queue], Condition=condition)
    set_policy(engine, "submit", allow("batch:SubmitJob", [arn, queue]), tag)
    assert engine.execute(state_machine="tagged").succeeded


def test_the_end_of_a_job_must_be_seen(engine: Engine) -> None:
    arn = job_definition(engine, "seen", ["true"])
    submits = allow("batch:SubmitJob", "*")
    role = create_role(engine, "seen", submits, *SYNC)
    create_machine(engine, "seen", role, Job=submit(arn))
    set_policy(engine, "seen", submits)
    assert "batch:DescribeJobs on resource: *" in str(engine.execute(state_machine="seen").cause)


def stopped_with_a_job(engine: Engine, machine: str) -> Execution:
    execution = engine.start(state_machine=machine)
    while not execution.jobs:
        time.sleep(0.01)
    execution.stop()
    assert execution.wait(20).status == "ABORTED"
    return execution


def test_stopping_ends_the_jobs_that_the_role_may_end(engine: Engine) -> None:
    arn = job_definition(engine, "stopped", ["sleep", "60"])
    role = create_role(engine, "stopped", allow("batch:SubmitJob", "*"), *SYNC)
    create_machine(engine, "stopped", role, Job=submit(arn))

    def stop() -> str:
        return stopped_with_a_job(engine, "stopped").jobs[0].id

    going_on = stop()
    set_policy(engine, "stopped", allow("batch:*", f"{BATCH}:job/*"), allow("batch:*", "*"), *SYNC)
    ended = stop()

    def status(job: str) -> str:
        return next(one.status for one in engine.jobs if one.id == job)

    while status(ended) != "FAILED":
        time.sleep(0.02)
    assert status(going_on) in ("RUNNABLE", "STARTING", "RUNNING")
    engine.client("batch").terminate_job(jobId=going_on, reason="the test is over")


def test_a_nested_machine_has_its_own_role(engine: Engine) -> None:
    inner_role = create_role(engine, "inner", allow("s3:PutObject", "arn:aws:s3:::data/inner"))
    inner = create_machine(engine, "inner", inner_role, Put=put("inner"))
    rules = f"{EVENTS}StepFunctionsExecutionRule"
    starts = allow("states:StartExecution", inner)
    sees = allow("states:DescribeExecution", f"{STATES}:execution:inner:*")
    outer_role = create_role(engine, "outer", allow("events:*", rules), starts, sees)
    start = task("states:startExecution.sync:2", {"StateMachineArn": inner, "Input": {}})
    create_machine(engine, "outer", outer_role, Start=start)
    assert engine.execute(state_machine="outer").succeeded

    set_policy(engine, "outer", starts)
    result = engine.execute(state_machine="outer")
    assert result.error == "StepFunctions.AWSStepFunctionsException"
    assert "assumed-role/outer/" in str(result.cause)
    assert f"states:DescribeExecution on resource: {STATES}:execution:inner:" in str(result.cause)
    set_policy(engine, "outer", sees)
    assert f"states:StartExecution on resource: {inner}" in str(
        engine.execute(state_machine="outer").cause
    )

    set_policy(engine, "outer", allow("*", "*"))
    set_policy(engine, "inner", allow("s3:PutObject", "arn:aws:s3:::data/another"))
    result = engine.execute(state_machine="outer")
    assert result.error == "States.TaskFailed"
    assert "assumed-role/inner/" in str(result.cause)


def test_stopping_ends_the_nested_executions_that_the_role_may_end(engine: Engine) -> None:
    arn = job_definition(engine, "nested-stopped", ["sleep", "60"])
    inner_role = create_role(engine, "waits", allow("batch:*", "*"), *SYNC)
    inner = create_machine(engine, "waits", inner_role, Job=submit(arn))
    role = create_role(engine, "waiting", allow(["states:*", "events:*"], "*"))
    start = task("states:startExecution.sync:2", {"StateMachineArn": inner, "Input": {}})
    create_machine(engine, "waiting", role, Start=start)
    states = engine.client("stepfunctions")

    def stop() -> str:
        stopped_with_a_job(engine, "waiting")
        newest = states.list_executions(stateMachineArn=inner)["executions"]
        return str(max(newest, key=lambda one: one["startDate"])["executionArn"])

    def status(execution: str) -> str:
        return str(states.describe_execution(executionArn=execution)["status"])

    ended = stop()
    while status(ended) == "RUNNING":
        time.sleep(0.02)
    assert status(ended) == "ABORTED"
    set_policy(
        engine, "waiting", allow(["states:*", "events:*"], "*"), deny("states:StopExecution", "*")
    )
    going_on = stop()
    assert status(going_on) == "RUNNING"
    states.stop_execution(executionArn=going_on)
    for job in engine.jobs:
        engine.client("batch").terminate_job(jobId=job.id, reason="the test is over")


def test_a_distributed_map_needs_to_start_its_children(engine: Engine) -> None:
    engine.client("s3").put_object(Bucket="data", Key="items.json", Body=b"[1, 2]")
    reads = allow("s3:GetObject", "arn:aws:s3:::data/items.json")
    starts = allow("states:StartExecution", f"{STATES}:stateMachine:distributed")
    sees = allow("states:DescribeExecution", f"{STATES}:execution:distributed:*")
    writes = allow(
        ["s3:PutObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"],
        "arn:aws:s3:::data/results/*",
    )
    puts = allow("s3:PutObject", "arn:aws:s3:::data/child-*")
    needed = {
        "s3:GetObject on resource: arn:aws:s3:::data/items.json": reads,
        f"states:StartExecution on resource: {STATES}:stateMachine:distributed": starts,
        f"states:DescribeExecution on resource: {STATES}:execution:distributed:": sees,
        "s3:PutObject on resource: arn:aws:s3:::data/results/": writes,
    }
    role = create_role(engine, "distributed", *needed.values(), puts)
    parameters = {"Bucket": "data", "Key.$": "States.Format('child-{}', $)", "Body": "x"}
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "Child",
        "States": {"Child": task("aws-sdk:s3:putObject", parameters)},
    }
    distributed = {
        "Type": "Map",
        "ItemProcessor": processor,
        "ItemReader": {
            "Resource": "arn:aws:states:::s3:getObject",
            "ReaderConfig": {"InputType": "JSON"},
            "Parameters": {"Bucket": "data", "Key": "items.json"},
        },
        "ResultWriter": {
            "Resource": "arn:aws:states:::s3:putObject",
            "Parameters": {"Bucket": "data", "Prefix": "results"},
        },
        "End": True,
    }
    create_machine(engine, "distributed", role, Map=distributed)
    assert engine.execute(state_machine="distributed").succeeded

    for refusal in needed:
        others = [one for key, one in needed.items() if key != refusal]
        set_policy(engine, "distributed", *others, puts)
        result = engine.execute(state_machine="distributed")
        assert result.status == "FAILED"
        assert refusal in str(result.cause)
    # The children have the machine's role too.
    set_policy(engine, "distributed", *needed.values())
    result = engine.execute(state_machine="distributed")
    assert result.error == "States.ExceedToleratedFailureThreshold"
    failed = [e for events in result.map_run_histories for e in events if "Failed" in e["type"]]
    assert "s3:PutObject on resource: arn:aws:s3:::data/child-1" in str(failed)


def trust(engine: Engine, role: str, by: str, **rest: Any) -> None:
    """Let a role be assumed by another one."""
    document = json.loads(TRUST)
    document["Statement"] |= {"Principal": {"AWS": by}, **rest}
    engine.client("iam").update_assume_role_policy(
        RoleName=role, PolicyDocument=json.dumps(document)
    )


def test_a_task_may_have_a_role_of_its_own(engine: Engine) -> None:
    machine_role = create_role(engine, "machine-of-two", allow("*", "*"))
    other = create_role(engine, "role-of-a-task", allow("s3:PutObject", "arn:aws:s3:::data/a"))
    trust(engine, "role-of-a-task", machine_role)
    create_machine(
        engine,
        "two-roles",
        machine_role,
        First={"Type": "Parallel", "Branches": [branch(put("b"))], "Next": "Second"},
        Second={**put("b"), "Credentials": {"RoleArn": other}},
    )
    result = engine.execute(state_machine="two-roles")
    assert "assumed-role/role-of-a-task/" in str(result.cause)


def test_a_role_of_a_task_is_assumed(engine: Engine) -> None:
    own = create_role(engine, "assumes", allow("s3:PutObject", "arn:aws:s3:::data/*"))
    other = create_role(engine, "assumed", allow("s3:PutObject", "arn:aws:s3:::data/a"))
    create_machine(engine, "assuming", own, Put={**put("a"), "Credentials": {"RoleArn": other}})

    def refused() -> str:
        result = engine.execute(state_machine="assuming")
        return "" if result.status == "SUCCEEDED" else str(result.cause)

    asked = (
        "assumed-role/assumes/local-execution is not authorized to perform: sts:AssumeRole on "
        f"resource: {other}"
    )
    # What the state machine's own role may do is of no use.
    assert f"{asked} because no identity-based policy" in refused()
    set_policy(engine, "assumes", allow("sts:AssumeRole", other))
    assert asked in refused()
    trust(engine, "assumed", own)
    assert refused() == ""
    # The account is trusted, and with it whoever it allows to.
    trust(engine, "assumed", "arn:aws:iam::123456789012:root")
    assert refused() == ""
    trust(engine, "assumed", "arn:aws:iam::123456789012:role/someone-else")
    assert asked in refused()


def test_a_task_with_a_role_of_its_own_waits_with_that(engine: Engine) -> None:
    arn = job_definition(engine, "waits-with-that", ["true"])
    own = create_role(engine, "only-assumes", allow("sts:AssumeRole", "*"))
    submits = allow("batch:SubmitJob", [f"{BATCH}:job-definition/*", f"{BATCH}:job-queue/queue"])
    other = create_role(engine, "waits-with-that", *SYNC, submits)
    trust(engine, "waits-with-that", own)
    state = {**submit(arn), "Credentials": {"RoleArn": other}}
    create_machine(engine, "waits-with-that", own, Job=state)
    assert engine.execute(state_machine="waits-with-that").status == "SUCCEEDED"


def test_a_character_that_is_a_wildcard_may_be_meant() -> None:
    statements = read_statements(
        {"Statement": [allow("s3:PutObject", "arn:aws:s3:::data/what${?}/${*}.txt")]}
    )

    def verdict(key: str) -> Verdict:
        return evaluate(statements, Request("s3:PutObject", f"arn:aws:s3:::data/{key}"))

    assert verdict("what?/*.txt") is Verdict.ALLOWED
    assert verdict("whatx/*.txt") is Verdict.NOT_ALLOWED
    assert verdict("what?/a.txt") is Verdict.NOT_ALLOWED


def test_a_machine_that_waits_needs_the_managed_rule(engine: Engine) -> None:
    arn = job_definition(engine, "rule", ["true"])
    role = create_role(engine, "rule", *SYNC[1:], allow("events:PutRule", "*"))
    with pytest.raises(ClientError, match="not authorized to create managed-rule") as refused:
        create_machine(engine, "rule", role, Job=submit(arn))
    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
    assert "events:PutTargets on" in str(refused.value)
    set_policy(engine, "rule", *SYNC)
    machine = create_machine(engine, "rule", role, Job=submit(arn))
    set_policy(engine, "rule", *SYNC[1:])
    with pytest.raises(ClientError, match="events:PutTargets on"):
        engine.client("stepfunctions").update_state_machine(
            stateMachineArn=machine,
            definition=json.dumps({"StartAt": "Job", "States": {"Job": submit(arn)}}),
        )


@pytest.mark.parametrize(
    ("service", "trusted"),
    [
        ("states.amazonaws.com", True),
        ("states.us-east-1.amazonaws.com", True),
        ("lambda.amazonaws.com", False),
        ("states.eu-west-1.amazonaws.com", False),
    ],
)
def test_the_role_of_a_machine_trusts_step_functions(
    engine: Engine, service: str, trusted: bool
) -> None:
    name = f"trusts-{service.replace('.', '-')}"
    role = engine.client("iam").create_role(
        RoleName=name, AssumeRolePolicyDocument=TRUST.replace("states.amazonaws.com", service)
    )["Role"]["Arn"]
    if trusted:
        create_machine(engine, name, role, Done={"Type": "Succeed"})
        return
    with pytest.raises(ClientError, match="authorized to assume the provided role") as refused:
        create_machine(engine, name, role, Done={"Type": "Succeed"})
    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"


SOURCE = {"aws:SourceArn": f"{STATES}:stateMachine:of-*"}


@pytest.mark.parametrize(
    ("condition", "trusted"),
    [
        ({"StringEquals": {"aws:SourceAccount": "123456789012"}}, True),
        ({"StringEquals": {"aws:SourceAccount": "210987654321"}}, False),
        ({"ArnLike": SOURCE}, True),
        ({"ArnNotLike": SOURCE}, False),
        ({"StringEquals": {"sts:ExternalId": "x"}}, False),
        # Not known here, and taken as met.
        ({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, True),
    ],
)
def test_the_conditions_of_a_trust_policy(
    engine: Engine, condition: dict[str, Any], trusted: bool
) -> None:
    name = f"of-{zlib.crc32(json.dumps(condition).encode())}"
    statement = {**json.loads(TRUST)["Statement"], "Condition": condition}
    role = engine.client("iam").create_role(
        RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": statement})
    )["Role"]["Arn"]
    if trusted:
        create_machine(engine, name, role, Done={"Type": "Succeed"})
    else:
        with pytest.raises(ClientError, match="authorized to assume the provided role"):
            create_machine(engine, name, role, Done={"Type": "Succeed"})


def test_a_condition_that_iam_lacks_is_named(engine: Engine) -> None:
    condition = {"StringLik": {"aws:SourceAccount": "*"}}
    statement = {**json.loads(TRUST)["Statement"], "Condition": condition}
    role = engine.client("iam").create_role(
        RoleName="misspelled", AssumeRolePolicyDocument=json.dumps({"Statement": statement})
    )["Role"]["Arn"]
    with pytest.raises(ClientError, match="the condition operator 'StringLik'"):
        create_machine(engine, "misspelled", role, Done={"Type": "Succeed"})


def test_a_role_is_assumed_on_the_conditions_of_its_trust_policy(engine: Engine) -> None:
    own = create_role(engine, "asks", allow("sts:AssumeRole", "*"))
    other = create_role(engine, "asked")
    parameters = {"RoleArn": other, "RoleSessionName": "s"}
    for name, more in (("without-id", {}), ("with-id", {"ExternalId": "secret"})):
        ask = task("aws-sdk:sts:assumeRole", {**parameters, **more})
        create_machine(engine, name, own, Ask=ask)

    def refused(condition: Mapping[str, Any], principal: str = own) -> list[bool]:
        trust(engine, "asked", principal, Condition=condition)
        results = [engine.execute(state_machine=one) for one in ("without-id", "with-id")]
        causes = [str(one.cause) for one in results if not one.succeeded]
        assert all("not authorized to perform: sts:AssumeRole" in one for one in causes)
        return [not one.succeeded for one in results]

    assert refused({}) == [False, False]
    assert refused({}, f"{own}-of-another") == [True, True]
    assert refused({"StringEquals": {"sts:ExternalId": "secret"}}) == [True, False]
    assert refused({"ArnLike": {"aws:PrincipalArn": "arn:*:role/asks"}}, "*") == [False, False]
    assert refused({"ArnLike": {"aws:PrincipalArn": "arn:*:role/other"}}, "*") == [True, True]
    assert refused({"StringEquals": {"aws:SourceAccount": "123456789012"}}) == [True, True]


@pytest.fixture(scope="module")
def resources(engine: Engine) -> dict[str, Any]:
    """Kind of a resource: a call of it, its arguments, its ARN, and what sets its policy."""
    sqs, sns, secrets = (engine.client(one) for one in ("sqs", "sns", "secretsmanager"))
    url = sqs.create_queue(QueueName="policed")["QueueUrl"]
    topic = sns.create_topic(Name="policed")["TopicArn"]
    secret = secrets.create_secret(Name="policed", SecretString="s")["ARN"]
    return {
        "sqs:SendMessage": (
            task("aws-sdk:sqs:sendMessage", {"QueueUrl": url, "MessageBody": "m"}),
            f"arn:aws:sqs:us-east-1:{engine.account}:policed",
            lambda text: sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": text}),
        ),
        "sns:Publish": (
            task("sns:publish", {"TopicArn": topic, "Message": "m"}),
            topic,
            lambda text: sns.set_topic_attributes(
                TopicArn=topic, AttributeName="Policy", AttributeValue=text
            ),
        ),
        "secretsmanager:GetSecretValue": (
            # By its name, which does not show the end of its ARN.
            task("aws-sdk:secretsmanager:getSecretValue", {"SecretId": "policed"}),
            secret,
            lambda text: secrets.put_resource_policy(SecretId=secret, ResourcePolicy=text),
        ),
    }


@pytest.mark.parametrize(
    "action", ["sqs:SendMessage", "sns:Publish", "secretsmanager:GetSecretValue"]
)
def test_the_policy_of_a_resource(engine: Engine, resources: dict[str, Any], action: str) -> None:
    state, arn, put_policy = resources[action]
    name = action.replace(":", "-")
    allowed = create_role(engine, f"{name}-allowed", allow(action, arn))
    nobody = create_role(engine, f"{name}-nobody")
    for role in (allowed, nobody):
        create_machine(engine, role.rpartition("/")[2], role, Call=state)

    def causes(*statements: Mapping[str, Any]) -> list[str]:
        listed = [{"Resource": arn, "Action": action, **one} for one in statements]
        put_policy(json.dumps({"Version": "2012-10-17", "Statement": listed}))
        results = [
            engine.execute(state_machine=one.rpartition("/")[2]) for one in (allowed, nobody)
        ]
        return [str(one.cause or one.status) for one in results]

    none = f"no identity-based policy allows the {action} action"
    root = {"AWS": f"arn:aws:iam::{engine.account}:root"}
    done, refused = causes({"Effect": "Allow", "Principal": root})
    # What the account is allowed, the account has to allow the role.
    assert (done, none in refused) == ("SUCCEEDED", True)
    assert causes({"Effect": "Allow", "Principal": {"AWS": nobody}}) == ["SUCCEEDED"] * 2
    source = {"StringEquals": {"aws:SourceAccount": engine.account}}
    service = {"Effect": "Allow", "Principal": "*", "Condition": source}
    assert none in causes(service)[1]
    denied = causes({"Effect": "Deny", "Principal": "*"})
    assert all("explicit deny in a resource-based policy" in one for one in denied)


def test_a_resource_of_another_account_lets_in_whom_it_names(engine: Engine) -> None:
    foreign = assume(engine, "arn:aws:iam::210987654321:role/owner")
    queue = foreign("sqs").create_queue(QueueName="far")["QueueUrl"]
    arn = "arn:aws:sqs:us-east-1:210987654321:far"
    role = create_role(engine, "travels", allow("sqs:SendMessage", arn))
    state = task("aws-sdk:sqs:sendMessage", {"QueueUrl": queue, "MessageBody": "m"})
    create_machine(engine, "travels", role, Send=state)

    def cause(*statements: Mapping[str, Any]) -> str:
        text = json.dumps({"Version": "2012-10-17", "Statement": statements})
        foreign("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"Policy": text})
        return str(engine.execute(state_machine="travels").cause)

    assert "no resource-based policy allows the sqs:SendMessage action" in cause()
    let = {**allow("sqs:SendMessage", arn), "Principal": {"AWS": engine.account}}
    # Let in; moto then looks for the queue in the caller's account.
    assert "not authorized" not in cause(let)
    set_policy(engine, "travels", allow("sqs:ReceiveMessage", arn))
    assert "no identity-based policy allows" in cause({**let, "Principal": {"AWS": role}})


def assume(engine: Engine, role: str) -> Any:
    """Returns clients of a session of a role, by the service."""
    given = engine.client("sts").assume_role(RoleArn=role, RoleSessionName="session")["Credentials"]

    def client(service: str) -> Any:
        return boto3.client(
            service,
            region_name=engine.region,
            endpoint_url=engine.endpoint_url,
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"],
            aws_session_token=given["SessionToken"],
        )

    return client


def test_the_policy_of_a_function(engine: Engine) -> None:
    functions = engine.client("lambda")
    role = create_role(engine, "of-a-function")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("index.py", "def handler(event, context): return event")
    made = functions.create_function(
        FunctionName="policed",
        Runtime="python3.12",
        Role=role,
        Handler="index.handler",
        Code={"ZipFile": archive.getvalue()},
        Publish=True,
    )
    functions.create_alias(FunctionName="policed", Name="live", FunctionVersion=made["Version"])
    arn = f"arn:aws:lambda:us-east-1:{engine.account}:function:policed"

    def let_in(resource: str = arn, who: str = role) -> bool:
        request = Request("lambda:InvokeFunction", resource)
        return opinion_of_resource(request, who, engine.account).verdict is Verdict.ALLOWED

    assert not let_in()
    permission = {"StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": role}
    functions.add_permission(FunctionName="policed", **permission)
    # An alias has a policy of its own.
    assert [let_in(), let_in(f"{arn}:live"), let_in(who=f"{role}-not")] == [True, False, False]
    functions.add_permission(FunctionName="policed", Qualifier="live", **permission)
    assert let_in(f"{arn}:live")
    assert not lets_service(
        "lambda:InvokeFunction", arn, "sns.amazonaws.com", f"{arn}-topic", engine.account
    )


@pytest.mark.parametrize("service", ["sqs", "kinesis", "dynamodb"])
def test_a_function_reads_from_what_its_role_may_poll(engine: Engine, service: str) -> None:
    functions, name = engine.client("lambda"), f"reads-from-{service}"
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("index.py", "def handler(event, context): return event")
    functions.create_function(
        FunctionName=name,
        Runtime="python3.12",
        Role=create_role(engine, name),
        Handler="index.handler",
        Code={"ZipFile": archive.getvalue()},
    )
    source = make_source(engine, service, name)
    polling = {"sqs": ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"]}.get(
        service, ["GetRecords", "GetShardIterator", "DescribeStream"]
    )
    allowed: list[str] = []
    for action in polling:
        if allowed:
            set_policy(engine, name, allow(allowed, source))
        with pytest.raises(ClientError, match=f"{action} (on SQS|is not allowed)"):
            functions.create_event_source_mapping(EventSourceArn=source, FunctionName=name)
        allowed.append(f"{service}:{action}")
    set_policy(engine, name, allow(allowed, source))
    functions.create_event_source_mapping(EventSourceArn=source, FunctionName=name)


def make_source(engine: Engine, service: str, name: str) -> str:
    """A queue or a stream; its ARN."""
    if service == "sqs":
        engine.client("sqs").create_queue(QueueName=name)
    elif service == "kinesis":
        engine.client("kinesis").create_stream(StreamName=name, ShardCount=1)
    else:
        made = engine.client("dynamodb").create_table(
            TableName=name,
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        )
        return str(made["TableDescription"]["LatestStreamArn"])
    resource = f"stream/{name}" if service == "kinesis" else name
    return f"arn:aws:{service}:us-east-1:{engine.account}:{resource}"


def test_services_deliver_to_what_lets_them_in(engine: Engine) -> None:
    """By a topic, a rule and a bucket, to queues."""
    sqs, sns, events, s3 = (engine.client(one) for one in ("sqs", "sns", "events", "s3"))
    url = sqs.create_queue(QueueName="told")["QueueUrl"]
    queue = f"arn:aws:sqs:us-east-1:{engine.account}:told"
    topic = sns.create_topic(Name="tells")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    rule = events.put_rule(Name="tells", EventPattern=json.dumps({"source": ["mine"]}))["RuleArn"]
    events.put_targets(Rule="tells", Targets=[{"Id": "1", "Arn": queue}])
    engine.create_bucket("tells")
    notified = {"QueueConfigurations": [{"QueueArn": queue, "Events": ["s3:ObjectCreated:*"]}]}

    def tell() -> int:
        sns.publish(TopicArn=topic, Message="m")
        events.put_events(Entries=[{"Source": "mine", "DetailType": "d", "Detail": "{}"}])
        s3.put_object(Bucket="tells", Key="k", Body=b"")
        received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for message in received:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return len(received)

    def let(*services: tuple[str, str]) -> None:
        statements = [
            {
                "Effect": "Allow",
                "Principal": {"Service": f"{service}.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": queue,
                "Condition": {"ArnEquals": {"aws:SourceArn": source}},
            }
            for service, source in services
        ]
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})

    assert tell() == 0
    with pytest.raises(ClientError, match="Unable to validate the following destination"):
        s3.put_bucket_notification_configuration(Bucket="tells", NotificationConfiguration=notified)
    every = [("sns", topic), ("events", rule), ("s3", "arn:aws:s3:::tells")]
    let(*every)
    s3.put_bucket_notification_configuration(Bucket="tells", NotificationConfiguration=notified)
    sqs.purge_queue(QueueUrl=url)
    assert tell() == len(every)
    let(("sns", f"{topic}-not"), *every[1:])
    assert tell() == len(every) - 1
    let(every[0])
    assert tell() == 1


def test_the_policies_of_a_stack(engine: Engine) -> None:
    role = create_role(engine, "of-the-stack")

    def template(effect: str) -> dict[str, Any]:
        statement = {"Effect": effect, "Principal": {"AWS": role}, "Action": "*", "Resource": "*"}
        document = {"Version": "2012-10-17", "Statement": [statement]}
        policies = {
            "AWS::SQS::QueuePolicy": {"Queues": [{"Ref": "Queue"}], "PolicyDocument": document},
            "AWS::SNS::TopicPolicy": {"Topics": [{"Ref": "Topic"}], "PolicyDocument": document},
            "AWS::SecretsManager::ResourcePolicy": {
                "SecretId": {"Ref": "Secret"},
                "ResourcePolicy": document,
            },
            # Of a function of elsewhere.
            "AWS::Lambda::Permission": {
                "FunctionName": f"arn:aws:lambda:us-east-1:{engine.account}:function:elsewhere",
                "Action": "lambda:InvokeFunction",
                "Principal": "sns.amazonaws.com",
            },
        }
        kept: dict[str, Any] = {
            "Queue": {"Type": "AWS::SQS::Queue"},
            "Topic": {"Type": "AWS::SNS::Topic"},
            "Secret": {"Type": "AWS::SecretsManager::Secret"},
        }
        if effect != "none":
            for kind, properties in policies.items():
                kept[kind.replace("::", "")] = {"Type": kind, "Properties": properties}
        return {"Resources": kept}

    def verdicts(effect: str) -> set[Verdict]:
        deployment = engine.deploy(template(effect), name="policies")
        assert not deployment.skipped
        queue, topic, secret = map(deployment.physical_id, ("Queue", "Topic", "Secret"))
        name = queue.rpartition("/")[2]
        requests = [
            Request("sqs:SendMessage", f"arn:aws:sqs:us-east-1:{engine.account}:{name}"),
            Request("sns:Publish", topic),
            Request("secretsmanager:GetSecretValue", secret),
        ]
        return {opinion_of_resource(one, role, engine.account).verdict for one in requests}

    assert verdicts("Allow") == {Verdict.ALLOWED}
    assert verdicts("Deny") == {Verdict.DENIED}
    assert verdicts("none") == {Verdict.NOT_ALLOWED}


def test_a_machine_that_logs_needs_log_delivery(engine: Engine) -> None:
    role = create_role(engine, "logs", allow("logs:CreateLogDelivery", "*"))
    machine = {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {
            "StateMachineName": "logs",
            "RoleArn": role,
            "DefinitionString": json.dumps({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}),
            "LoggingConfiguration": {
                "Level": "ALL",
                "Destinations": [{"CloudWatchLogsLogGroup": {"LogGroupArn": "arn:aws:logs:x"}}],
            },
        },
    }
    with pytest.raises(DeploymentError, match=r"access the Log Destination \(logs:GetLogDelivery"):
        engine.deploy({"Resources": {"Machine": machine}}, name="logs")
    set_policy(engine, "logs", allow("logs:*", "*"))
    engine.deploy({"Resources": {"Machine": machine}}, name="logs")


def test_a_stack_gives_a_role_all_of_its_policies(engine: Engine) -> None:
    """Those in the role, those beside it, managed ones; and their changes."""

    def template(key: str) -> dict[str, Any]:
        def policy_of(action: str, key: str) -> dict[str, Any]:
            statement = allow(f"s3:{action}", f"arn:aws:s3:::data/{key}")
            return {"Version": "2012-10-17", "Statement": [statement]}

        inline = policy_of("PutObject", key)
        beside = policy_of("GetObject", "*")
        own = policy_of("PutObject", "managed")
        role = {
            "AssumeRolePolicyDocument": json.loads(TRUST),
            "Policies": [{"PolicyName": "inline", "PolicyDocument": inline}],
            "ManagedPolicyArns": [
                {"Ref": "Own"},
                {"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/AmazonSSMReadOnlyAccess"},
                "arn:aws:iam::210987654321:policy/of-another-account",
            ],
        }
        policy = {"PolicyName": "beside", "PolicyDocument": beside, "Roles": [{"Ref": "Role"}]}
        get = task("aws-sdk:s3:getObject", {"Bucket": "data", "Key": "first"})
        describe = task("aws-sdk:ssm:describeParameters", {})
        states = [put("first"), get, put("managed"), describe]
        steps = {
            f"Step{number}": {**state, "Next": f"Step{number + 1}"}
            for number, state in enumerate(states)
        }
        for step in steps.values():
            del step["End"]
        definition = {"StartAt": "Step0", "States": {**steps, "Step4": {"Type": "Succeed"}}}
        return {
            "Resources": {
                "Own": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": own}},
                "Role": {"Type": "AWS::IAM::Role", "Properties": role},
                "Policy": {"Type": "AWS::IAM::Policy", "Properties": policy},
                "Machine": {
                    "Type": "AWS::StepFunctions::StateMachine",
                    "Properties": {
                        "StateMachineName": "stack-machine",
                        "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
                        "DefinitionString": json.dumps(definition),
                    },
                    "DependsOn": ["Policy"],
                },
            }
        }

    deployment = engine.deploy(template("other"), name="policies")
    assert "of-another-account of Role" in str(deployment.skipped)
    assert "s3:PutObject on resource: arn:aws:s3:::data/first" in str(
        engine.execute(state_machine="stack-machine").cause
    )
    engine.deploy(template("first"), name="policies")
    engine.execute(state_machine="stack-machine").raise_for_status()


def test_a_role_that_the_engine_does_not_have_is_not_enforced(engine: Engine) -> None:
    create_machine(engine, "foreign", "arn:aws:iam::123456789012:role/elsewhere", Put=put("f"))
    assert engine.execute(state_machine="foreign").succeeded


def test_a_role_that_is_no_arn_is_refused_by_name(engine: Engine) -> None:
    with pytest.raises(ClientError, match="InvalidArn"):
        create_machine(engine, "no-arn", "role", Put=put("f"))


def test_enforcement_can_be_switched_off(engine: Engine) -> None:
    role = create_role(engine, "off")
    create_machine(engine, "off", role, Put=put("off"))
    with Engine(enforce_iam=False) as inner:
        assert inner.execute(state_machine="off").succeeded
    assert not engine.execute(state_machine="off").succeeded


def test_a_condition_that_is_not_known_fails_and_is_named(engine: Engine) -> None:
    condition = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    role = create_role(engine, "ip", allow("s3:PutObject", "*", Condition=condition))
    create_machine(engine, "ip", role, Put=put("ip"))
    assert "the condition operator 'IpAddress', on 'aws:sourceip'" in str(
        engine.execute(state_machine="ip").cause
    )


@pytest.mark.parametrize(
    ("statement", "verdict"),
    [
        (allow("s3:Put*", "arn:aws:s3:::b/?"), Verdict.ALLOWED),
        (allow("S3:putobject", "arn:aws:s3:::b/k"), Verdict.ALLOWED),
        (allow("s3:PutObject", "arn:aws:s3:::b/kk"), Verdict.NOT_ALLOWED),
        (allow("s3:PutObject", "arn:aws:s3:::B/k"), Verdict.NOT_ALLOWED),
        (allow("s3:PutObject", "arn:aws:s3:::b"), Verdict.NOT_ALLOWED),
        ({"Effect": "Allow", "NotAction": "s3:Get*", "Resource": "*"}, Verdict.ALLOWED),
        ({"Effect": "Allow", "NotAction": "s3:Put*", "Resource": "*"}, Verdict.NOT_ALLOWED),
        (
            {"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:s3:::other/*"},
            Verdict.DENIED,
        ),
        (
            {"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:s3:::b/*"},
            Verdict.NOT_ALLOWED,
        ),
    ],
)
def test_statements(statement: dict[str, Any], verdict: Verdict) -> None:
    statements = read_statements({"Statement": statement})
    assert evaluate(statements, Request("s3:PutObject", "arn:aws:s3:::b/k")) is verdict


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"StringEquals": {"K": ["a", "v"]}}, True),
        ({"StringEquals": {"k": "V"}}, False),
        ({"StringEqualsIgnoreCase": {"k": "V"}}, True),
        ({"StringNotEquals": {"k": ["a", "v"]}}, False),
        ({"StringNotEquals": {"absent": "v"}}, True),
        ({"StringEquals": {"absent": "v"}}, False),
        ({"StringEqualsIfExists": {"absent": "v"}}, True),
        ({"StringLike": {"k": "v*"}}, True),
        ({"StringNotLike": {"k": "v*"}}, False),
        ({"ArnLike": {"arn": "arn:aws:iam::*:role/r"}}, True),
        ({"ArnNotEquals": {"arn": "arn:aws:iam::1:role/r"}}, False),
        ({"Bool": {"yes": True}}, True),
        ({"Bool": {"yes": "false"}}, False),
        ({"Null": {"absent": "true"}}, True),
        ({"Null": {"k": True}}, False),
        ({"DateGreaterThan": {"day": "2026-01-01"}}, True),
        ({"DateLessThanEquals": {"day": "2026-05-06T09:08:07+02:00"}}, True),
        ({"DateLessThan": {"day": 1778051286}}, False),
        ({"DateNotEquals": {"day": "2026-05-06T07:08:07Z"}}, False),
        ({"DateEquals": {"day": "yesterday"}}, False),
        ({"IpAddress": {"ip": ["192.0.2.0/24", "2001:db8::/32"]}}, True),
        ({"NotIpAddress": {"ip": "192.0.2.7"}}, False),
        ({"IpAddress": {"ip": "home"}}, False),
        ({"BinaryEquals": {"k": "v"}}, True),
        ({"ForAnyValue:StringEquals": {"many": "a"}}, True),
        ({"ForAnyValue:StringNotEquals": {"absent": "a"}}, False),
        ({"ForAnyValue:StringEqualsIfExists": {"absent": "a"}}, True),
        ({"ForAllValues:StringEquals": {"many": "a"}}, False),
        ({"ForAllValues:StringEquals": {"many": ["a", "b"]}}, True),
        ({"StringEquals": {"k": "v"}, "Bool": {"yes": "false"}}, False),
    ],
)
def test_conditions(condition: dict[str, Any], holds: bool) -> None:
    context = {
        "k": ["v"],
        "arn": ["arn:aws:iam::1:role/r"],
        "yes": ["true"],
        "many": ["a", "b"],
        "day": ["2026-05-06T07:08:07Z"],
        "ip": ["192.0.2.7"],
    }
    statements = read_statements({"Statement": allow("s3:GetObject", "*", Condition=condition)})
    verdict = evaluate(statements, Request("s3:GetObject", "arn:aws:s3:::b/k", context))
    assert (verdict is Verdict.ALLOWED) is holds


def test_a_policy_variable_is_refused_by_name() -> None:
    statements = read_statements(
        {"Statement": allow("s3:GetObject", "arn:aws:s3:::${aws:PrincipalTag/team}/*")}
    )
    with pytest.raises(UnsupportedPolicyError, match="PrincipalTag/team"):
        evaluate(statements, Request("s3:GetObject", "arn:aws:s3:::b/k"))


@pytest.mark.parametrize(
    ("service", "action", "arguments", "expected"),
    [
        (
            "s3",
            "ListObjectsV2",
            {"Bucket": "b", "Prefix": "p"},
            {"s3:ListBucket": "arn:aws:s3:::b"},
        ),
        (
            "s3",
            "CopyObject",
            {"Bucket": "b", "Key": "k", "CopySource": "c/d"},
            {"s3:PutObject": "arn:aws:s3:::b/k", "s3:GetObject": "arn:aws:s3:::c/d"},
        ),
        (
            "s3",
            "DeleteObjects",
            {"Bucket": "b", "Delete": {"Objects": [{"Key": "k"}]}},
            {"s3:DeleteObject": "arn:aws:s3:::b/k"},
        ),
        (
            "s3",
            "GetObject",
            {"Bucket": "b", "Key": "k", "VersionId": "1"},
            {"s3:GetObjectVersion": "arn:aws:s3:::b/k"},
        ),
        (
            "s3",
            "PutObject",
            {"Bucket": "b", "Key": "k", "Tagging": "a=b", "ACL": "private"},
            {
                "s3:PutObject": "arn:aws:s3:::b/k",
                "s3:PutObjectTagging": "arn:aws:s3:::b/k",
                "s3:PutObjectAcl": "arn:aws:s3:::b/k",
            },
        ),
        (
            "batch",
            "DeregisterJobDefinition",
            {"jobDefinition": f"{BATCH}:job-definition/n:3"},
            {"batch:DeregisterJobDefinition": f"{BATCH}:job-definition/n:3"},
        ),
        ("batch", "DescribeJobs", {"jobs": ["1"]}, {"batch:DescribeJobs": "*"}),
        ("batch", "TerminateJob", {"jobId": "1"}, {"batch:TerminateJob": f"{BATCH}:job/1"}),
        (
            "lambda",
            "Invoke",
            {"FunctionName": "f", "Qualifier": "live"},
            {"lambda:InvokeFunction": "arn:aws:lambda:us-east-1:123456789012:function:f:live"},
        ),
        (
            "ecr",
            "DescribeImages",
            {"repositoryName": "r", "registryId": "210987654321"},
            {"ecr:DescribeImages": "arn:aws:ecr:us-east-1:210987654321:repository/r"},
        ),
        (
            "dynamodb",
            "GetItem",
            {"TableName": "t"},
            {"dynamodb:GetItem": "arn:aws:dynamodb:us-east-1:123456789012:table/t"},
        ),
        ("efs", "DescribeFileSystems", {}, {"elasticfilesystem:DescribeFileSystems": None}),
        ("cloudwatch", "PutMetricData", {}, {"cloudwatch:PutMetricData": None}),
    ],
)
def test_what_a_call_needs(
    service: str, action: str, arguments: dict[str, Any], expected: dict[str, str | None]
) -> None:
    requests = requests_of_call(service, action, arguments, PLACE)
    assert {one.action: one.resource for one in requests} == expected

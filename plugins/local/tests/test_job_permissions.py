"""Jobs and functions may do what their own roles allow, and nothing else."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.request import urlopen

import boto3
import pytest
from aws_cdk import App, Stack
from aws_cdk.aws_batch import (
    FargateComputeEnvironment,
    JobQueue,
    ManagedEc2EcsComputeEnvironment,
)
from aws_cdk.aws_ec2 import Vpc
from aws_cdk.aws_iam import (
    AnyPrincipal,
    Effect,
    ManagedPolicy,
    PermissionsBoundary,
    PolicyStatement,
    Role,
    ServicePrincipal,
)
from aws_cdk.aws_lambda import Code, Function, Runtime
from aws_cdk.aws_s3 import Bucket
from botocore.exceptions import ClientError
from tests.forms import send_form
from tests.proofs import few, long_proof, some

from sfn_fragments.errors import InvalidParametersError
from sfn_fragments_local import Engine

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sfn_fragments_local import ExecutionResult, JobRecord

ROLE = "arn:aws:iam::123456789012:role"
STATES = "states.amazonaws.com"
ECS = "ecs-tasks.amazonaws.com"

#: Says what comes of the calls that it is told of: nothing, or the error.
CALLS = """
import json, sys
import boto3
from botocore.exceptions import ClientError

for service, call, arguments in json.loads(sys.argv[1]):
    try:
        getattr(boto3.client(service, region_name="us-east-1"), call)(**arguments)
        print("done")
    except ClientError as error:
        print(error.response["Error"]["Code"], error.response["Error"].get("Message"))
"""


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """One engine for all: each test has roles of its own."""
    with Engine() as engine:
        engine.create_bucket("data")
        engine.create_bucket("other")
        engine.create_job_queue("queue")
        for bucket in ("data", "other"):
            engine.client("s3").put_object(Bucket=bucket, Key="in/x", Body=b"x")
        yield engine


def create_role(engine: Engine, name: str, service: str, *statements: Mapping[str, Any]) -> str:
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
        ],
    }
    iam = engine.client("iam")
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    if statements:
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document)
    return str(made["Role"]["Arn"])


def allow(actions: Any, resources: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resources}


def run(
    engine: Engine,
    role: str | None,
    calls: list[Any],
    queue: str = "queue",
    container: Mapping[str, Any] | None = None,
    **given: Any,
) -> JobRecord:
    """A job that makes calls, of a definition with more than that."""
    batch = engine.client("batch")
    properties: dict[str, Any] = {
        "image": "i",
        "command": ["python", "-c", CALLS, json.dumps(calls)],
        "resourceRequirements": [
            {"type": "MEMORY", "value": "2048"},
            {"type": "VCPU", "value": "1"},
        ],
        **({"jobRoleArn": role} if role else {}),
        # Fargate takes no definition without.
        "executionRoleArn": "arn:aws:iam::123456789012:role/pulls",
        **(container or {}),
    }
    batch.register_job_definition(
        jobDefinitionName="calls", type="container", containerProperties=properties, **given
    )
    job = batch.submit_job(jobName="calls", jobQueue=queue, jobDefinition="calls")["jobId"]
    ends = time.monotonic() + 60
    while True:
        [record] = [one for one in engine.jobs if one.id == job]
        if record.status in ("SUCCEEDED", "FAILED"):
            return record
        assert time.monotonic() < ends
        time.sleep(0.05)


CALLS_OF_S3: list[Any] = [
    ["s3", "get_object", {"Bucket": "data", "Key": "in/x"}],
    ["s3", "head_object", {"Bucket": "data", "Key": "in/x"}],
    ["s3", "list_objects_v2", {"Bucket": "data", "Prefix": "in/"}],
    ["s3", "put_object", {"Bucket": "data", "Key": "out/x", "Body": "text"}],
    [
        "s3",
        "copy_object",
        {"Bucket": "data", "Key": "out/y", "CopySource": {"Bucket": "data", "Key": "in/x"}},
    ],
    ["s3", "delete_objects", {"Bucket": "data", "Delete": {"Objects": [{"Key": "out/x"}]}}],
    ["s3", "delete_object", {"Bucket": "data", "Key": "out/y"}],
]


def test_a_role_that_allows_all_that_the_job_does(engine: Engine) -> None:
    role = create_role(
        engine,
        "all",
        ECS,
        allow(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], "arn:aws:s3:::data/*"),
        allow("s3:ListBucket", "arn:aws:s3:::data"),
    )
    record = run(engine, role, CALLS_OF_S3)
    assert record.output.split("\n")[:-1] == ["done"] * len(CALLS_OF_S3), record.output


def test_what_the_role_does_not_allow_is_refused(engine: Engine) -> None:
    role = create_role(engine, "reads", ECS, allow("s3:GetObject", "arn:aws:s3:::data/in/*"))
    record = run(engine, role, CALLS_OF_S3)
    got, head, listed, put, copied, deleted, one_deleted = record.output.split("\n")[:-1]
    assert (got, head) == ("done", "done")
    who = "User: arn:aws:sts::123456789012:assumed-role/reads/local-session is not authorized"
    for answer, action, resource in [
        (listed, "ListBucket", "data"),
        (put, "PutObject", "data/out/x"),
        (copied, "PutObject", "data/out/y"),
        (deleted, "DeleteObject", "data/out/x"),
        (one_deleted, "DeleteObject", "data/out/y"),
    ]:
        assert answer == (
            f"AccessDenied {who} to perform: s3:{action} on resource: arn:aws:s3:::{resource} "
            f"because no identity-based policy allows the s3:{action} action"
        )


def test_only_who_may_list_a_bucket_is_told_what_is_missing(engine: Engine) -> None:
    objects = allow(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::*/*")
    calls = [
        ["s3", "get_object", {"Bucket": "data", "Key": "none"}],
        ["s3", "head_object", {"Bucket": "data", "Key": "none"}],
        ["s3", "copy_object", {"Bucket": "data", "Key": "to", "CopySource": "other/no ne"}],
        ["s3", "copy_object", {"Bucket": "data", "Key": "out/z", "CopySource": "other/with blank"}],
    ]
    engine.client("s3").put_object(Bucket="other", Key="with blank", Body=b"x")
    lists = allow("s3:ListBucket", ["arn:aws:s3:::data", "arn:aws:s3:::other"])
    told = run(engine, create_role(engine, "lists", ECS, objects, lists), calls).output
    assert [line.split()[0] for line in told.split("\n")[:-1]] == [
        *("NoSuchKey", "404", "NoSuchKey", "done")
    ]
    untold = run(engine, create_role(engine, "lists-nothing", ECS, objects), calls).output
    got, head, copied, there = untold.split("\n")[:-1]
    assert "AccessDenied" in got
    assert "to perform: s3:ListBucket on resource: arn:aws:s3:::data because" in got
    assert head == "403 Forbidden"
    assert "to perform: s3:ListBucket on resource: arn:aws:s3:::other because" in copied
    assert there == "done"


def test_an_object_that_was_deleted_is_missing_and_a_version_is_not(engine: Engine) -> None:
    s3 = engine.client("s3")
    engine.create_bucket("versions")
    s3.put_bucket_versioning(Bucket="versions", VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(Bucket="versions", Key="x", Body=b"x")["VersionId"]
    s3.delete_object(Bucket="versions", Key="x")
    actions = ["s3:GetObject", "s3:GetObjectVersion"]
    role = create_role(engine, "versions", ECS, allow(actions, "arn:aws:s3:::versions/*"))
    calls = [
        ["s3", "get_object", {"Bucket": "versions", "Key": "x"}],
        ["s3", "get_object", {"Bucket": "versions", "Key": "x", "VersionId": version}],
    ]
    deleted, kept = run(engine, role, calls).output.split("\n")[:-1]
    assert "s3:ListBucket on resource: arn:aws:s3:::versions because" in deleted
    assert kept == "done"


def test_listing_may_be_bound_to_a_prefix(engine: Engine) -> None:
    statement = {
        **allow("s3:ListBucket", "arn:aws:s3:::data"),
        "Condition": {"StringLike": {"s3:prefix": ["in/*"]}},
    }
    role = create_role(engine, "prefix", ECS, statement)
    calls = [
        ["s3", "list_objects_v2", {"Bucket": "data", "Prefix": "in/"}],
        ["s3", "list_objects_v2", {"Bucket": "data", "Prefix": "out/"}],
        ["s3", "list_objects_v2", {"Bucket": "data"}],
    ]
    inside, outside, everything = run(engine, role, calls).output.split("\n")[:-1]
    assert inside == "done"
    assert all(one.startswith("AccessDenied") for one in (outside, everything))


def test_head_is_refused_without_words(engine: Engine) -> None:
    role = create_role(engine, "nothing", ECS)
    record = run(engine, role, [["s3", "head_object", {"Bucket": "data", "Key": "in/x"}]])
    assert record.output.strip() == "403 Forbidden"


@pytest.mark.parametrize(
    ("service", "call", "arguments", "action", "resource"),
    [
        (
            "batch",
            "deregister_job_definition",
            {"jobDefinition": "calls:1"},
            "batch:DeregisterJobDefinition",
            "arn:aws:batch:us-east-1:123456789012:job-definition/calls:1",
        ),
        (
            "stepfunctions",
            "describe_state_machine",
            {"stateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:m"},
            "states:DescribeStateMachine",
            "arn:aws:states:us-east-1:123456789012:stateMachine:m",
        ),
        (
            "lambda",
            "invoke",
            {"FunctionName": "f"},
            "lambda:InvokeFunction",
            "arn:aws:lambda:us-east-1:123456789012:function:f",
        ),
        (
            "ecr",
            "describe_images",
            {"repositoryName": "images"},
            "ecr:DescribeImages",
            "arn:aws:ecr:us-east-1:123456789012:repository/images",
        ),
        (
            "dynamodb",
            "get_item",
            {"TableName": "t", "Key": {"k": {"S": "x"}}},
            "dynamodb:GetItem",
            "arn:aws:dynamodb:us-east-1:123456789012:table/t",
        ),
        (
            "sns",
            "publish",
            {"TopicArn": "arn:aws:sns:us-east-1:123456789012:t", "Message": "m"},
            "sns:Publish",
            "arn:aws:sns:us-east-1:123456789012:t",
        ),
        ("efs", "describe_file_systems", {}, "elasticfilesystem:DescribeFileSystems", "*"),
        ("logs", "describe_log_groups", {}, "logs:DescribeLogGroups", "*"),
    ],
)
def test_every_protocol(
    engine: Engine, service: str, call: str, arguments: Any, action: str, resource: str
) -> None:
    """What is asked for is what the engine demands of executions, whatever the protocol."""
    client = client_of(engine, create_role(engine, f"none-{service}", ECS), service)
    with pytest.raises(ClientError) as caught:
        getattr(client, call)(**arguments)
    code = caught.value.response["Error"]["Code"]
    assert code in ("AccessDenied", "AccessDeniedException", "AuthorizationError")
    assert f"to perform: {action} on resource: {resource} " in str(caught.value)

    allowed = create_role(engine, f"all-{service}", ECS, allow(action, "*"))
    # What it is about need not exist.
    with suppress(ClientError), _unless_refused():
        getattr(client_of(engine, allowed, service), call)(**arguments)


@contextmanager
def _unless_refused() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if "not authorized" in str(error):
            pytest.fail(str(error))
        raise


def client_of(engine: Engine, role: str, service: str) -> Any:
    """A client of whoever has assumed a role."""
    assumed = engine.client("sts").assume_role(RoleArn=role, RoleSessionName="me")["Credentials"]
    return boto3.client(
        service,
        aws_access_key_id=assumed["AccessKeyId"],
        aws_secret_access_key=assumed["SecretAccessKey"],
        aws_session_token=assumed["SessionToken"],
    )


def test_everybody_may_ask_who_they_are(engine: Engine) -> None:
    client = client_of(engine, create_role(engine, "who", ECS), "sts")
    assert client.get_caller_identity()["Arn"].endswith("assumed-role/who/me")


def test_a_presigned_url_is_worth_what_its_role_is(engine: Engine) -> None:
    role = create_role(engine, "signs", ECS, allow("s3:GetObject", "arn:aws:s3:::data/*"))
    s3 = client_of(engine, role, "s3")
    urls = {
        bucket: s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "in/x"})
        for bucket in ("data", "other")
    }
    with urlopen(urls["data"], timeout=10) as answer:
        assert answer.read() == b"x"
    with pytest.raises(HTTPError, match="403") as caught:
        urlopen(urls["other"], timeout=10)
    caught.value.close()


def test_a_presigned_form_is_worth_what_its_role_is(engine: Engine) -> None:
    role = create_role(engine, "posts", ECS, allow("s3:PutObject", "arn:aws:s3:::data/mine/*"))
    s3 = client_of(engine, role, "s3")
    for key, status in (("mine/x", 204), ("yours/x", 403)):
        post = s3.generate_presigned_post("data", key)
        assert send_form(post["url"], post["fields"]) == (status, "AccessDenied" * (status == 403))


def test_a_role_that_ecs_may_not_assume(engine: Engine) -> None:
    role = create_role(engine, "of-batch", "batch.amazonaws.com", allow("*", "*"))
    record = run(engine, role, CALLS_OF_S3)
    assert record.status == "FAILED"
    assert record.reason is not None
    assert record.reason.startswith(f"ECS was unable to assume the role '{role}'")


@pytest.mark.parametrize(
    ("role", "note"),
    some(
        [
            (None, "jobs without a role may do everything here"),
            (f"{ROLE}/of-another-stack", f"whoever has the role {ROLE}/of-another-stack may do"),
        ],
        0,
    ),
)
def test_jobs_whose_role_is_not_known_are_not_held_to_any_and_noted(
    engine: Engine, role: str | None, note: str
) -> None:
    record = run(engine, role, CALLS_OF_S3)
    assert record.output.split("\n")[:-1] == ["done"] * len(CALLS_OF_S3)
    [told] = record.notes
    assert told.startswith(note)
    machine_role = create_role(engine, f"submits-{role is None}", STATES, allow("*", "*"))
    result = submitted(engine, machine_role)
    assert result.notes == (told,)
    # One note is enough for all jobs, and a machine may have such a role as well.
    unknown = submitted(engine, f"{ROLE}/elsewhere")
    assert [one.split()[3:5] for one in unknown.notes][:1] == [["role", f"{ROLE}/elsewhere"]]
    assert unknown.notes[1:] == (told,)


def submitted(engine: Engine, role: str) -> ExecutionResult:
    """What comes of a machine that submits the job that `run` has defined, twice."""
    submit = {
        "Type": "Task",
        "Resource": "arn:aws:states:::batch:submitJob.sync",
        "Parameters": {"JobName": "again", "JobQueue": "queue", "JobDefinition": "calls"},
    }
    states = {"First": {**submit, "Next": "Second"}, "Second": {**submit, "End": True}}
    definition = json.dumps({"StartAt": "First", "States": states})
    name = f"submits-{role.rpartition('/')[2]}-{time.monotonic_ns()}"
    arn = engine.client("stepfunctions").create_state_machine(
        name=name, definition=definition, roleArn=role
    )["stateMachineArn"]
    return engine.execute({}, arn).raise_for_status()


def test_a_job_without_a_role_has_that_of_its_instance() -> None:
    with Engine(instance_role=f"{ROLE}/instances") as engine:
        engine.create_bucket("data")
        engine.create_job_queue("queue")
        get = [["s3", "list_objects_v2", {"Bucket": "data"}], ["s3", "list_buckets", {}]]
        untold = run(engine, None, get)
        assert [one.partition(" may do")[0] for one in untold.notes] == [
            f"whoever has the role {ROLE}/instances"
        ]
        create_role(
            engine, "instances", "ec2.amazonaws.com", allow("s3:ListBucket", "arn:aws:s3:::data")
        )
        listed, refused = run(engine, None, get).output.split("\n")[:-1]
        assert listed == "done"
        assert "assumed-role/instances/local-session is not authorized" in refused
        own = create_role(engine, "own-right", ECS, allow("s3:ListAllMyBuckets", "*"))
        assert run(engine, own, get).output.split("\n")[1] == "done"


@long_proof
def test_a_job_has_the_instance_profile_of_its_compute_environment(sfn_engine: Engine) -> None:
    """As an app makes them, by CDK's own constructs."""
    stack = Stack(App(), "Compute")
    vpc = Vpc(stack, "Vpc")
    role = Role(stack, "Instances", assumed_by=ServicePrincipal("ec2.amazonaws.com"))
    queue = JobQueue(stack, "Queue", job_queue_name="queue-instances")
    queue.add_compute_environment(
        ManagedEc2EcsComputeEnvironment(stack, "Environment", vpc=vpc, instance_role=role), 1
    )
    role.add_to_policy(PolicyStatement(actions=["s3:ListAllMyBuckets"], resources=["*"]))
    sfn_engine.deploy(stack)
    calls = [["s3", "list_buckets", {}], ["s3", "list_objects_v2", {"Bucket": "data"}]]
    record = run(sfn_engine, None, calls, "queue-instances")
    listed, refused = record.output.split("\n")[:-1]
    assert (listed, record.notes) == ("done", ())
    assert "s3:ListBucket on resource: arn:aws:s3:::data because" in refused
    # Deployed again, with another role.
    other = Stack(App(), "Compute")
    again = Role(other, "Others", assumed_by=ServicePrincipal("ec2.amazonaws.com"))
    queue = JobQueue(other, "Queue", job_queue_name="queue-instances")
    queue.add_compute_environment(
        ManagedEc2EcsComputeEnvironment(
            other, "Environment", vpc=Vpc(other, "Vpc"), instance_role=again
        ),
        1,
    )
    sfn_engine.deploy(other)
    assert "s3:ListAllMyBuckets" in run(sfn_engine, None, calls, "queue-instances").output


@few(1)
@pytest.mark.parametrize("by", ["definition", "compute environment"])
def test_a_job_on_fargate_without_a_role_has_no_credentials(sfn_engine: Engine, by: str) -> None:
    queue_name = f"queue-{by.replace(' ', '-')}"
    if by == "definition":
        sfn_engine.create_job_queue(queue_name)
    else:
        stack = Stack(App(), "Fargate")
        queue = JobQueue(stack, "Queue", job_queue_name=queue_name)
        environment = FargateComputeEnvironment(stack, "Environment", vpc=Vpc(stack, "Vpc"))
        queue.add_compute_environment(environment, 1)
        sfn_engine.deploy(stack)
    platforms = ["FARGATE"] if by == "definition" else ["EC2"]
    calls = [["s3", "list_buckets", {}]]
    record = run(sfn_engine, None, calls, queue_name, platformCapabilities=platforms)
    assert (record.status, record.notes) == ("FAILED", ())
    assert "Unable to locate credentials" in record.output
    role = create_role(sfn_engine, f"of-{queue_name}", ECS, allow("s3:*", "*"))
    assert (
        run(sfn_engine, role, calls, queue_name, platformCapabilities=platforms).output == "done\n"
    )


PUT_AND_GET: list[Any] = [
    ["s3", "put_object", {"Bucket": "data", "Key": "bounded", "Body": "x"}],
    ["s3", "get_object", {"Bucket": "data", "Key": "bounded"}],
]


@long_proof
def test_a_permissions_boundary_bounds_what_the_role_allows(engine: Engine) -> None:
    iam = engine.client("iam")
    role = create_role(engine, "bounded", ECS, allow("s3:*", "*"))

    def bound(*statements: Mapping[str, Any]) -> list[str]:
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        name = f"boundary-{len(statements)}"
        policy = iam.create_policy(PolicyName=name, PolicyDocument=document)["Policy"]["Arn"]
        iam.put_role_permissions_boundary(RoleName="bounded", PermissionsBoundary=policy)
        return run(engine, role, PUT_AND_GET).output.split("\n")[:-1]

    assert run(engine, role, PUT_AND_GET).output == "done\ndone\n"
    put, got = bound(allow("s3:PutObject", "*"))
    assert put == "done"
    assert "because no permissions boundary allows the s3:GetObject action" in got
    denied = {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*"}
    put, got = bound(allow("s3:*", "*"), denied)
    assert "with an explicit deny in a permissions boundary" in put
    assert got == "done"
    # A boundary allows nothing by itself.
    iam.put_role_policy(
        RoleName="bounded",
        PolicyName="p",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [denied]}),
    )
    assert "no identity-based policy allows" in run(engine, role, PUT_AND_GET[1:]).output
    iam.delete_role_permissions_boundary(RoleName="bounded")


def test_the_boundary_of_a_stack(sfn_engine: Engine) -> None:
    """As an organisation puts one over all roles of an app."""
    stack = Stack(App(), "Bounded")
    policy = ManagedPolicy(
        stack,
        "Boundary",
        statements=[PolicyStatement(actions=["s3:GetObject"], resources=["*"])],
    )
    PermissionsBoundary.of(stack).apply(policy)
    ecs = ServicePrincipal(ECS)
    role = Role(stack, "Role", role_name="of-a-stack", assumed_by=ecs)
    role.add_to_policy(PolicyStatement(actions=["s3:*"], resources=["*"]))
    elsewhere = Stack(App(), "Elsewhere")
    Role(
        elsewhere,
        "Role",
        role_name="bounded-elsewhere",
        assumed_by=ecs,
        permissions_boundary=ManagedPolicy.from_managed_policy_name(elsewhere, "Org", "of-all"),
    )
    sfn_engine.create_bucket("data")
    sfn_engine.create_job_queue("queue")
    sfn_engine.deploy(stack)
    put, _ = run(sfn_engine, f"{ROLE}/of-a-stack", PUT_AND_GET).output.split("\n")[:-1]
    assert "because no permissions boundary allows the s3:PutObject action" in put
    skipped = sfn_engine.deploy(elsewhere).skipped
    assert "policy/of-all" in str(skipped)
    assert "it bounds nothing" in str(skipped)


def policed(engine: Engine, *statements: Mapping[str, Any]) -> None:
    """Give the bucket a policy."""
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    engine.client("s3").put_bucket_policy(Bucket="policed", Policy=document)


OBJECTS = "arn:aws:s3:::policed/*"
ROOT = "arn:aws:iam::123456789012:root"


@few(5)
@pytest.mark.parametrize(
    ("statement", "answers"),
    [
        ({"Principal": "*", "Action": "s3:PutObject"}, ["denied", ""]),
        ({"Principal": {"AWS": f"{ROLE}/police"}, "Action": "s3:*"}, ["denied", "denied"]),
        ({"Principal": {"AWS": ROOT}, "Action": "s3:GetObject"}, ["", "denied"]),
        ({"Principal": {"AWS": "123456789012"}, "Action": "s3:GetObject"}, ["", "denied"]),
        ({"Principal": {"AWS": f"{ROLE}/another"}, "Action": "s3:*"}, ["", ""]),
        ({"Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": "s3:*"}, ["", ""]),
        ({"NotPrincipal": {"AWS": f"{ROLE}/another"}, "Action": "s3:*"}, ["denied", "denied"]),
        ({"NotPrincipal": {"AWS": [ROOT, f"{ROLE}/police"]}, "Action": "s3:*"}, ["", ""]),
        (
            {
                "Principal": "*",
                "Action": "s3:*",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
            ["", ""],
        ),
        (
            {
                "Principal": "*",
                "Action": "s3:*",
                "Condition": {"NumericLessThan": {"s3:TlsVersion": 1.2}},
            },
            ["", ""],
        ),
        (
            {
                "Principal": "*",
                "Action": "s3:PutObject",
                "Condition": {"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}},
            },
            ["denied", ""],
        ),
        (
            {
                "Principal": "*",
                "Action": "s3:*",
                "Condition": {"ArnNotLike": {"aws:PrincipalArn": f"{ROLE}/a*"}},
            },
            ["denied", "denied"],
        ),
        # Of the network that a request comes from, nothing is known.
        (
            {
                "Principal": "*",
                "Action": "s3:*",
                "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}},
            },
            ["", ""],
        ),
    ],
)
def test_what_a_bucket_denies_is_denied(
    engine: Engine, statement: dict[str, Any], answers: list[str]
) -> None:
    engine.create_bucket("policed")
    with suppress(ClientError):
        create_role(engine, "police", ECS, allow("s3:*", "*"))
    s3 = client_of(engine, f"{ROLE}/police", "s3")
    engine.client("s3").put_object(Bucket="policed", Key="x", Body=b"x")
    policed(engine, {"Effect": "Deny", "Resource": OBJECTS, **statement})
    calls: list[tuple[str, dict[str, Any]]] = [("put_object", {"Body": b"x"}), ("get_object", {})]
    for (call, more), answer in zip(calls, answers, strict=True):
        if answer:
            with pytest.raises(ClientError, match="explicit deny in a resource-based policy"):
                getattr(s3, call)(Bucket="policed", Key="x", **more)
        else:
            getattr(s3, call)(Bucket="policed", Key="x", **more)
    # What the engine and the test call is held to nothing.
    engine.client("s3").get_object(Bucket="policed", Key="x")


def test_a_bucket_may_allow_a_role(engine: Engine) -> None:
    engine.create_bucket("policed")
    role = create_role(engine, "allowed-by-bucket", ECS)
    policed(
        engine,
        {**allow("s3:PutObject", OBJECTS), "Principal": {"AWS": role}},
        {**allow("s3:GetObject", OBJECTS), "Principal": {"AWS": ROOT}},
    )
    s3 = client_of(engine, role, "s3")
    s3.put_object(Bucket="policed", Key="x", Body=b"x")
    # What it allows the account, the account has to allow the role.
    with pytest.raises(ClientError, match="no identity-based policy allows the s3:GetObject"):
        s3.get_object(Bucket="policed", Key="x")


def test_the_policy_of_a_stacks_bucket(sfn_engine: Engine) -> None:
    stack = Stack(App(), "Policies")
    bucket = Bucket(
        stack, "Bucket", bucket_name="strict", enforce_ssl=True, minimum_tls_version=1.2
    )
    bucket.add_to_resource_policy(
        PolicyStatement(
            effect=Effect.DENY,
            principals=[AnyPrincipal()],
            actions=["s3:GetObject"],
            resources=[bucket.arn_for_objects("x")],
        )
    )
    sfn_engine.create_job_queue("queue")
    assert not [one for one in sfn_engine.deploy(stack).skipped if "Policy" in one]
    role = create_role(sfn_engine, "of-the-stacks-bucket", ECS, allow("s3:*", "*"))
    calls = [
        ["s3", "put_object", {"Bucket": "strict", "Key": "x", "Body": "x"}],
        ["s3", "get_object", {"Bucket": "strict", "Key": "x"}],
    ]
    put, got = run(sfn_engine, role, calls).output.split("\n")[:-1]
    assert put == "done"
    assert "explicit deny in a resource-based policy" in got


def test_instances_whose_role_is_not_theirs(engine: Engine) -> None:
    role = create_role(engine, "not-of-ec2", ECS)
    with Engine(instance_role=role) as inner:
        inner.create_job_queue("queue")
        record = run(inner, None, [])
    assert (record.status, record.reason) == (
        "FAILED",
        f"The role '{role}' of the instances does not trust ec2.amazonaws.com, so that no instance "
        "profile has it.",
    )
    with pytest.raises(InvalidParametersError, match="instance_role"):
        Engine(instance_role="instances")


def test_enforcement_can_be_switched_off() -> None:
    with Engine(enforce_iam=False) as engine:
        engine.create_bucket("data")
        engine.create_job_queue("queue")
        role = create_role(engine, "unheeded", "batch.amazonaws.com")
        record = run(engine, role, [["s3", "list_objects_v2", {"Bucket": "data"}]])
        assert record.output.strip() == "done"


@long_proof
def test_a_function_has_the_rights_of_its_role(sfn_engine: Engine) -> None:
    stack = Stack(App(), "Functions")
    code = Code.from_inline(
        "import boto3\n"
        "def handler(event, context):\n"
        "    boto3.client('s3').put_object(Bucket='data', Key=event['key'], Body=b'x')\n"
        "    return 'done'\n"
    )
    role = Role(stack, "Role", assumed_by=ServicePrincipal("lambda.amazonaws.com"))
    function = Function(
        stack,
        "F",
        function_name="f",
        runtime=Runtime.PYTHON_3_12,
        handler="index.handler",
        code=code,
        role=role,
    )
    function.add_to_role_policy(
        PolicyStatement(actions=["s3:PutObject"], resources=["arn:aws:s3:::data/mine/*"])
    )
    elsewhere = f"{ROLE}/elsewhere"
    Function(
        stack,
        "G",
        function_name="g",
        runtime=Runtime.PYTHON_3_12,
        handler="index.handler",
        code=code,
        role=Role.from_role_arn(stack, "Elsewhere", elsewhere),
    )
    sfn_engine.create_bucket("data")
    sfn_engine.deploy(stack)

    def invoke(key: str) -> str:
        answer = sfn_engine.client("lambda").invoke(
            FunctionName="f", Payload=json.dumps({"key": key})
        )
        return str(answer["Payload"].read().decode())

    assert invoke("mine/x") == '"done"'
    assert "s3:PutObject on resource: arn:aws:s3:::data/yours/x" in invoke("yours/x")

    # A state's call of a function whose role is not known is told, in each way to make it.
    machine_role = create_role(sfn_engine, "invokes", STATES, allow("*", "*"))
    arn = f"arn:aws:lambda:us-east-1:{sfn_engine.account}:function"
    optimized = {"FunctionName": f"{arn}:g:$LATEST", "Payload": {"key": "any/x"}}
    states = {
        "f": {"Resource": f"{arn}:f", "Parameters": {"key": "mine/y"}},
        "by ARN": {"Resource": f"{arn}:g", "Parameters": {"key": "any/x"}},
        "optimized": {"Resource": "arn:aws:states:::lambda:invoke", "Parameters": optimized},
    }
    for number, state in enumerate(states.values()):
        task = {"Type": "Task", "End": True, **state}
        machine = sfn_engine.client("stepfunctions").create_state_machine(
            name=f"invokes-{number}",
            definition=json.dumps({"StartAt": "A", "States": {"A": task}}),
            roleArn=machine_role,
        )["stateMachineArn"]
        notes = sfn_engine.execute({}, machine).raise_for_status().notes
        assert [elsewhere in note for note in notes] == [True] * (number > 0)


def encrypted_bucket(engine: Engine, name: str, *statements: Mapping[str, Any]) -> str:
    """A bucket with an object, encrypted by a key of its own, whose ARN is returned."""
    root = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [root, *statements]})
    key: str = engine.client("kms").create_key(Policy=policy)["KeyMetadata"]["Arn"]
    engine.create_bucket(name)
    s3 = engine.client("s3")
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    s3.put_bucket_encryption(
        Bucket=name,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": default}]
        },
    )
    s3.put_object(Bucket=name, Key="x", Body=b"x")
    return key


@pytest.mark.parametrize(
    ("allowed", "answers"),
    [
        (["kms:Decrypt", "kms:GenerateDataKey"], ["", "", ""]),
        (["kms:Decrypt"], ["", "kms:GenerateDataKey", "kms:GenerateDataKey"]),
        (["kms:GenerateDataKey"], ["kms:Decrypt", "", "kms:Decrypt"]),
    ],
)
def test_an_encrypted_bucket_needs_its_key(
    engine: Engine, allowed: list[str], answers: list[str]
) -> None:
    name = "-".join(one.partition(":")[2].lower() for one in allowed)
    key = encrypted_bucket(engine, name)
    role = create_role(engine, name, ECS, allow("s3:*", "*"), allow(allowed, key))
    calls = [
        ["s3", "get_object", {"Bucket": name, "Key": "x"}],
        ["s3", "put_object", {"Bucket": name, "Key": "y", "Body": "text"}],
        ["s3", "copy_object", {"Bucket": name, "Key": "z", "CopySource": f"{name}/x"}],
    ]
    found = run(engine, role, calls).output.split("\n")[:-1]
    for answer, missing in zip(found, answers, strict=True):
        expected = f"not authorized to perform: {missing} on resource: {key}"
        assert expected in answer if missing else answer == "done"


def test_the_policy_of_a_key_may_let_the_role_use_it(engine: Engine) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"{ROLE}/by-key"},
        "Action": ["kms:Decrypt"],
        "Resource": "*",
        "Condition": {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}},
    }
    encrypted_bucket(engine, "by-key", statement)
    role = create_role(engine, "by-key", ECS, allow("s3:*", "*"))
    record = run(engine, role, [["s3", "get_object", {"Bucket": "by-key", "Key": "x"}]])
    assert record.output.strip() == "done"


def test_keys_of_aws_need_nothing(engine: Engine) -> None:
    role = create_role(engine, "without-key", ECS, allow("s3:*", "*"))
    put = {"Bucket": "data", "Key": "kms", "Body": "x", "ServerSideEncryption": "aws:kms"}
    get = {"Bucket": "data", "Key": "kms"}
    record = run(engine, role, [["s3", "put_object", put], ["s3", "get_object", get]])
    assert record.output.split("\n")[:-1] == ["done", "done"]


def test_an_execution_role_reads_the_secrets(engine: Engine) -> None:
    arn = engine.client("secretsmanager").create_secret(Name="token", SecretString="s")["ARN"]
    engine.client("ssm").put_parameter(Name="/app/url", Value="u", Type="String")
    parameter = "arn:aws:ssm:us-east-1:123456789012:parameter/app/url"
    sources = {"TOKEN": f"{arn}:key::", "URL": "/app/url"}
    role = create_role(engine, "reads-nothing", ECS)
    containers = {
        name: {"executionRoleArn": role, "secrets": [{"name": name, "valueFrom": source}]}
        for name, source in sources.items()
    }
    told = {name: run(engine, None, [], container=given) for name, given in containers.items()}
    assert [job.status for job in told.values()] == ["FAILED", "FAILED"]
    retried = "service call has been retried 1 time(s)"
    for name, what in (
        ("TOKEN", f"secret from asm: {retried}: failed to fetch secret {arn}:key:: from secrets"),
        ("URL", f"secrets from ssm: {retried}: AccessDeniedException: User: "),
    ):
        assert f"retrieval failed: unable to retrieve {what}" in str(told[name].reason)
    role = create_role(
        engine,
        "reads-both",
        ECS,
        allow("secretsmanager:GetSecretValue", arn),
        allow("ssm:GetParameters", parameter),
    )
    secrets = [{"name": "TOKEN", "valueFrom": arn}, {"name": "URL", "valueFrom": "/app/url"}]
    job = run(engine, None, [], container={"executionRoleArn": role, "secrets": secrets})
    assert (job.status, job.reason) == ("SUCCEEDED", "Essential container in task exited")

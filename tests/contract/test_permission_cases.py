"""The table of definitions: the statements are exact, and each is needed.

Where the engine has the service, each case is executed with exactly the role that is derived, and
refused without any one of its statements. The suite executes some of each part; full proofs all.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from tests.contract.permission_cases import PARTS, every_case
from tests.contract.permission_cases.case import PLACE
from tests.proofs import few, sample

from sfn_fragments_asl.model.definition import Definition
from sfn_fragments_asl.permissions import derive_permissions, policy_document
from sfn_fragments_local import Engine, ExecutionResult

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.contract.permission_cases.case import Case

CASES = {case.name: case for case in every_case()}
RUNNING = [case for case in CASES.values() if case.runs]

REGION, ACCOUNT = PLACE.split(":")
#: What a machine does only when its execution is stopped, as the proof over all fragments shows.
AT_STOP = ["batch:TerminateJob"]
PSEUDO = {"AWS::Partition": "aws", "AWS::Region": REGION, "AWS::AccountId": ACCOUNT}


def resolved(value: Any) -> Any:
    """A document with what CloudFormation fills in."""
    match value:
        case {"Ref": str(name)}:
            return PSEUDO[name]
        case {"Fn::Join": [str(separator), list(parts)]}:
            return separator.join(resolved(part) for part in parts)
        case dict():
            return {key: resolved(item) for key, item in value.items()}
        case list():
            return [resolved(item) for item in value]
    return value


def derived(case: Case) -> list[dict[str, Any]]:
    definition = Definition(case.definition)
    document = resolved(policy_document(derive_permissions(case.definition, ""), definition))
    statements: list[dict[str, Any]] = document["Statement"]
    return [{**each, "Resource": sorted(each["Resource"])} for each in statements]


def in_order(statements: Any) -> list[str]:
    return sorted(json.dumps(statement, sort_keys=True) for statement in statements)


def test_the_table_is_large_and_tells_where_it_is_from() -> None:
    assert len(CASES) == len(every_case()) >= 120
    assert len({case.document for case in CASES.values()}) >= 60
    for case in CASES.values():
        assert re.match(r"https://docs\.(aws\.amazon\.com|jsonata\.org)/", case.document)


@pytest.mark.parametrize("name", CASES)
def test_statements_are_exact(name: str) -> None:
    case = CASES[name]
    assert in_order(derived(case)) == in_order(case.statements)


TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "states.amazonaws.com", "AWS": ACCOUNT},
            "Action": "sts:AssumeRole",
        }
    ],
}


class Account:
    """An account that has what the cases name.

    Args:
        engine: The engine.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.iam, self.states = engine.client("iam"), engine.client("stepfunctions")
        self._count = 0
        self._make()

    def _make(self) -> None:
        engine = self.engine
        s3 = engine.client("s3")
        for bucket in ("data", "other"):
            engine.create_bucket(bucket)
        for bucket, key in (("data", "a/b"), ("other", "from/it")):
            s3.put_object(Bucket=bucket, Key=key, Body=b"{}")
        engine.create_job_queue("queue")
        container = {"image": "i", "vcpus": 1, "memory": 8, "command": ["true"]}
        engine.client("batch").register_job_definition(
            jobDefinitionName="tool", type="container", containerProperties=container
        )
        engine.client("sns").create_topic(Name="done")
        for queue in ("work", "fast"):
            engine.client("sqs").create_queue(QueueName=queue)
        engine.client("events").create_event_bus(Name="orders")
        engine.client("kinesis").create_stream(StreamName="clicks", ShardCount=1)
        engine.client("secretsmanager").create_secret(Name="login", SecretString="s")
        for name in ("size", "color"):
            engine.client("ssm").put_parameter(Name=f"/app/{name}", Value="1", Type="String")
        engine.client("logs").create_log_group(logGroupName="/app")
        for table in ("orders", "stock"):
            engine.client("dynamodb").create_table(
                TableName=table,
                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
            )
        kms = engine.client("kms")
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        kms.create_alias(AliasName="alias/app", TargetKeyId=key)
        everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        self.make_role("other", [everything])
        child = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
        self.states.create_state_machine(
            name="child", definition=json.dumps(child), roleArn=self.make_role("child", [])
        )
        self.states.create_activity(name="human")

    def make_role(self, name: str, statements: list[dict[str, Any]]) -> str:
        made = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
        self._allow(name, statements)
        return str(made["Role"]["Arn"])

    def _allow(self, name: str, statements: list[dict[str, Any]]) -> None:
        if not statements:
            return
        document = {"Version": "2012-10-17", "Statement": statements}
        self.iam.put_role_policy(
            RoleName=name, PolicyName="derived", PolicyDocument=json.dumps(document)
        )

    def execute(self, case: Case, statements: list[dict[str, Any]]) -> ExecutionResult:
        """Execute a case with a role that has these statements.

        Raises:
            ClientError: The machine cannot be created with it.
        """
        self._count += 1
        name = f"case-{self._count}"
        self.states.create_state_machine(
            name=name,
            definition=json.dumps(case.definition),
            roleArn=self.make_role(name, statements),
        )
        return self.engine.execute(case.input, name, timeout=60)


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    """One account for all cases: each has a machine and a role of its own."""
    with Engine() as engine:
        yield Account(engine)


def part_of(case: Case) -> str:
    """The part of the table, and the service, that a case is of."""
    resource = json.dumps(case.states)
    service = re.search(r"arn:aws:states:::(?:aws-sdk:)?([^:]+):", resource)
    return service[1] if service else "other"


@few(60)
@pytest.mark.parametrize("name", [case.name for case in sample(RUNNING, part_of, len(PARTS))])
def test_its_role_is_exact(name: str, account: Account) -> None:
    case = CASES[name]
    statements = derived(case)
    result = account.execute(case, statements)
    if case.fails:
        assert result.status == "FAILED"
        assert str(result.error).startswith(case.fails), (result.error, result.cause)
    else:
        result.raise_for_status()
    assert "is not authorized to perform" not in str(result.cause)
    for without in statements:
        if without["Action"] == AT_STOP:
            continue
        left = [each for each in statements if each is not without]
        told = refusal(account, case, left)
        assert any(f"{action} on" in told for action in without["Action"]), (without, told)


def refusal(account: Account, case: Case, statements: list[dict[str, Any]]) -> str:
    """How a case is refused with less than its role: when it is created, or executed."""
    try:
        result = account.execute(case, statements)
    except ClientError as error:
        return str(error)
    return f"{result.status}: {result.cause}"

"""State machines with their logs, roles and what plugins add to them."""

from __future__ import annotations

from collections import UserDict
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Duration, RemovalPolicy, Stack
from aws_cdk.assertions import Template
from aws_cdk.aws_iam import ManagedPolicy, PolicyStatement, Role, ServicePrincipal
from aws_cdk.aws_kms import Key
from aws_cdk.aws_logs import RetentionDays
from aws_cdk.aws_stepfunctions import DefinitionBody, LogLevel, LogOptions, Pass, StateMachine
from constructs import Construct

from sfn_fragments import get_registry, hookimpl
from sfn_fragments.annotations import Annotation, read_annotations
from sfn_fragments.checks import Check, Finding
from sfn_fragments.environment import EnvBase
from sfn_fragments.errors import InvalidParametersError
from sfn_fragments.fragments import (
    EnvBaseStateMachineFragment,
    create_log_options,
    create_role,
    create_state_machine,
)
from sfn_fragments.states import S3Operation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ENV = EnvBase("dev-x")


@pytest.fixture
def stack() -> Stack:
    return Stack(App(), "Stack")


def resources(stack: Stack, kind: str) -> list[dict[str, Any]]:
    found = Template.from_stack(stack).find_resources(kind)
    return [resource["Properties"] for resource in found.values()]


def annotated(stack: Stack) -> list[Annotation]:
    app = stack.node.root
    assert isinstance(app, App)
    return read_annotations(app.synth().directory)


class Put(EnvBaseStateMachineFragment):
    def __init__(self, scope: Any, id: str) -> None:
        super().__init__(scope, id, ENV)
        self.definition = S3Operation.put_object(self, "Put", "bucket", "key", "$")

    @property
    def required_managed_policies(self) -> list[Any]:
        return ["AWSXrayWriteOnlyAccess"]

    @property
    def required_inline_policy_statements(self) -> list[PolicyStatement]:
        return [PolicyStatement(actions=["sqs:SendMessage"], resources=["*"])]


def test_a_fragment_becomes_a_machine(stack: Stack) -> None:
    Put(stack, "Put").to_state_machine("put", timeout=Duration.hours(1))
    (machine,) = resources(stack, "AWS::StepFunctions::StateMachine")
    assert machine["StateMachineName"] == "dev-x-put"
    assert machine["TracingConfiguration"] == {"Enabled": True}
    assert machine["LoggingConfiguration"]["Level"] == "ALL"
    (group,) = resources(stack, "AWS::Logs::LogGroup")
    assert group["LogGroupName"] == "/aws/vendedlogs/dev-x/states/put"


def test_its_role_can_do_what_the_definition_does_and_what_is_required(stack: Stack) -> None:
    Put(stack, "Put").to_state_machine("put")
    (role,) = resources(stack, "AWS::IAM::Role")
    assert "AWSXrayWriteOnlyAccess" in str(role["ManagedPolicyArns"])
    assert "FullAccess" not in str(role)
    statements = [
        statement
        for policy in [*role["Policies"], *resources(stack, "AWS::IAM::Policy")]
        for statement in policy["PolicyDocument"]["Statement"]
    ]
    listed = [statement["Action"] for statement in statements]
    actions = [name for each in listed for name in ([each] if isinstance(each, str) else each)]
    assert {"s3:PutObject", "sqs:SendMessage", "logs:CreateLogDelivery"} <= set(actions)
    assert not [action for action in actions if action.endswith("*")]


def test_a_role_of_ones_own_gets_the_permissions(stack: Stack) -> None:
    role = Role(stack, "Role", assumed_by=ServicePrincipal("states.amazonaws.com"))
    Put(stack, "Put").to_state_machine("one", role=role)
    Put(stack, "Again").to_state_machine("two", role=role)
    assert len(resources(stack, "AWS::IAM::Role")) == 1
    names = [
        policy["PolicyName"]
        for policy in resources(stack, "AWS::IAM::Policy")
        if "s3:PutObject" in str(policy)
    ]
    assert len(set(names)) == 2
    # What its fragments require besides is added too.
    assert "AWSXrayWriteOnlyAccess" in str(resources(stack, "AWS::IAM::Role"))
    assert "sqs:SendMessage" in str(resources(stack, "AWS::IAM::Policy"))


def test_two_machines_of_one_id_cannot_have_one_role(stack: Stack) -> None:
    role = Role(stack, "Role", assumed_by=ServicePrincipal("states.amazonaws.com"))
    for name in ("One", "Other"):
        scope = Construct(stack, name)
        put = S3Operation.put_object(scope, "Put", "bucket", "key", "$")
        if name == "One":
            create_state_machine(scope, ENV, "m", "one", put, role=role)
            continue
        with pytest.raises(InvalidParametersError, match="policies of its role"):
            create_state_machine(scope, ENV, "m", "other", put, role=role)
    (machine,) = resources(stack, "AWS::StepFunctions::StateMachine")
    assert machine["StateMachineName"] == "dev-x-one"


@pytest.mark.parametrize("mutable", [True, False])
def test_an_imported_role_gets_the_permissions_where_it_may_be_changed(
    stack: Stack, mutable: bool
) -> None:
    arn = f"arn:aws:iam::{stack.account}:role/given"
    role: Any = Role.from_role_arn(stack, "Role", arn, mutable=mutable)
    put = S3Operation.put_object(stack, "Put", "bucket", "key", "$")
    create_state_machine(stack, ENV, "m", "m", put, role=role)
    assert ("s3:PutObject" in str(resources(stack, "AWS::IAM::Policy"))) is mutable


def test_roles(stack: Stack) -> None:
    create_role(
        stack,
        "full",
        ENV,
        managed_policies=["AmazonS3ReadOnlyAccess"],
        inline_policies_from_statements={
            "own": [PolicyStatement(actions=["sqs:SendMessage"], resources=["*"])],
            "none": [],
        },
    )
    (role,) = resources(stack, "AWS::IAM::Role")
    assert len(role["ManagedPolicyArns"]) == 4
    assert [policy["PolicyName"] for policy in role["Policies"]] == ["own"]


def test_logs(stack: Stack) -> None:
    options = create_log_options(stack, "mine", ENV, RemovalPolicy.RETAIN, RetentionDays.ONE_WEEK)
    create_state_machine(stack, ENV, "m", None, Pass(stack, "Pass"), logs=options)
    (group,) = resources(stack, "AWS::Logs::LogGroup")
    assert group["RetentionInDays"] == 7
    (machine,) = resources(stack, "AWS::StepFunctions::StateMachine")
    assert "StateMachineName" not in machine


@pytest.mark.parametrize(
    "level", [LogLevel.ALL, LogLevel.ERROR, LogLevel.OFF, None], ids=lambda level: str(level)
)
@pytest.mark.parametrize("data", [True, None])
def test_logs_traces_and_what_they_take_are_as_cdk_makes_them(
    stack: Stack, level: LogLevel | None, data: bool | None
) -> None:
    group = create_log_options(stack, "logs", ENV).destination
    logs = LogOptions(destination=group, level=level, include_execution_data=data)
    create_state_machine(stack, ENV, "ours", "ours", Pass(stack, "Ours"), logs=logs)
    body = DefinitionBody.from_chainable(Pass(stack, "Theirs"))
    StateMachine(stack, "theirs", definition_body=body, logs=logs, tracing_enabled=True)
    ours, theirs = resources(stack, "AWS::StepFunctions::StateMachine")
    for name in ("LoggingConfiguration", "TracingConfiguration"):
        assert ours[name] == theirs[name]
    of_ours, of_theirs = (
        {
            action
            for statement in policy["PolicyDocument"]["Statement"]
            for action in statement["Action"]
            if statement["Resource"] in ("*", ["*"])
        }
        for policy in resources(stack, "AWS::IAM::Policy")
    )
    assert of_ours == of_theirs


def test_an_app_may_add_to_the_role(stack: Stack) -> None:
    machine = Put(stack, "Put").to_state_machine("put")
    machine.add_to_role_policy(PolicyStatement(actions=["sns:Publish"], resources=["*"]))
    (added,) = [
        policy["PolicyDocument"]["Statement"]
        for policy in resources(stack, "AWS::IAM::Policy")
        if "sns:Publish" in str(policy)
    ]
    assert [statement["Action"] for statement in added] == ["sns:Publish"]


def test_logs_that_go_nowhere_are_refused(stack: Stack) -> None:
    nowhere, off = LogOptions(level=LogLevel.ALL), LogOptions(level=LogLevel.OFF)
    with pytest.raises(InvalidParametersError, match=r"logs: .*name the log group by destination"):
        create_state_machine(stack, ENV, "m", "m", Pass(stack, "One"), logs=nowhere)
    create_state_machine(stack, ENV, "m", "m", Pass(stack, "Two"), logs=off)
    (machine,) = resources(stack, "AWS::StepFunctions::StateMachine")
    assert machine["LoggingConfiguration"] == {"Level": "OFF"}
    (policy,) = resources(stack, "AWS::IAM::Policy")
    assert "logs:" not in str(policy)


@pytest.fixture
def plugin() -> Iterator[Callable[[object], None]]:
    manager = get_registry().plugin_manager
    registered = []

    def register(instance: object) -> None:
        manager.register(instance)
        registered.append(instance)

    yield register
    for instance in registered:
        manager.unregister(instance)


def test_plugins_take_part(stack: Stack, plugin: Callable[[object], None]) -> None:
    class Plugin:
        made: list[Any]

        def __init__(self) -> None:
            self.made = []

        @hookimpl
        def sfn_fragments_state_machine_options(self, options: Any, scope: Any) -> None:
            options.tracing_enabled = False
            options.timeout = Duration.minutes(5)
            options.tags["team"] = "imaging"

        @hookimpl
        def sfn_fragments_role_statements(self, definition: Any, scope: Any) -> list[Any]:
            assert list(definition["States"]) == ["Put: Put Put object"]
            return [PolicyStatement(actions=["kms:Decrypt"], resources=["*"])]

        @hookimpl
        def sfn_fragments_checks(self) -> list[Check]:
            return [
                Check(
                    f"acme.{severity}",
                    severity,
                    "Why.",
                    lambda checked: [
                        Finding(checked.definition["StartAt"], "is not good", "mend it")
                    ],
                )
                for severity in ("error", "warning")
            ]

        @hookimpl
        def sfn_fragments_state_machine_created(self, state_machine: Any, definition: Any) -> None:
            self.made.append((state_machine, definition["StartAt"]))

    instance = Plugin()
    plugin(instance)
    machine = Put(stack, "Put").to_state_machine("put")
    assert instance.made == [(machine, "Put: Put Put object")]
    (properties,) = resources(stack, "AWS::StepFunctions::StateMachine")
    assert properties["TracingConfiguration"] == {"Enabled": False}
    assert properties["Tags"] == [{"Key": "team", "Value": "imaging"}]
    assert "kms:Decrypt" in str(resources(stack, "AWS::IAM::Policy"))
    found = annotated(stack)
    assert [each.level for each in found] == ["error", "warning"]
    assert all("Put: Put Put object: is not good; mend it" in each.text for each in found)


@pytest.mark.parametrize("tags", [{"team": 3}, {None: "x"}, [("team", "x")], UserDict(team="x")])
def test_tags_that_a_plugin_spoils_are_not_blamed_on_the_fragment(
    stack: Stack, plugin: Callable[[object], None], tags: Any
) -> None:
    class Plugin:
        @hookimpl
        def sfn_fragments_state_machine_options(self, options: Any) -> None:
            if isinstance(tags, dict):
                # In place: it is the same object after the hook.
                options.tags |= tags
            else:
                options.tags = tags

    plugin(Plugin())
    told = r"options of plugin [^:]*: .*\n.* tags: .*: give a dict of texts"
    with pytest.raises(InvalidParametersError, match=told):
        Put(stack, "Put").to_state_machine("put")


def test_options_that_a_plugin_spoils_are_all_named(
    stack: Stack, plugin: Callable[[object], None]
) -> None:
    class Plugin:
        @hookimpl
        def sfn_fragments_state_machine_options(self, options: Any, scope: Any) -> None:
            options.name += " of today"
            options.logs = LogOptions(level=LogLevel.ALL)
            options.timeout = Duration.millis(1)
            options.tracing_enabled = "yes"
            options.tags = None

    plugin(Plugin())
    with pytest.raises(InvalidParametersError) as raised:
        Put(stack, "Put").to_state_machine("put")
    text = str(raised.value)
    assert "options of plugin" in text
    for name in ("name", "logs", "timeout", "tracing_enabled", "tags"):
        assert f"{name}: " in text
    # Nothing is left of what was made for it.
    assert resources(stack, "AWS::Logs::LogGroup") == []
    assert resources(stack, "AWS::IAM::Role") == []


def test_a_name_that_aws_refuses_is_an_error_of_the_synthesis(stack: Stack) -> None:
    create_state_machine(stack, ENV, "m", "m", Pass(stack, "x" * 81))
    (found,) = annotated(stack)
    assert found.level == "error"
    assert "asl.state-name-length" in found.text


def test_what_an_organisation_asks_for(stack: Stack, plugin: Callable[[object], None]) -> None:
    key = Key(stack, "Key")
    boundary = ManagedPolicy.from_managed_policy_arn(
        stack, "Boundary", "arn:aws:iam::123456789012:policy/boundary"
    )

    class Organisation:
        @hookimpl
        def sfn_fragments_state_machine_options(self, options: Any) -> None:
            options.log_retention_days = 90
            options.log_encryption_key = key
            options.permissions_boundary = boundary

    plugin(Organisation())
    Put(stack, "Put").to_state_machine("put")
    create_state_machine(stack, ENV, "m", "m", Pass(stack, "Pass"))
    own = create_log_options(stack, "own", ENV)
    bounded = create_role(stack, "role", ENV, include_default_managed_policies=False)
    other = "arn:aws:iam::123456789012:policy/other"
    resource: Any = bounded.node.default_child
    resource.permissions_boundary = other
    create_state_machine(stack, ENV, "n", "n", Pass(stack, "N"), role=bounded, logs=own)
    imported: Any = Role.from_role_arn(stack, "Imported", "arn:aws:iam::123456789012:role/imported")
    create_state_machine(stack, ENV, "i", "i", Pass(stack, "I"), role=imported)
    groups = resources(stack, "AWS::Logs::LogGroup")
    made = [group for group in groups if not group["LogGroupName"].endswith("own")]
    assert [group["RetentionInDays"] for group in made] == [90, 90, 90]
    assert all("Key" in str(group["KmsKeyId"]) for group in made)
    # What the app has made is the app's.
    [apps] = [group for group in groups if group not in made]
    assert apps["RetentionInDays"] == 30
    assert "KmsKeyId" not in apps
    boundaries = [role["PermissionsBoundary"] for role in resources(stack, "AWS::IAM::Role")]
    assert sorted(boundaries) == sorted([boundary.managed_policy_arn] * 2 + [other])
    [policy] = [found["KeyPolicy"] for found in resources(stack, "AWS::KMS::Key")]
    assert "logs." in str(policy)
    assert "permissions boundary of plugins" in " ".join(found.text for found in annotated(stack))


def test_options_of_an_organisation_that_cannot_work(
    stack: Stack, plugin: Callable[[object], None]
) -> None:
    class Organisation:
        @hookimpl
        def sfn_fragments_state_machine_options(self, options: Any) -> None:
            options.log_retention_days = 4
            options.log_encryption_key = "alias/x"
            options.permissions_boundary = "boundary"

    plugin(Organisation())
    with pytest.raises(InvalidParametersError) as raised:
        create_state_machine(stack, ENV, "m", "m", Pass(stack, "Pass"))
    assert [one.parameter for one in raised.value.problems] == [
        "log_retention_days",
        "log_encryption_key",
        "permissions_boundary",
    ]

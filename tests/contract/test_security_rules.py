"""cdk-nag's AwsSolutionsChecks find nothing in what fragments make that is not explained.

The buckets, networks and functions of the examples stand in for those of an app, which are not
what is tested: their findings are acknowledged here, construct by construct.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Acknowledgment, App, Stack, Validations
from aws_cdk.aws_iam import PolicyStatement, Role
from aws_cdk.aws_s3 import Bucket
from aws_cdk.aws_stepfunctions import (
    CustomState,
    IChainable,
    LogLevel,
    LogOptions,
    Pass,
    StateMachine,
)
from cdk_nag import AwsSolutionsChecks
from tests.proofs import long_proof

from sfn_fragments import hookimpl
from sfn_fragments.environment import EnvBase
from sfn_fragments.fragments import create_log_options, create_role, create_state_machine
from sfn_fragments.registry import get_registry
from sfn_fragments.states import S3Operation
from sfn_fragments_asl.permissions.wildcards import DERIVED, WITHOUT_RESOURCES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sfn_fragments.options import StateMachineOptions
    from sfn_fragments.sandbox import Sandbox

ENV = EnvBase("dev-x")
DOCUMENT = Path(__file__).parents[2] / "docs" / "security.md"

#: What an app brings itself, and the rules that the sandbox's stand-in does not follow.
STAND_INS = {
    "Bucket": ["S1", "S10"],
    "Network": ["VPC7"],
    "Function": [
        "L1",
        "IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]",
    ],
}


@dataclass(frozen=True)
class Found:
    """A rule without its pack's name, such as ``IAM5[Resource::*]``, and where it is broken."""

    rule: str
    path: str


def findings(app: App) -> set[Found]:
    """What cdk-nag reports; a synthesis with findings raises, and leaves a report."""
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    try:
        app.synth()
    except Exception as error:
        if "ValidationFailed" not in str(error):
            raise
    report = json.loads((Path(app.outdir) / "validation-report.json").read_text(encoding="utf-8"))
    return {
        Found(violation["ruleName"].removeprefix("AwsSolutions-"), place["constructPath"])
        for plugin in report["pluginReports"]
        for violation in plugin["violations"]
        for place in violation["violatingConstructs"]
    }


def suppressions(app: App) -> dict[Found, str]:
    """Rule and place of what is acknowledged in the assembly, with the reason."""
    manifest = json.loads((Path(app.outdir) / "manifest.json").read_text(encoding="utf-8"))
    found = {}
    pack = "Annotation::AwsSolutions-"
    for path, data in _acknowledged(Path(app.outdir), manifest):
        for rule, reason in data.items():
            if rule.startswith(pack):
                found[Found(rule.removeprefix(pack), path.strip("/"))] = reason
    return found


def _acknowledged(folder: Path, manifest: dict[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    for artifact in manifest["artifacts"].values():
        metadata = dict(artifact.get("metadata", {}))
        if name := artifact.get("additionalMetadataFile"):
            metadata |= json.loads((folder / name).read_text(encoding="utf-8"))
        for path, entries in metadata.items():
            for entry in entries:
                if entry["type"] == "aws:cdk:acknowledged-rules":
                    yield path, entry["data"]


def explained_stack(build: Callable[[], Sandbox]) -> Sandbox:
    """Every fragment, with the findings of what stands in for an app's own acknowledged."""
    sandbox = build()
    for name, rules in STAND_INS.items():
        for rule in rules:
            reason = "stands in for what an app brings itself"
            Validations.of(sandbox.stack.node.find_child(name)).acknowledge(
                Acknowledgment(id=f"AwsSolutions-{rule}", reason=reason)
            )
    return sandbox


@long_proof
def test_every_fragment_is_without_findings_and_each_reason_is_needed(
    every_fragment: Callable[[], Sandbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    explained = explained_stack(every_fragment)
    assert findings(explained.app) == set()
    reasons = {
        found: reason
        for found, reason in suppressions(explained.app).items()
        if found.path.split("/")[1] not in STAND_INS
    }
    assert [found for found, reason in reasons.items() if len(reason) < 20] == []
    # One pattern of one policy each; no rule is silenced as a whole.
    assert all(re.fullmatch(r"IAM5\[Resource::.*\*.*\]", found.rule) for found in reasons)

    monkeypatch.setattr("sfn_fragments.fragments.state_machine.explain_wildcards", lambda *_: None)
    unexplained = explained_stack(every_fragment)
    assert findings(unexplained.app) == set(reasons)

    figure = f"{len(reasons)} wildcards"
    assert figure in DOCUMENT.read_text(encoding="utf-8"), f"docs/security.md: {figure}"


@pytest.fixture
def stack() -> Stack:
    return Stack(App(), "Stack")


def app_of(stack: Stack) -> App:
    app = stack.node.root
    assert isinstance(app, App)
    return app


def rules(stack: Stack) -> list[str]:
    return sorted(found.rule for found in findings(app_of(stack)))


def machine(
    stack: Stack, definition: IChainable, role: Role | None = None, *, logged: bool = True
) -> StateMachine:
    logs = create_log_options(stack, "m", ENV) if logged else LogOptions(level=LogLevel.OFF)
    return create_state_machine(stack, ENV, "m", "m", definition, role=role, logs=logs)


def test_full_access_is_found(stack: Stack) -> None:
    machine(stack, Pass(stack, "Pass"), create_role(stack, "full", ENV))
    managed = "IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/{}FullAccess]"
    names = ("AWSStepFunctions", "CloudWatchEvents", "CloudWatchLogs")
    assert rules(stack) == [managed.format(name) for name in names]


def test_a_call_that_nobody_explained_is_found(stack: Stack) -> None:
    send = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sqs:sendMessage"}
    machine(
        stack, CustomState(stack, "Send", state_json=send | {"Parameters": {"MessageBody": "a"}})
    )
    assert rules(stack) == ["IAM5[Resource::*]"]


def put(stack: Stack, bucket: str = "bucket") -> IChainable:
    return S3Operation.put_object(stack, "Put", bucket, "$.key", "$.body")


def test_what_the_app_adds_is_found(stack: Stack) -> None:
    made = machine(stack, put(stack))
    made.add_to_role_policy(PolicyStatement(actions=["sqs:SendMessage"], resources=["*"]))
    assert rules(stack) == ["IAM5[Resource::*]"]


def test_a_bucket_of_another_stack_is_explained(stack: Stack) -> None:
    # CDK names the export at the end of the synthesis, and the finding has the name.
    machine(stack, put(stack, Bucket(Stack(app_of(stack), "Other"), "Bucket").bucket_name))
    assert [rule for rule in rules(stack) if rule.startswith("IAM5")] == []
    reasons = [found.rule for found in suppressions(app_of(stack))]
    assert any("Other:ExportsOutputRefBucket" in rule for rule in reasons), reasons


def test_a_machine_without_logs_or_traces_is_found(stack: Stack) -> None:
    class WithoutTraces:
        @hookimpl
        def sfn_fragments_state_machine_options(
            self, options: StateMachineOptions, scope: object
        ) -> None:
            options.tracing_enabled = False

    plugin = WithoutTraces()
    manager = get_registry().plugin_manager
    manager.register(plugin)
    try:
        machine(stack, Pass(stack, "Pass"), logged=False)
    finally:
        manager.unregister(plugin)
    assert rules(stack) == ["SF1", "SF2"]


def test_the_documented_reasons_are_current() -> None:
    rows = [f"| `{kind.example}` | {kind.reason} |" for kind in (*WITHOUT_RESOURCES, *DERIVED)]
    text = DOCUMENT.read_text(encoding="utf-8")
    assert re.findall(r"^\| `.*\|$", text, re.MULTILINE) == rows, "\n".join(rows)

"""Rules that need the models of the services, and forecasts against the engine's histories."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from sfn_fragments_asl.checks import CheckedDefinition, run_checks
from sfn_fragments_asl.forecast.events import events_on_longest_way, events_per_item
from sfn_fragments_local.service_checks import SERVICE_CHECKS

if TYPE_CHECKING:
    from sfn_fragments_local import Engine

END = {"End": True}
SDK = "arn:${AWS::Partition}:states:::aws-sdk"


def found(action: str) -> list[tuple[str, str, str]]:
    task = {"Type": "Task", "Resource": f"{SDK}:{action}", **END}
    definition = {"StartAt": "A", "States": {"A": task}}
    report = run_checks(CheckedDefinition(definition), SERVICE_CHECKS)
    assert report.problems == ()
    assert all(finding.place == "A" for _, finding in report.findings)
    return [(check.id, finding.message, finding.remedy) for check, finding in report.findings]


@pytest.mark.parametrize(
    "action",
    [
        "s3:getObject",
        "sfn:startExecution",
        "cloudwatchlogs:describeLogGroups",
        "efs:describeFileSystems",
        "elasticloadbalancingv2:describeTargetHealth",
        "config:describeConfigRules",
        # The SDK after which the integrations are named writes acronyms as words.
        "rds:createDbInstance",
        "sqs:sendMessage.waitForTaskToken",
    ],
)
def test_actions_that_exist(action: str) -> None:
    assert found(action) == []


@pytest.mark.parametrize(
    ("action", "message", "remedy"),
    [
        ("s3:listBucket", "the service 's3' has no action 'listBucket'", "listBuckets"),
        ("stepfunctions:startExecution", "no service 'stepfunctions'", "did you mean sfn?"),
        ("dynamo:query", "no service 'dynamo'", "dynamodb"),
        ("batch:SubmitJob", "begins with a capital letter", "write submitJob"),
    ],
)
def test_actions_that_do_not_exist(action: str, message: str, remedy: str) -> None:
    ((rule, says, what_to_do),) = found(action)
    assert rule == "local.service-action"
    assert message in says
    assert remedy in what_to_do


def test_an_action_that_is_deprecated() -> None:
    ((rule, says, _),) = found("s3:putBucketLifecycle")
    assert rule == "local.deprecated-action"
    assert "s3:putBucketLifecycle is deprecated" in says


def test_the_models_are_not_read_to_know_the_rules() -> None:
    script = (
        "import sys; from sfn_fragments import get_registry; "
        "from sfn_fragments.checks import collect_checks; "
        "checks, _ = collect_checks(get_registry()); "
        "assert any(check.id == 'local.service-action' for check in checks); "
        "print('botocore' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def machine(**states: Any) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states}


PUT = {
    "Type": "Task",
    "Resource": "arn:aws:states:::aws-sdk:s3:putObject",
    "Parameters": {"Bucket": "bucket", "Key": "key", "Body": {}},
}
JSONATA_PUT = {
    "Type": "Task",
    "QueryLanguage": "JSONata",
    "Resource": PUT["Resource"],
    "Arguments": PUT["Parameters"],
}
CHOICE = {
    "Type": "Choice",
    "Choices": [{"Variable": "$$.State.Name", "IsPresent": True, "Next": "E"}],
}
ITEMS = {"Type": "Map", "QueryLanguage": "JSONata", "Items": [1, 2, 3], "Output": {}}


@pytest.mark.parametrize(
    "definition",
    [
        machine(A={"Type": "Pass", **END}),
        machine(
            A={"Type": "Pass", "Next": "B"},
            B={"Type": "Wait", "Seconds": 0, "Next": "C"},
            C={**PUT, "Next": "D"},
            D=CHOICE,
            E={"Type": "Succeed"},
        ),
        machine(
            A={
                "Type": "Parallel",
                "Branches": [machine(B={**PUT, **END}), machine(C={"Type": "Pass", **END})],
                **END,
            }
        ),
        machine(A={**ITEMS, "ItemProcessor": machine(B={**JSONATA_PUT, **END}), **END}),
        machine(
            A={
                **ITEMS,
                "ItemProcessor": machine(
                    B={**ITEMS, "ItemProcessor": machine(C={"Type": "Pass", **END}), **END}
                ),
                **END,
            }
        ),
    ],
)
def test_the_forecast_is_the_history(sfn_engine: Engine, definition: dict[str, Any]) -> None:
    sfn_engine.create_bucket("bucket")
    sfn_engine.client("stepfunctions").create_state_machine(
        name="forecast",
        definition=json.dumps(definition),
        roleArn="arn:aws:iam::123456789012:role/any",
    )
    result = sfn_engine.execute({}, state_machine="forecast").raise_for_status()
    # The execution's own events come on top: started and succeeded.
    forecast = 2 + events_on_longest_way(CheckedDefinition(definition).machine)
    assert len(result.history) == forecast


def test_the_forecast_per_item_is_what_an_item_adds(sfn_engine: Engine) -> None:
    sfn_engine.create_bucket("bucket")
    items = {"Type": "Map", "ItemProcessor": machine(B={**PUT, "Next": "C"}, C={"Type": "Succeed"})}
    definition = machine(A={**items, **END})
    sfn_engine.client("stepfunctions").create_state_machine(
        name="items",
        definition=json.dumps(definition),
        roleArn="arn:aws:iam::123456789012:role/any",
    )
    sizes = [
        len(sfn_engine.execute([1] * count, state_machine="items").raise_for_status().history)
        for count in (2, 5)
    ]
    (state,) = CheckedDefinition(definition).machine.states.values()
    assert sizes[1] - sizes[0] == 3 * events_per_item(state)

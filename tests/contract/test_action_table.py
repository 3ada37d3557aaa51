"""The table of IAM actions: written from what there is, and what it names exists."""

from __future__ import annotations

import json
import re
import runpy
import subprocess
import sys
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import botocore.session
import pytest
from tests.proofs import FULL

from sfn_fragments_asl.checks.integrations import OPTIMIZED
from sfn_fragments_asl.permissions.action_names import (
    _lines,
    actions_of,
    service_actions,
    unlisted_note,
)
from sfn_fragments_asl.permissions.caller_data import CALLERS_DATA
from sfn_fragments_asl.permissions.job_calls import JOBS
from sfn_fragments_asl.permissions.named_resources import NAMED
from sfn_fragments_asl.permissions.parameter_rights import BY_PARAMETER
from sfn_fragments_asl.permissions.tag_rights import TAGGED

SCRIPT = Path(__file__).parents[2] / "tools" / "refresh_action_table.py"
# As a module: its dataclasses look it up.
sys.path.insert(0, str(SCRIPT.parent))
TOOL = SimpleNamespace(**runpy.run_path(str(SCRIPT), run_name="refresh_action_table"))
sys.path.remove(str(SCRIPT.parent))

#: Of the calls for which the table names actions, those whose actions are on the list.
LEAST_EXISTING = 0.995
#: Of all calls of services that the list knows, those. AWS's pages do not have the rest yet: a
#: call is in botocore before. It is reported, not passed over.
LEAST_MAPPED = 0.979

full = pytest.mark.skipif(not FULL, reason="reads all of botocore's models: a full proof")


@cache
def lines() -> dict[str, Any]:
    found: dict[str, Any] = TOOL.table()
    return found


@cache
def reference() -> dict[str, Any]:
    text = files("cfnlint.data.AdditionalSpecs").joinpath("Policies.json").read_text()
    services: dict[str, Any] = json.loads(text)
    return services


@full
def test_the_table_is_current() -> None:
    command = "uv run python tools/refresh_action_table.py"
    assert TOOL.text(lines()) == TOOL.TABLE.read_text(encoding="utf-8"), f"run: {command}"


def test_what_the_table_names_is_listed() -> None:
    for service in _lines():
        known = service_actions(service)
        assert known is not None
        for call, actions in known.actions.items():
            for action in actions:
                assert TOOL.is_listed(action) or is_documented(service, call, action), action


def is_documented(service: str, call: str, action: str) -> bool:
    """Whether botocore's documentation of a call names an action."""
    model = botocore.session.get_session().get_service_model(service)
    operation = model.operation_model(f"{call[0].upper()}{call[1:]}")
    return action.lower() in TOOL.documented_actions(operation)


@full
def test_actions_are_those_of_iam() -> None:
    session = botocore.session.get_session()
    calls = mapped = existing = 0
    models = map(session.get_service_model, session.get_available_services())
    # Pinpoint's text messages have two names in botocore, and one here.
    by_service = {TOOL.service_name(str(model.service_id)): model for model in models}
    for service, model in by_service.items():
        known = service_actions(service)
        assert known is not None, service
        if not TOOL.listed_actions(known.prefix):
            continue
        for operation in model.operation_names:
            call = TOOL.call_name(operation)
            if call in lines()[service].ended:
                assert unlisted_note(service, call), "what is ended is never silent"
                continue
            calls += 1
            if unlisted_note(service, call):
                continue
            mapped += 1
            existing += all(map(TOOL.is_listed, actions_of(service, call)))
    assert existing / mapped >= LEAST_EXISTING
    assert mapped / calls >= LEAST_MAPPED
    assert TOOL.figures(lines()) == (calls, mapped)


def test_what_aws_names_elsewhere_than_in_its_reference_is_known() -> None:
    # CloudFormation asks for it to make a test case; botocore says it of the call itself.
    for service, call, action in (
        ("connect", "createTestCase", "connect:CreateTestCase"),
        ("s3tables", "getTableMigration", "s3tables:GetTableMigration"),
    ):
        assert not TOOL.is_in_reference(action), "listed by now: take another example"
        assert unlisted_note(service, call) == ""
        assert actions_of(service, call) == (action,)
    assert TOOL.is_listed("connect:CreateTestCase")
    assert is_documented("s3tables", "getTableMigration", "s3tables:GetTableMigration")
    # Neither names it, however much the name suggests itself.
    assert unlisted_note("connect", "startTestCaseExecution")


def test_every_optimized_integration_is_known() -> None:
    for service, calls in OPTIMIZED.items():
        for call in calls:
            assert unlisted_note(service, call) == "", (service, call)
            assert all(map(TOOL.is_listed, actions_of(service, call))), (service, call)


def test_what_waits_is_known_for_every_integration_that_waits() -> None:
    elsewhere = {("athena", "startQueryExecution"), ("batch", "submitJob"), ("ecs", "runTask")}
    elsewhere |= {("states", "startExecution"), ("bedrock", "createModelCustomizationJob")}
    # Kubernetes and the harness are asked by their own protocol, with no right of IAM.
    elsewhere |= {("eks", "runJob"), ("bedrockagentcore", "invokeHarness")}
    waiting = {
        (service, call)
        for service, calls in OPTIMIZED.items()
        for call, patterns in calls.items()
        if ".sync" in patterns
    }
    assert waiting <= JOBS.keys() | elsewhere
    for job in JOBS.values():
        named = [*job.watched, *(action for actions, _ in job.besides for action in actions)]
        assert all(map(TOOL.is_listed, named)), named


def test_what_tags_what_it_makes_is_known_by_its_names() -> None:
    session = botocore.session.get_session()
    of_service = {"applicationsignals": "application-signals", "cloudwatchlogs": "logs"}
    of_service |= {"eventbridge": "events", "acmpca": "acm-pca"}
    of_service |= {"resourcegroups": "resource-groups"}
    for service, calls in TAGGED.items():
        model = session.get_service_model(of_service.get(service, service))
        assert TOOL.service_name(str(model.service_id)) == service
        operations = {TOOL.call_name(name): name for name in model.operation_names}
        for call, action in calls.items():
            members = model.operation_model(operations[call]).input_shape.members
            assert "tags" in {name.lower() for name in members}, (service, call)
            assert all(map(TOOL.is_listed, action.split())), action


def shape_at(shape: Any, way: str) -> Any:
    """The shape that a way leads to, in a request or a part of it; None where it leads nowhere."""
    for name in way.split("."):
        while shape.type_name == "list":
            shape = shape.member
        members = {each.lower(): member for each, member in getattr(shape, "members", {}).items()}
        shape = members.get(name.lower())
        if shape is None:
            return None
    return shape


def test_data_of_callers_is_known_by_its_names() -> None:
    session = botocore.session.get_session()
    of_service = {"bedrockruntime": "bedrock-runtime"}
    for service, known in CALLERS_DATA.items():
        model = session.get_service_model(of_service.get(service, service))
        requests = {
            TOOL.call_name(name): model.operation_model(name).input_shape
            for name in model.operation_names
        }
        for data in known:
            assert all(map(TOOL.is_listed, data.actions))
            ways = [way for way in (data.bucket, data.key, data.version, data.unless) if way]
            about = [name for name in requests if re.fullmatch(data.calls, name)]
            assert any(all(shape_at(requests[each], way) for way in ways) for each in about), data


def test_what_parameters_take_is_known_by_its_names() -> None:
    session = botocore.session.get_session()
    for service, known in BY_PARAMETER.items():
        model = session.get_service_model({"sfn": "stepfunctions"}.get(service, service))
        for calls, parameter, action, _ in known:
            about = [
                model.operation_model(name).input_shape
                for name in model.operation_names
                if re.fullmatch(calls, TOOL.call_name(name))
            ]
            assert about
            assert any(shape_at(each, parameter) for each in about), parameter
            assert TOOL.is_listed(action), action


def test_every_exception_has_a_reason() -> None:
    known = TOOL.exceptions()
    assert all(len(line.reason) > 10 for line in known)
    named = [(line.service, line.calls, line.words) for line in known]
    assert len(set(named)) == len(named)


def test_an_exception_without_a_reason_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = tmp_path / "action_exceptions.txt"
    listed.write_text("s3:headBucket s3:ListBucket\n")
    monkeypatch.setitem(TOOL.exceptions.__globals__, "EXCEPTIONS", listed)
    with pytest.raises(ValueError, match="without a reason"):
        TOOL.exceptions()


@pytest.mark.parametrize("service", NAMED)
def test_named_resources_are_those_of_iam(service: str) -> None:
    names = {
        "bedrockagent": "bedrock-agent",
        "bedrockagentcore": "bedrock-agentcore",
        "bedrockagentruntime": "bedrock-agent-runtime",
        "elasticmapreduce": "emr",
        "emrcontainers": "emr-containers",
        "emrserverless": "emr-serverless",
        "iotdataplane": "iot-data",
        "rdsdata": "rds-data",
        "sagemakerruntime": "sagemaker-runtime",
        "sfn": "stepfunctions",
        "states": "stepfunctions",
    }
    model = botocore.session.get_session().get_service_model(names.get(service, service))
    wrong = []
    for named in NAMED[service]:
        used = False
        for operation in map(model.operation_model, model.operation_names):
            call = TOOL.call_name(operation.name)
            members = operation.input_shape.members if operation.input_shape else {}
            given = {f"{name[0].upper()}{name[1:]}" for name in members}
            if named.parameter.split(".")[0] not in given or not re.fullmatch(named.calls, call):
                continue
            used = True
            wrong += [
                (call, action, named.kind)
                for action in actions_of(service, call)
                if not unlisted_note(service, call) and not _about(action, named.kind)
            ]
        assert used, named
    assert wrong == []


def _about(action: str, kind: str) -> bool:
    """Whether an action is about resources of a kind, or of whatever kind an ARN says."""
    prefix, _, name = action.partition(":")
    service = reference()[prefix]
    kinds = {name.lower(): each for name, each in service["Resources"].items()}
    formats = [
        pattern
        for resource in service["Actions"][name.lower()].get("Resources", [])
        for pattern in kinds[resource.lower()]["ARNFormats"]
    ]
    # What follows an id that nobody names is not said there.
    known = kind.partition("*")[0]
    return any(known in pattern for pattern in formats) if kind else bool(formats)


def test_the_table_costs_nothing_before_it_is_asked() -> None:
    script = (
        "from pathlib import Path\n"
        "from sfn_fragments_asl.permissions import action_names, derive_permissions\n"
        "assert action_names._lines.cache_info().currsize == 0\n"
        "assert action_names.actions_of('sfn', 'describeExecution')\n"
        "assert action_names.service_actions.cache_info().currsize == 1\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)

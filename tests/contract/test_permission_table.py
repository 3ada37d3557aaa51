"""The permissions of all fragments: documented, shown in full, in the stack's partition."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from sfn_fragments_asl.permissions.role_report import role_statements

if TYPE_CHECKING:
    from sfn_fragments.sandbox import BuiltFragment

#: What CloudFormation fills in for any resource.
PSEUDO = re.compile(r"\$\{AWS::\w+\}")
#: A resource of the stack, a name of the environment, jobs, or the rules of Step Functions.
BOUNDED = r"\$\{\w|[:/]dev-x[-/]\w?|:job/\*$|:rule/StepFunctionsGetEventsFor"

SCRIPT = Path(__file__).parents[2] / "tools" / "refresh_permission_table.py"


WRITER = SimpleNamespace(**runpy.run_path(str(SCRIPT)))


@pytest.fixture(scope="module")
def fragments() -> list[BuiltFragment]:
    built: list[BuiltFragment] = WRITER.build_fragments()
    return built


def test_the_table_is_current(fragments: list[BuiltFragment]) -> None:
    page = WRITER.PAGE.read_text(encoding="utf-8")
    command = "uv run python tools/refresh_permission_table.py"
    assert WRITER.page_with(WRITER.table(fragments), page) == page, f"run: {command}"


def in_policies(built: BuiltFragment) -> set[tuple[str, str]]:
    """Each action and policy of the role, as the template has them."""
    resources = built.template["Resources"]
    role_id = resources[built.logical_id]["Properties"]["RoleArn"]["Fn::GetAtt"][0]
    documents = [
        resource["Properties"]["PolicyDocument"]
        for resource in resources.values()
        if resource["Type"] == "AWS::IAM::Policy"
        and {"Ref": role_id} in resource["Properties"]["Roles"]
    ]
    # No fragment needs more than what its definition tells.
    assert not {"Policies", "ManagedPolicyArns"} & set(resources[role_id]["Properties"])
    return {
        (action, json.dumps(statement.get("Condition")))
        for document in documents
        for statement in document["Statement"]
        for action in statement["Action"]
    }


def test_all_that_a_role_holds_is_shown_with_what_it_is_for(fragments: list[BuiltFragment]) -> None:
    for built in fragments:
        shown = role_statements(built.template, built.logical_id, WRITER.ENV_BASE)
        assert in_policies(built) == {
            (action, json.dumps(dict(each.conditions) or None))
            for each in shown
            for action in each.actions
        }
        assert [each for each in shown if not (each.states or each.reason)] == []
        assert {each.reason for each in shown if not each.states} == {"logging", "tracing"}


def test_nothing_is_wider_than_it_has_to_be(fragments: list[BuiltFragment]) -> None:
    for built in fragments:
        for each in role_statements(built.template, built.logical_id, WRITER.ENV_BASE):
            assert not any("*" in action for action in each.actions)
            if each.resources == ("*",):
                assert each.reason or each.actions == ("batch:DescribeJobs",)
            if "iam:PassRole" in each.actions:
                assert each.conditions["StringEquals"] == {
                    "iam:PassedToService": "ecs-tasks.amazonaws.com"
                }
            # All else names a resource of the stack, or what belongs to the environment.
            for resource in set(each.resources) - {"*"}:
                named = PSEUDO.sub("", resource)
                assert re.search(BOUNDED, named), resource


def test_arns_are_of_the_partition_of_the_stack(fragments: list[BuiltFragment]) -> None:
    for built in fragments:
        assert "arn:aws:" not in json.dumps(built.template), built.name

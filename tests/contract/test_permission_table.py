"""The permissions of all fragments: documented, shown in full, in the stack's partition."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from tests.proofs import long_proof

from sfn_fragments_asl.permissions.machine_roles import machine_role
from sfn_fragments_asl.permissions.role_report import role_statements
from sfn_fragments_asl.reading.files import find_state_machines

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


@long_proof
def test_the_table_is_current(fragments: list[BuiltFragment]) -> None:
    page = WRITER.PAGE.read_text(encoding="utf-8")
    command = "uv run python tools/refresh_permission_table.py"
    assert WRITER.page_with(WRITER.table(fragments), page) == page, f"run: {command}"


def test_each_role_is_exact_as_its_template_has_it(
    fragments: list[BuiltFragment], tmp_path: Path
) -> None:
    """By the report of any template, which knows nothing of fragments."""
    judged = {}
    for built in fragments:
        file = tmp_path / f"{built.name}.template.json"
        file.write_text(json.dumps(built.template), encoding="utf-8")
        machines, problems = find_state_machines([str(file)])
        assert problems == []
        (machine,) = [one for one in machines if one.checked.logical_id == built.logical_id]
        judged[built.name] = machine_role(machine, "dev-x").comparison
    assert [name for name, found in judged.items() if not found.is_exact] == []
    assert len(judged) == len(fragments)


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

"""cfn-lint accepts every template that is synthesized, definitions included.

Its rule for definitions, E3601, passes over one that is an ``Fn::Join`` of texts and references,
as CDK writes them. So each template is linted as it is, and again with its definitions resolved.
"""

from __future__ import annotations

import copy
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cfnlint  # type: ignore[import-untyped] # it publishes no types
import pytest
from aws_cdk import App, Stack
from cfnlint.api import lint  # type: ignore[import-untyped] # it publishes no types
from cfnlint.config import ManualArgs  # type: ignore[import-untyped] # the same
from tests.proofs import long_proof, some

from sfn_fragments import get_registry
from sfn_fragments.environment import EnvBase
from sfn_fragments.sandbox import Sandbox
from sfn_fragments_asl.checks.fields import FIELDS_OF_MACHINE, FIELDS_OF_TYPE
from sfn_fragments_local import app_from_cdk_json

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]

#: Rules that are not followed, and why.
EXCEPTIONS = {
    "W3005": "CDK writes a DependsOn for each dependency, whether a reference implies it or not",
}

PSEUDO_PARAMETERS = {
    "AWS::Partition": "aws",
    "AWS::Region": "us-west-2",
    "AWS::AccountId": "123456789012",
    "AWS::URLSuffix": "amazonaws.com",
}
#: Where a definition may hold an ARN only, E3601 checks that it looks like one.
ARNS = {
    "AWS::Lambda::Function": "arn:aws:lambda:us-west-2:123456789012:function:{}",
    "AWS::StepFunctions::StateMachine": "arn:aws:states:us-west-2:123456789012:stateMachine:{}",
}


def resolved(template: dict[str, Any]) -> dict[str, Any]:
    """The template with its definitions as CloudFormation would write them."""
    template = copy.deepcopy(template)
    resources = template["Resources"]

    def text(part: Any) -> str:
        match part:
            case str(words):
                return words
            case {"Ref": name}:
                return PSEUDO_PARAMETERS.get(str(name), str(name))
            case {"Fn::GetAtt": [name, _]}:
                return ARNS.get(resources[name]["Type"], "{}").format(name)
            case {"Fn::GetStackOutput": {"OutputName": name}}:
                topic = "arn:aws:sns:us-west-2:123456789012:{}"
                return (topic if "RefDone" in name else "{}").format(name)
            case {"Fn::Select": _}:
                return "1"
            case {"Fn::Sub": str(words)}:
                return re.sub(r"\$\{([^}]+)\}", lambda name: text({"Ref": name[1]}), words)
        raise AssertionError(f"say what {part} is in a definition")

    for resource in resources.values():
        if resource["Type"] == "AWS::StepFunctions::StateMachine":
            properties = resource["Properties"]
            if isinstance(properties["DefinitionString"], dict):
                separator, parts = properties["DefinitionString"]["Fn::Join"]
                properties["DefinitionString"] = separator.join(map(text, parts))
    return template


def complaints(template: dict[str, Any]) -> list[str]:
    """What cfn-lint says, errors and warnings."""
    matches = lint(json.dumps(template), config=ManualArgs(regions=["us-west-2"]))
    return [f"{match.rule.id} {match.message}" for match in matches]


def unexpected(found: list[str]) -> list[str]:
    """Complaints that are no exceptions."""
    return [complaint for complaint in found if complaint.split()[0] not in EXCEPTIONS]


def both(template: dict[str, Any]) -> list[str]:
    """Complaints about the template as it is, and resolved."""
    return complaints(template) + complaints(resolved(template))


def templates(app: App) -> list[dict[str, Any]]:
    app.synth()
    return [
        json.loads(path.read_text(encoding="utf-8"))
        for path in Path(app.outdir).glob("*.template.json")
    ]


@long_proof
def test_every_fragment(every_fragment: Callable[[], Sandbox]) -> None:
    sandbox = every_fragment()
    (template,) = templates(sandbox.app)
    found = both(template)
    assert unexpected(found) == []
    assert {complaint.split()[0] for complaint in found} == set(EXCEPTIONS)


@long_proof
def test_the_app_of_the_examples(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    example = ROOT / "examples" / "cdk_app"
    monkeypatch.syspath_prepend(example)
    try:
        from imaging.stacks import build
    finally:
        monkeypatch.undo()
    app = app_from_cdk_json(example, outdir=str(tmp_path))
    build(app)
    found = {json.dumps(one): unexpected(both(one)) for one in templates(app)}
    assert len(found) == 2
    assert [complaint for complaints in found.values() for complaint in complaints] == []


def test_the_app_of_the_readme() -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text(), re.M | re.S)
    (code,) = (block for block in blocks if "app.synth()" in block)
    # The flag of every `cdk.json` that `cdk init` makes; without it CDK gives the bucket an ACL.
    fresh = 'App(context={"@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy": True})'
    names: dict[str, Any] = {}
    exec(code.replace("App()", fresh), names)
    (template,) = templates(names["app"])
    assert unexpected(both(template)) == []


@long_proof
def test_the_plugin_of_the_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "examples/third_party_plugin/src")
    try:
        from acme_fragments.wait import Wait
    finally:
        # Other tests install plugins of this name.
        for name in [name for name in sys.modules if name.partition(".")[0] == "acme_fragments"]:
            del sys.modules[name]
    stack = Stack(App(), "Stack")
    Wait(stack, "Wait", EnvBase("dev-acme")).to_state_machine("wait")
    app = stack.node.root
    assert isinstance(app, App)
    (template,) = templates(app)
    assert unexpected(both(template)) == []


@pytest.fixture(scope="module")
def intact() -> dict[str, Any]:
    return Sandbox().build(get_registry(), "data_sync.sync").template


@pytest.mark.parametrize(
    ("correct", "wrong", "complaint"),
    some(
        [
            ('{"StartAt":', '{"StartsAt":', "'StartAt' is a required property"),
            ('"Type":"Task"', '"Type":"Tusk"', "'Tusk' is not one of"),
            ('"Arguments":', '"Argments":', "'Argments' was unexpected"),
            ('"Retry":', '"Retries":', "'Retries' was unexpected"),
        ],
        2,
    ),
)
def test_a_wrong_definition_is_found_once_it_is_resolved(
    intact: dict[str, Any], correct: str, wrong: str, complaint: str
) -> None:
    # In a template, a definition is a text in a text.
    text = json.dumps(intact)
    broken = json.loads(text.replace(json.dumps(correct)[1:-1], json.dumps(wrong)[1:-1]))
    assert broken != intact
    assert [found for found in complaints(broken) if found.startswith("E")] == []
    found = complaints(resolved(broken))
    assert [each for each in found if each.startswith("E3601") and complaint in each], found


#: What its schema allows besides, to every state that it has a query language of.
LENIENT = {"Arguments", "InputPath", "Output", "OutputPath"}


def test_our_rule_knows_the_fields_that_cfn_lint_knows() -> None:
    folder = Path(cfnlint.__file__).parent / "data/schemas/other/step_functions"
    schema = json.loads((folder / "statemachine.json").read_text(encoding="utf-8"))
    for name, fields in FIELDS_OF_TYPE.items():
        known = set(schema["definitions"][name.lower()]["properties"])
        assert known - fields <= LENIENT, name
    assert set(schema["properties"]) == FIELDS_OF_MACHINE

"""The program that type checkers are shown synthesizes, with the constructs that it gives."""

from __future__ import annotations

import json
import re
from importlib import import_module
from pathlib import Path

import pytest
from aws_cdk import App, Stack
from tests.contract.typed_registry import build as registry_use
from tests.contract.typed_use import build

from sfn_fragments import TypedSpec, get_registry
from sfn_fragments.first_party import FRAGMENTS

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.filterwarnings("ignore")


def test_constructs_are_taken_wherever_names_are() -> None:
    app = App(analytics_reporting=False)
    build(app)
    template = app.synth().get_stack_by_name("Typed").template
    machines = {
        one["Properties"]["StateMachineName"]: json.dumps(one["Properties"]["DefinitionString"])
        for one in template["Resources"].values()
        if one["Type"] == "AWS::StepFunctions::StateMachine"
    }
    executor, function = machines["dev-x-executor"], machines["dev-x-function"]
    # What is imported is known by its ARN or its name, what is made by its logical id.
    for text in ("job-queue/dev-x-theirs", "dev-x-theirs/", "role/dev-x-theirs", "dev-x/theirs"):
        assert text in executor, text
    for logical_id in ("Queue", "Bucket", "Jobs"):
        assert f'"{logical_id}' in function, logical_id
    # The image of an asset is known by the hash of its folder, that of a repository by its id.
    assert re.search(r"container-assets-[^,]*:[0-9a-f]{64}", function)
    assert '"Images' in machines["dev-x-sync"]
    assert "dev-x-theirs" in machines["dev-x-demand"]


def test_the_registry_takes_what_type_checkers_know() -> None:
    stack = Stack(App(analytics_reporting=False), "Registry")
    built = registry_use(stack)
    assert {name: type(each).__name__ for name, each in built.items()} == {
        "job": "SubmitJobFragment",
        "stats": "BatchInvokedLambdaFunction",
        "sync": "DataSyncFragment",
        "named": "DataSyncFragment",
    }


def test_what_type_checkers_are_told_is_what_is_loaded() -> None:
    registry = get_registry()
    typed = [spec for spec in registry.values() if isinstance(spec, TypedSpec)]
    assert {spec.name for spec in typed} >= {*FRAGMENTS}
    for spec in typed:
        assert spec.fragment() is registry.load(spec), spec.name


def test_each_spec_is_in_the_docs() -> None:
    page = (ROOT / "docs" / "fragments.md").read_text(encoding="utf-8")
    table = re.findall(r"^\| `(sfn_fragments\w*\.plugin)` \| (.*) \|$", page, flags=re.MULTILINE)
    told = {f"{module}.{name}" for module, names in table for name in re.findall(r"\w+", names)}
    modules = {plugin.value for plugin in get_registry().plugins()} & {name for name, _ in table}
    found = {
        f"{module}.{name}"
        for module in modules
        for name, each in vars(import_module(module)).items()
        if isinstance(each, TypedSpec)
    }
    assert told == found
    assert len(found) == len(FRAGMENTS)

"""The program that type checkers are shown synthesizes, with the constructs that it gives."""

from __future__ import annotations

import json
import re

import pytest
from aws_cdk import App
from tests.contract.typed_use import build

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

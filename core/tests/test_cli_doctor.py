from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from sfn_fragments.cli.group import cli

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """Make ``JSII_NODE`` name an executable that answers like this version of Node."""

    def use(version: str) -> str:
        executable = tmp_path / f"node-{version}"
        executable.write_text(f"#!/bin/sh\necho {version}\n")
        executable.chmod(0o755)
        monkeypatch.setenv("JSII_NODE", str(executable))
        return str(executable)

    return use


def examine() -> tuple[int, dict[str, Any], dict[str, Any]]:
    result = CliRunner().invoke(cli, ["doctor", "--json"])
    report = json.loads(result.stdout)
    return result.exit_code, report, {check["name"]: check for check in report["checks"]}


def test_all_is_well(install: Callable[..., None], node: Callable[[str], str]) -> None:
    install("acme-fragments", version="1.2")
    path = node("v24.1.0")
    code, report, checks = examine()
    assert code == 0
    assert checks["Node.js"]["value"] == f"24.1.0 ({path}, from JSII_NODE)"
    for package in (
        "aws-cdk-lib",
        "constructs",
        "jsii",
        "pluggy",
        "sfn-fragments",
        "sfn-fragments-asl",
    ):
        assert checks[package]["status"] == "ok"
        assert checks[package]["value"][0].isdigit()
    assert report["plugins"] == [
        {
            "name": "acme",
            "distribution": "acme-fragments",
            "version": "1.2",
            "entry_point": "acme_plugin",
        }
    ]
    assert report["problems"] == []


def test_a_package_that_the_core_does_not_admit(
    install: Callable[..., None], node: Callable[[str], str]
) -> None:
    node("v22.0.0")
    # It is found before the installed one.
    install("constructs", version="11.0.0", entry_points={})
    code, _, checks = examine()
    assert code == 1
    assert checks["constructs"]["status"] == "fix"
    assert re.match(r"11.0.0, but sfn-fragments \S+ requires ", checks["constructs"]["value"])
    assert checks["constructs"]["remedy"] == 'pip install "constructs<11,>=10.5"'


@pytest.mark.parametrize("version", ["v20.20.2", "v16.0.0", "nothing"])
def test_a_node_that_jsii_does_not_support(
    install: Callable[..., None], node: Callable[[str], str], version: str
) -> None:
    node(version)
    code, _, checks = examine()
    assert code == 1
    assert checks["Node.js"]["status"] == "fix"
    assert "JSII_NODE" in checks["Node.js"]["remedy"]


def test_a_node_that_is_not_there(
    install: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JSII_NODE", os.devnull + "/node")
    code, _, checks = examine()
    assert code == 1
    assert checks["Node.js"]["value"].startswith("does not run")


def test_a_plugin_that_failed(install: Callable[..., None], node: Callable[[str], str]) -> None:
    node("v22.0.0")
    install("broken", entry_points="broken = broken_plugin", modules={"broken_plugin": "1 / 0"})
    code, report, _ = examine()
    assert code == 1
    [problem] = report["problems"]
    assert problem["distribution"] == "broken"
    assert "ZeroDivisionError" in problem["error"]
    result = CliRunner().invoke(cli, ["doctor"])
    assert result.exit_code == 1
    assert "remedy: report it to the authors of broken" in result.stdout


def test_strict_loading_is_no_traceback(
    install: Callable[..., None], node: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    node("v22.0.0")
    install("broken", entry_points="broken = broken_plugin", modules={"broken_plugin": "1 / 0"})
    monkeypatch.setenv("SFN_FRAGMENTS_STRICT", "1")
    code, _, checks = examine()
    assert code == 1
    assert "broken" in checks["plugins"]["value"]


def test_a_command_that_clashes(install: Callable[..., None], node: Callable[[str], str]) -> None:
    node("v22.0.0")
    source = (
        "import click\nfrom sfn_fragments import hookimpl\n\n"
        "@hookimpl\ndef sfn_fragments_cli_commands():\n    yield click.Command('doctor')\n"
    )
    install("acme-fragments", modules={"acme_plugin": source})
    code, _, checks = examine()
    assert code == 1
    assert "'doctor'" in checks["commands"]["value"]

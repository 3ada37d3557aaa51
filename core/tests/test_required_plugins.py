"""Plugins that an app cannot do without, and warnings of those that cannot be used."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from aws_cdk import App, NestedStack, Stack, Stage
from aws_cdk.aws_stepfunctions import Pass
from click.testing import CliRunner

from sfn_fragments import PluginError, get_registry, require_plugins
from sfn_fragments.annotations import read_annotations
from sfn_fragments.cli.group import cli
from sfn_fragments.environment import EnvBase
from sfn_fragments.fragments import create_state_machine

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Install = Callable[..., None]

ENV = EnvBase("dev-x")
ORG = "from sfn_fragments import hookimpl\n"


def org(install: Install, version: str = "1.4", source: str = ORG) -> None:
    install(
        "org-plugin",
        version=version,
        entry_points="org = org_plugin",
        modules={"org_plugin": source},
    )


def made(stack: Stack, name: str = "m") -> None:
    create_state_machine(stack, ENV, name, name, Pass(stack, name))


def test_what_is_there_passes(install: Install) -> None:
    org(install)
    require_plugins("org", "org>=1.2", "org-plugin<2", "Org_Plugin")


@pytest.mark.parametrize(
    ("requirement", "message"),
    [
        ("org>=2", "org>=2: plugin 'org' (org-plugin 1.4, org_plugin) is another version: pip"),
        ("absent>=1", "absent>=1: no such plugin is installed"),
        ("broken", "broken: plugin 'broken' (broken-plugin 1.0, broken_plugin): import: Zero"),
        ("broken-plugin", "broken-plugin: plugin 'broken'"),
        ("batch", "batch: it is left out by SFN_FRAGMENTS_DISABLE"),
        ("org=>1", "'org=>1' is no requirement, such as 'org>=1.2'"),
    ],
)
def test_what_is_not_is_named(install: Install, requirement: str, message: str) -> None:
    org(install)
    install(
        "broken-plugin", entry_points="broken = broken_plugin", modules={"broken_plugin": "1 / 0"}
    )
    with pytest.raises(PluginError) as caught:
        require_plugins("org", requirement, "other")
    text = str(caught.value)
    assert text.startswith("required plugins: 2 cannot be used:\n  - ")
    assert message in text
    assert "other: no such plugin is installed" in text


def project(folder: Path, text: str) -> None:
    (folder / "pyproject.toml").write_text(text)


def test_a_project_names_what_it_requires(
    install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "app" / "deep"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    org(install)
    project(tmp_path, '[tool.sfn-fragments]\nrequire-plugins = ["absent"]\n')
    # One that says nothing of us is not the project's word.
    project(folder, "[project]\nname = 'x'\n")
    stack = Stack(App(), "Stack")
    with pytest.raises(PluginError, match=r"pyproject\.toml: require-plugins: 1 cannot be used"):
        made(stack)
    # Its state, which the app has made, is all that there is.
    assert [child.node.id for child in stack.node.children] == ["m"]
    # The nearest one counts.
    project(tmp_path / "app", '[tool.sfn-fragments]\nrequire-plugins = ["org>=1.2"]\n')
    made(stack, "second")
    project(tmp_path / "app", '[tool.sfn-fragments]\nrequire-plugins = "org"\n')
    with pytest.raises(PluginError, match="require-plugins is 'org': give a list"):
        made(stack, "third")
    project(tmp_path / "app", "[tool")
    with pytest.raises(PluginError, match=r"pyproject\.toml cannot be read"):
        made(stack, "fourth")


def test_a_fragment_of_the_registry_is_not_made_either(
    install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    install("acme-fragments")
    project(tmp_path, '[tool.sfn-fragments]\nrequire-plugins = ["absent"]\n')
    with pytest.raises(PluginError, match="absent: no such plugin"):
        get_registry().create("acme.wait", Stack(App(), "Stack"), "Wait")
    # Looking it up, and what tells what is wrong, work.
    assert get_registry().names() == ("acme.wait",)
    assert CliRunner().invoke(cli, ["list"]).exit_code == 0


def test_a_plugin_that_cannot_be_used_is_a_warning_of_every_stack(
    install: Install, tmp_path: Path
) -> None:
    org(install, source="raise RuntimeError('no boundary today')")
    app = App(outdir=str(tmp_path / "cdk.out"))
    stack = Stack(app, "Stack")
    made(stack)
    made(stack, "other")
    made(NestedStack(stack, "Nested"))
    stage = Stage(app, "Stage")
    made(Stack(stage, "Staged"))
    app.synth()
    found = [
        each
        for folder in ("cdk.out", "cdk.out/assembly-Stage")
        for each in read_annotations(str(tmp_path / folder))
    ]
    assert sorted(each.path for each in found) == ["/Stack", "/Stack/Nested", "/Stage/Staged"]
    for each in found:
        assert each.level == "warning"
        for part in ("plugin 'org' (org-plugin 1.4, org_plugin)", "no boundary today", "report it"):
            assert part in each.text


@pytest.mark.parametrize("command", ["synth", "policy", "forecast"])
def test_commands_warn_of_it(
    install: Install, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    kept = os.environ["SFN_FRAGMENTS_DISABLE"].split(",")
    monkeypatch.setenv("SFN_FRAGMENTS_DISABLE", ",".join(name for name in kept if name != "core"))
    org(install, source="raise RuntimeError('no boundary today')")
    done = CliRunner().invoke(cli, [command, "core.lambda_function"])
    assert done.exit_code == 0, done.output
    assert "warning: plugin 'org' (org-plugin 1.4, org_plugin): import: " in done.stderr

"""What the rules find when CDK makes a state machine, and how a warning is accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Annotations, App, CfnParameter, Stack
from aws_cdk.aws_logs import LogGroup
from aws_cdk.aws_stepfunctions import LogLevel, LogOptions, Pass

from sfn_fragments import get_registry, hookimpl
from sfn_fragments.annotations import Annotation, read_annotations
from sfn_fragments.checks import Check, CheckedDefinition, Finding
from sfn_fragments.environment import EnvBase
from sfn_fragments.fragments import create_log_options, create_state_machine

if TYPE_CHECKING:
    from collections.abc import Iterator

ENV = EnvBase("dev-x")


@pytest.fixture
def stack() -> Stack:
    return Stack(App(), "Stack")


def annotated(stack: Stack) -> list[Annotation]:
    app = stack.node.root
    assert isinstance(app, App)
    return read_annotations(app.synth().directory)


def unread(scope: Any, id: str = "Assign") -> Pass:
    """A state that breaks asl.unread-variable."""
    return Pass(scope, id, assign={"x": 1})


def test_an_error_and_a_warning(stack: Stack) -> None:
    create_state_machine(stack, ENV, "m", "m", unread(stack, "x" * 81))
    error, warning = annotated(stack)
    assert (error.level, warning.level) == ("error", "warning")
    assert error.path == warning.path
    assert error.text.startswith("[asl.state-name-length] " + "x" * 81)
    assert "it assigns $x, which no state reads; remove the assignment" in warning.text


@pytest.mark.parametrize("place", ["machine", "stack"])
def test_a_warning_is_accepted_by_its_id(stack: Stack, place: str) -> None:
    first = create_state_machine(stack, ENV, "one", "one", unread(stack, "One"))
    create_state_machine(stack, ENV, "two", "two", unread(stack, "Two"))
    scope = first if place == "machine" else stack
    Annotations.of(scope).acknowledge_warning("asl.unread-variable", "Read by a later version.")
    paths = [annotation.path for annotation in annotated(stack)]
    assert paths == (["/Stack/dev-x-two"] if place == "machine" else [])


def test_log_groups(stack: Stack) -> None:
    named = LogGroup(stack, "Named", log_group_name="/my/logs")
    vended = LogGroup(stack, "Vended", log_group_name="/aws/vendedlogs/mine")
    imported = LogGroup.from_log_group_name(stack, "Imported", "/other/logs")
    parameter = CfnParameter(stack, "Parameter").value_as_string
    open_ended = LogGroup(stack, "OpenEnded", log_group_name=parameter)
    prefixed = LogGroup(stack, "Prefixed", log_group_name=f"/my/{parameter}")
    groups = {
        "named": named,
        "unnamed": LogGroup(stack, "Unnamed"),
        "vended": vended,
        "imported": imported,
        "open-ended": open_ended,
        "prefixed": prefixed,
    }
    for name, group in groups.items():
        logs = LogOptions(destination=group, level=LogLevel.ALL)
        create_state_machine(stack, ENV, name, name, Pass(stack, name), logs=logs)
    own = create_log_options(stack, "own", ENV)
    create_state_machine(stack, ENV, "own", "own", Pass(stack, "own"), logs=own)
    found = {annotation.path.rpartition("dev-x-")[2]: annotation for annotation in annotated(stack)}
    assert set(found) == {"named", "unnamed", "imported", "prefixed"}
    assert all("asl.log-group-name" in annotation.text for annotation in found.values())
    assert "logged to /my/${Parameter};" in found["prefixed"].text


@pytest.fixture
def plugin() -> Iterator[object]:
    class Plugin:
        @hookimpl
        def sfn_fragments_checks(self) -> list[Check]:
            def raises(checked: CheckedDefinition) -> list[Finding]:
                raise KeyError("no such thing")

            def found(checked: CheckedDefinition) -> list[Finding]:
                return [Finding("definition", "is slow to see")]

            return [
                Check("acme.raises", "error", "Why.", raises),
                Check("acme.slow", "error", "Why.", found, at_synthesis=False),
            ]

    class Broken:
        @hookimpl
        def sfn_fragments_checks(self) -> list[Check]:
            raise RuntimeError("not today")

    manager = get_registry().plugin_manager
    plugins = [Plugin(), Broken()]
    for each in plugins:
        manager.register(each)
    yield plugins
    for each in plugins:
        manager.unregister(each)


def test_what_cannot_run_is_a_warning_and_what_is_slow_waits(stack: Stack, plugin: object) -> None:
    create_state_machine(stack, ENV, "m", "m", Pass(stack, "Pass"))
    found = annotated(stack)
    assert [annotation.level for annotation in found] == ["warning", "warning"]
    texts = " ".join(annotation.text for annotation in found)
    assert "RuntimeError: not today" in texts
    assert "[acme.raises] this rule could not run: KeyError: 'no such thing'" in texts
    assert "acme.slow" not in texts

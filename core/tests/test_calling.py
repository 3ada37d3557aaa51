"""Hooks are called in one way, which names who does something wrong."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sfn_fragments import PluginError, get_registry
from sfn_fragments.calling import DEBUG_VARIABLE, TRACE_VARIABLE
from sfn_fragments.options import StateMachineOptions

if TYPE_CHECKING:
    from collections.abc import Callable

    Install = Callable[..., None]

ROOT = Path(__file__).parents[2]
HEAD = "from sfn_fragments import hookimpl\n@hookimpl\n"


def plugin_of(install: Install, source: str) -> None:
    install("acme-fragments", version="0.3", modules={"acme_plugin": HEAD + source})


def told(hook: str, **arguments: Any) -> str:
    """What is said of the one plugin that implements a hook that gives nothing."""
    [call] = get_registry().calls(hook)
    with pytest.raises(PluginError) as caught:
        call.tell(arguments)
    return str(caught.value)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("    options.tags[1 / 0] = ''", "ZeroDivisionError: division by zero"),
        ("    options.retention = 3", "AttributeError: 'StateMachineOptions' object has no"),
        ("    raise type('PanicError', (BaseException,), {})('no')", "PanicError: no"),
        ("    yield options", "gives <generator"),
        ("    return True", "gives True"),
    ],
)
def test_who_is_at_fault_is_named(install: Install, body: str, message: str) -> None:
    source = f"def sfn_fragments_state_machine_options(options):\n    x = 1\n{body}\n"
    plugin_of(install, source)
    text = told("sfn_fragments_state_machine_options", options=StateMachineOptions(), scope=None)
    hook, place = "sfn_fragments_state_machine_options", r"\S*acme_plugin\.py:(\d)\)"
    found = re.match(
        rf"plugin 'acme' \(acme-fragments 0\.3, acme_plugin\): {hook} \({place}: ", text
    )
    assert found is not None, text
    # The line that raised; that of the function, if none did.
    assert found[1] == ("5" if "Error" in message else "2")
    assert text.endswith("or leave it out with SFN_FRAGMENTS_DISABLE=acme")
    assert message in text


def test_what_is_to_be_read_only_is_not_changed(install: Install) -> None:
    source = "def sfn_fragments_state_machine_created(definition):\n    definition.clear()\n"
    plugin_of(install, source)
    text = told(
        "sfn_fragments_state_machine_created", definition={"States": {}}, state_machine=None
    )
    assert "changes definition, which it may only read" in text


def test_what_a_hook_prints_is_no_output_of_the_command(
    install: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither when it is called, nor when what it yields is taken."""
    source = (
        "def sfn_fragments_checks():\n    print('before')\n    yield from ()\n    print('after')\n"
    )
    plugin_of(install, source)
    [call] = get_registry().calls("sfn_fragments_checks")
    assert call.things(object, {}) == []
    assert capsys.readouterr() == ("", "before\nafter\n")


@pytest.mark.parametrize("mark", ["wrapper", "hookwrapper"])
def test_a_wrapper_is_refused_since_nothing_would_call_it(install: Install, mark: str) -> None:
    source = f"""
from sfn_fragments import hookimpl
@hookimpl({mark}=True)
def sfn_fragments_checks():
    yield
"""
    install("acme-fragments", modules={"acme_plugin": source})
    [problem] = get_registry().problems()
    assert "sfn_fragments_checks is marked as a wrapper" in str(problem)


def test_a_plugin_that_declares_nothing_by_mistake(install: Install) -> None:
    plugin_of(install, "def sfn_fragments_register():\n    []\n")
    [problem] = get_registry().problems()
    assert problem.stage == "declare"
    assert "'NoneType' object is not iterable" in str(problem)


def test_authors_see_where_an_error_comes_from(
    install: Install, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plugin_of(install, "def sfn_fragments_checks():\n    raise ValueError('of mine')\n")
    install("other-plugin", entry_points="other = other_plugin", modules={"other_plugin": "1 / 0"})
    for value, expected in (("0", 0), ("1", 1)):
        monkeypatch.setenv(DEBUG_VARIABLE, value)
        registry = get_registry()
        registry.refresh()
        shown = capsys.readouterr().err
        assert shown.count("ZeroDivisionError: division by zero") == expected
        [call] = registry.calls("sfn_fragments_checks")
        with pytest.raises(PluginError):
            call.things(object, {})
        shown = capsys.readouterr().err
        assert shown.count("ValueError: of mine") == expected
        assert ("Traceback" in shown) is bool(expected)


def test_calls_are_traced_for_who_asks(
    install: Install, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = "def sfn_fragments_hook():\n    return ['a' * 900, 'b']\n"
    source = source.replace("hook()", "role_statements(definition)")
    plugin_of(install, source)
    registry = get_registry()
    arguments: dict[str, Any] = {"definition": {}, "scope": None}
    registry.offers("sfn_fragments_role_statements", str, **arguments)
    assert capsys.readouterr().err == ""
    monkeypatch.setenv(TRACE_VARIABLE, "1")
    registry.offers("sfn_fragments_role_statements", str, **arguments)
    [line] = capsys.readouterr().err.splitlines()
    start = "hook sfn_fragments_role_statements of plugin 'acme' (acme-fragments 0.3, acme_plugin)"
    assert line.startswith(f"{start}: ['aaa")
    assert len(line) < 350


def test_there_is_no_other_way() -> None:
    """Nothing of ours calls a hook by pluggy's own call, which does not tell whose an error is."""
    sources = [*ROOT.glob("*/src/**/*.py"), *ROOT.glob("plugins/*/src/**/*.py")]
    sources += ROOT.glob("examples/**/*.py")
    by_itself = re.compile(r"\.hook\b|get_hookimpls|\bsubset_hook_caller\b|\.function\(")
    found = {file.name for file in sources if by_itself.search(file.read_text(encoding="utf-8"))}
    # Discovery looks at the marks of implementations, and calls none.
    assert found == {"calling.py", "discovery.py"}
    text = (ROOT / "core/src/sfn_fragments/discovery.py").read_text(encoding="utf-8")
    assert not re.search(r"\.hook\b|\.function\(", text)

"""Discovery: which plugins load, and what is said about those that do not."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from tests.proofs import few

from sfn_fragments.discovery import core_version, discover
from sfn_fragments.errors import FragmentConflictError, PluginError

if TYPE_CHECKING:
    from pathlib import Path

Install = Callable[..., None]


def declaring(*names: str) -> str:
    """Source of a plugin module that declares fragments of these names."""
    lines = ["from sfn_fragments import FragmentSpec, hookimpl", "@hookimpl"]
    lines += ["def sfn_fragments_register():"]
    lines += [f"    yield FragmentSpec({name!r}, 'm:C', 'Does it.')" for name in names]
    return "\n".join(lines)


def test_plugin_is_loaded_with_its_distribution_and_version(install: Install) -> None:
    install("acme-fragments", version="1.2")
    found = discover()
    assert found.problems == []
    assert list(found.specs) == ["acme.wait"]
    assert [str(plugin) for plugin in found.plugins] == [
        "plugin 'acme' (acme-fragments 1.2, acme_plugin)"
    ]


def test_plugin_without_fragments_is_loaded(install: Install) -> None:
    install("quiet", entry_points={"quiet": "quiet_plugin"}, modules={"quiet_plugin": ""})
    found = discover()
    assert [plugin.name for plugin in found.plugins] == ["quiet"]
    assert not found.specs
    assert not found.problems


@few(6)
@pytest.mark.parametrize(
    ("source", "stage", "message"),
    [
        ("import no_such_module_here", "import", "No module named 'no_such_module_here'"),
        ("raise RuntimeError('first line\\nsecond line')", "import", "first line second line"),
        ("raise SystemExit('stop')", "import", "SystemExit: stop"),
        ("raise type('PanicError', (BaseException,), {})('no')", "import", "PanicError: no"),
        ("def broken(:", "import", "SyntaxError"),
        (
            "from sfn_fragments import get_registry\nget_registry()",
            "import",
            "get_registry() was called by a plugin that is being loaded",
        ),
        (
            "from sfn_fragments import hookimpl\n@hookimpl\ndef sfn_fragments_checks(surplus): ...",
            "register",
            "surplus",
        ),
        (
            "from sfn_fragments import hookimpl\n@hookimpl\ndef sfn_fragments_misspelt(): ...",
            "register",
            "sfn_fragments_misspelt",
        ),
        (
            "from sfn_fragments import hookimpl\n@hookimpl\ndef sfn_fragments_check(): ...",
            "register",
            "did you mean sfn_fragments_checks?",
        ),
        (
            "from sfn_fragments import hookimpl\n@hookimpl\ndef sfn_fragments_register():\n 1 / 0",
            "declare",
            "ZeroDivisionError",
        ),
        (
            "from sfn_fragments import hookimpl\n@hookimpl\n"
            "def sfn_fragments_register():\n raise SystemExit(3)",
            "declare",
            "SystemExit: 3",
        ),
        (
            "from sfn_fragments import hookimpl\n@hookimpl\n"
            "def sfn_fragments_register():\n yield 'bad.name'",
            "declare",
            "gives 'bad.name', which is no instance of FragmentSpec",
        ),
        (declaring("other.name"), "declare", "'other.name' does not begin with"),
        (declaring("bad.one", "badly.two"), "declare", "'badly.two' does not begin with"),
        (declaring("bad.one", "bad.one"), "declare", "'bad.one' is declared twice"),
        (declaring("Bad Name"), "declare", "'Bad Name' is not like"),
    ],
)
def test_failing_plugin_is_reported_and_the_others_load(
    install: Install, source: str, stage: str, message: str
) -> None:
    install("acme-fragments")
    install(
        "bad-fragments",
        version="0.9",
        entry_points={"bad": "bad_plugin"},
        modules={"bad_plugin": source},
    )
    from sfn_fragments import get_registry

    found = get_registry()
    assert found.names() == ("acme.wait",)
    assert [plugin.name for plugin in found.plugins()] == ["acme"]
    assert [name for name, _ in found.plugin_manager.list_name_plugin()] == ["acme-fragments:acme"]
    [problem] = found.problems()
    assert (problem.stage, problem.plugin, problem.value) == (stage, "bad", "bad_plugin")
    assert (problem.distribution, problem.version) == ("bad-fragments", "0.9")
    text = str(problem)
    assert message in text
    assert "\n" not in text
    for part in ("'bad'", "bad-fragments 0.9", "bad_plugin", stage, "SFN_FRAGMENTS_DISABLE=bad"):
        assert part in text


def test_keyboard_interrupt_is_not_swallowed(install: Install) -> None:
    install("bad", modules={"acme_plugin": "raise KeyboardInterrupt"})
    with pytest.raises(KeyboardInterrupt):
        discover()


def test_malformed_entry_point_is_reported_and_the_others_load(install: Install) -> None:
    install("acme-fragments")
    install("odd", entry_points={"odd": "not a module!"}, modules={"unused": ""})
    install("broken", entry_points="no equals sign", modules={"unused": ""})
    found = discover()
    assert list(found.specs) == ["acme.wait"]
    problems = {problem.distribution: problem for problem in found.problems}
    assert set(problems) == {"odd", "broken"}
    assert problems["broken"].stage == "metadata"
    assert "plugins of broken 1.0" in str(problems["broken"])
    assert "reinstall broken" in str(problems["broken"])


def test_broken_files_of_a_distribution_without_plugins_do_not_matter(
    install: Install, tmp_path: Path
) -> None:
    install("acme-fragments")
    info = tmp_path / "stranger-1.0.dist-info"
    info.mkdir()
    (info / "entry_points.txt").write_text("[other]\nno equals sign\n")
    found = discover()
    assert list(found.specs) == ["acme.wait"]
    assert not found.problems


@pytest.mark.parametrize(
    "requirement",
    [
        "sfn-fragments<0.0.1",
        "sfn_fragments (>=99)",
        "SFN.Fragments>=99 ; python_version >= '3'",
        "sfn-fragments[node]>=99",
    ],
)
def test_plugin_for_another_core_version_is_not_imported(
    install: Install, requirement: str
) -> None:
    install("acme-fragments", requires=[requirement])
    found = discover()
    assert "acme_plugin" not in sys.modules
    [problem] = found.problems
    assert problem.stage == "compatibility"
    assert requirement in problem.error.args[0].replace('"', "'")
    assert f"sfn-fragments {core_version()} is installed" in str(problem)
    assert "pip install --upgrade sfn-fragments acme-fragments" in str(problem)


@pytest.mark.parametrize(
    "requirement",
    [
        "sfn-fragments",
        "sfn-fragments>=0.1,<99",
        "sfn-fragments>=99; extra == 'later'",
        "sfn-fragments>=99; python_version < '3'",
        "sfn-fragments-batch>=99",
        "sfn-fragmentsx>=99",
        "other>=99",
    ],
)
def test_compatible_or_unrelated_requirement_lets_a_plugin_load(
    install: Install, requirement: str
) -> None:
    install("acme-fragments", requires=[requirement])
    found = discover()
    assert not found.problems
    assert list(found.specs) == ["acme.wait"]


def test_unreadable_requirement_is_reported(install: Install) -> None:
    install("acme-fragments", requires=["sfn-fragments>=what?"])
    [problem] = discover().problems
    assert problem.stage == "compatibility"


def test_disabled_plugin_is_skipped_before_its_import(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    install("acme-fragments")
    install(
        "bad",
        entry_points={"bad": "bad_plugin"},
        modules={"bad_plugin": "raise RuntimeError"},
    )
    monkeypatch.setenv(
        "SFN_FRAGMENTS_DISABLE", "core,batch,data_sync,efs,demand_execution,local, bad ,acme"
    )
    found = discover()
    assert not found.problems
    assert not found.specs
    assert {"bad", "acme"} <= set(found.disabled)
    assert not {"bad_plugin", "acme_plugin"} & set(sys.modules)


def test_strict_raises_the_first_problem(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    install("bad", modules={"acme_plugin": "raise RuntimeError('no luck')"})
    monkeypatch.setenv("SFN_FRAGMENTS_STRICT", "0")
    assert len(discover().problems) == 1
    monkeypatch.setenv("SFN_FRAGMENTS_STRICT", "1")
    with pytest.raises(PluginError, match=r"bad 1\.0.*no luck") as caught:
        discover()
    assert isinstance(caught.value.__cause__, RuntimeError)


def test_strict_raises_a_conflict(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one", "two"):
        install(
            f"acme-{name}",
            entry_points={"acme": f"acme_{name}"},
            modules={f"acme_{name}": declaring("acme.wait")},
        )
    monkeypatch.setenv("SFN_FRAGMENTS_STRICT", "1")
    with pytest.raises(FragmentConflictError, match=r"acme-one 1\.0.*acme-two 1\.0"):
        discover()


def test_two_distributions_may_share_an_entry_point_name(install: Install) -> None:
    for name in ("one", "two"):
        install(
            f"acme-{name}",
            entry_points={"acme": f"acme_{name}"},
            modules={f"acme_{name}": declaring(f"acme.{name}")},
        )
    found = discover()
    assert not found.problems
    assert list(found.specs) == ["acme.one", "acme.two"]
    assert [plugin.distribution for plugin in found.plugins] == ["acme-one", "acme-two"]


def test_one_module_under_two_entry_points_is_loaded_once(install: Install) -> None:
    install("acme-fragments", entry_points={"acme": "acme_plugin", "also": "acme_plugin"})
    found = discover()
    assert list(found.specs) == ["acme.wait"]
    [problem] = found.problems
    assert (problem.plugin, problem.stage) == ("also", "register")


def test_first_distribution_of_a_name_on_the_path_counts(
    install: Install,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    write_plugin: Install,
) -> None:
    install("acme-fragments", version="2.0")
    later = tmp_path_factory.mktemp("later")
    write_plugin(later, "Acme_Fragments", version="1.0")
    monkeypatch.setattr(sys, "path", [*sys.path, str(later)])
    assert [plugin.version for plugin in discover().plugins] == ["2.0"]


def test_a_name_of_this_project_belongs_to_its_distribution(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    install("their-batch", entry_points="batch = their_plugin", modules={"their_plugin": ""})
    install("SFN.Fragments_efs", entry_points="efs = own_plugin", modules={"own_plugin": ""})
    # The real ones are left out by their names.
    monkeypatch.setenv("SFN_FRAGMENTS_DISABLE", "core,local,data_sync,demand_execution")
    found = discover()
    [problem] = [each for each in found.problems if each.distribution == "their-batch"]
    assert "'batch' is sfn-fragments-batch's: give the entry point another name" in str(problem)
    assert not [each for each in found.problems if each.distribution == "SFN.Fragments_efs"]


@pytest.mark.parametrize(
    ("source", "place", "remedy"),
    [
        ("x = 1\ny = (", "acme_plugin.py:2)", "report it to the authors of acme-fragments"),
        ("import os\nimport no_such_module_here", "acme_plugin.py:2)", "reinstall acme-fragments"),
        ("def f():\n    1 / 0\nf()", "acme_plugin.py:2)", "report it to the authors"),
    ],
)
def test_what_raised_is_told_with_a_remedy_that_fits(
    install: Install, source: str, place: str, remedy: str
) -> None:
    install("acme-fragments", modules={"acme_plugin": source})
    [problem] = discover().problems
    assert place in str(problem)
    assert remedy in problem.remedy

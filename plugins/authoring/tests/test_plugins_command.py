"""``sfn-fragments plugins``: what each plugin does, and every fault by its name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from tests.proofs import few

from sfn_fragments import get_registry
from sfn_fragments.cli.group import cli

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result

WORKS = """\
from sfn_fragments import FragmentSpec, hookimpl

@hookimpl
def sfn_fragments_register():
    yield FragmentSpec("acme.wait", "acme_wait:Wait", "Waits for a delivery.")

@hookimpl
def sfn_fragments_checks():
    from sfn_fragments.checks import Check
    yield Check("acme.none", "advice", "Nothing is found.", lambda checked: [])

@hookimpl
def sfn_fragments_cli_commands():
    import click
    yield click.Command("acme-greet")
"""


def plugins(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["plugins", *arguments])


def told(name: str = "acme") -> dict[str, Any]:
    """What is told of the one plugin of this name."""
    done = plugins(name, "--json")
    assert done.exit_code == 0, done.output
    (found,) = json.loads(done.stdout)["plugins"]
    return dict(found)


def findings(name: str = "acme") -> dict[str, dict[str, str]]:
    found = told(name)["findings"]
    by_id = {each["id"]: each for each in found}
    assert len(by_id) == len(found), "each is told once"
    return by_id


def test_what_a_plugin_does(install: Callable[..., Path]) -> None:
    install("acme-fragments", {"acme_plugin": WORKS}, version="1.4")
    found = told()
    seconds = found.pop("import_seconds")
    assert 0 < seconds < 10
    assert found == {
        "name": "acme",
        "entry_point": "acme_plugin",
        "distribution": "acme-fragments",
        "version": "1.4",
        "status": "loaded",
        "hooks": [
            "sfn_fragments_checks",
            "sfn_fragments_cli_commands",
            "sfn_fragments_register",
        ],
        "fragments": ["acme.wait"],
        "checks": ["acme.none"],
        "commands": ["acme-greet"],
        "findings": [],
    }


def test_the_plugins_of_this_project_have_no_findings() -> None:
    done = plugins("--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    own = [each for each in found["plugins"] if each["distribution"].startswith("sfn-fragments")]
    assert {"authoring", "batch", "core", "local"} <= {each["name"] for each in own}
    assert [finding for each in own for finding in each["findings"]] == []
    assert found["findings"] == []
    (authoring,) = (each for each in own if each["name"] == "authoring")
    assert "plugins" in authoring["commands"]


def test_the_table_and_the_findings(install: Callable[..., Path]) -> None:
    install("acme-fragments", {"acme_plugin": "def sfn_fragments_register(): ...\n"})
    done = plugins("acme")
    assert done.exit_code == 0, done.output
    assert "acme: acme-fragments 1.0 (acme_plugin), loaded" in done.output
    assert "- acme: unmarked-hook: sfn_fragments_register looks like a hook" in done.output
    assert "acme_plugin.py:1\n" in done.output
    assert "remedy: mark a function with @hookimpl" in done.output


def test_modules_of_the_working_directory_hide_none(
    install: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    install("acme-fragments", {"acme_plugin": WORKS})
    here = tmp_path / "here"
    here.mkdir()
    (here / "json.py").write_text("raise RuntimeError('not this one')\n")
    monkeypatch.chdir(here)
    assert told()["findings"] == []


def test_an_unknown_name_is_wrong_use() -> None:
    done = plugins("atlantis")
    assert done.exit_code == 2
    assert "no plugin is named 'atlantis'; installed are authoring, batch, core" in done.output


def test_a_heavy_import_names_the_module_that_pulls_it_in(
    install: Callable[..., Path], tmp_path: Path
) -> None:
    models = "import json\n\nfrom pydantic import BaseModel\n"
    install(
        "acme-fragments", {"acme_plugin": f"import acme_models\n{WORKS}", "acme_models": models}
    )
    heavy = findings()["heavy-import"]
    assert heavy["message"].startswith("pydantic is imported by acme_models, whenever")
    assert heavy["place"] == f"{tmp_path / 'acme_models.py'}:3"


MARKED = """\
import pluggy
@pluggy.HookimplMarker("pytest")
def sfn_fragments_register():
    return []
"""


@few(5)
@pytest.mark.parametrize(
    ("source", "finding", "message", "line"),
    [
        ("", "no-hook", "acme_plugin implements no hook", None),
        (
            f"{WORKS}def sfn_fragments_doctor_checks():\n    return []\n",
            "unmarked-hook",
            "sfn_fragments_doctor_checks looks like a hook",
            WORKS.count("\n") + 1,
        ),
        (
            f"from functools import partial\n{WORKS}"
            "sfn_fragments_doctor_checks = hookimpl(partial(list, ()))\n",
            "unmarked-hook",
            "sfn_fragments_doctor_checks looks like a hook, is no marked function",
            None,
        ),
        (MARKED, "marker-of-another-project", "is marked for 'pytest'", 2),
        (
            f"{WORKS}@hookimpl\ndef sfn_fragments_doctor_checks(opts):\n    return []\n",
            "failed-register",
            "Argument(s) {'opts'} are declared in the hookimpl",
            None,
        ),
        (f"print('hello')\n{WORKS}", "output-at-import", "it writes 'hello\\n'", None),
        ("def f(:\n", "failed-import", "SyntaxError", 1),
        ("\n1 / 0\n", "failed-import", "ZeroDivisionError: division by zero", 2),
        ("raise type('PanicError', (BaseException,), {})\n", "failed-import", "PanicError", 1),
        ("import acme_absent\n", "failed-import", "No module named 'acme_absent'", 1),
        (
            WORKS.replace("lambda checked: []", "1 / 0"),
            "hook-fails",
            "ZeroDivisionError",
            None,
        ),
    ],
)
def test_a_fault_of_the_module(
    install: Callable[..., Path],
    tmp_path: Path,
    source: str,
    finding: str,
    message: str,
    line: int | None,
) -> None:
    install("acme-fragments", {"acme_plugin": source})
    told = findings()
    assert "import-does-not-end" not in told
    found = told[finding]
    assert message in found["message"]
    if line is not None:
        assert found["place"] == f"{tmp_path / 'acme_plugin.py'}:{line}"


@pytest.mark.parametrize(
    ("source", "remedy"),
    [
        ("def f(:\n", "mend that line, or report it to the authors of acme-fragments"),
        ("import acme_absent\n", "install what has the module 'acme_absent', and add it to"),
        ("1 / 0\n", "report it to the authors of acme-fragments"),
        (None, "mend the entry point, or install acme-fragments anew"),
    ],
)
def test_the_remedy_fits(install: Callable[..., Path], source: str | None, remedy: str) -> None:
    install("acme-fragments", {} if source is None else {"acme_plugin": source})
    assert remedy in findings()["failed-import"]["remedy"]


def test_what_a_plugin_prints_breaks_no_json(
    install: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    install("acme-fragments", {"acme_plugin": f"print('hello')\n{WORKS}"})
    done = CliRunner().invoke(cli, ["list", "--json"])
    names = [each["name"] for each in json.loads(done.stdout)["fragments"]]
    assert "acme.wait" in names
    assert "hello" in done.stderr + capsys.readouterr().err


def test_requirements_that_are_not_met(install: Callable[..., Path]) -> None:
    install(
        "acme-fragments",
        {"acme_plugin": WORKS},
        requires=[
            "sfn-fragments>=0.1",
            "acme-absent>=2",
            "click<1",
            "acme-never; python_version < '3'",
            "acme-extra; extra == 'more'",
        ],
    )
    found = [each for each in told()["findings"] if each["id"] == "requirement-not-met"]
    messages = sorted(each["message"] for each in found)
    assert messages[0].startswith("acme-fragments requires acme-absent>=2, and acme-absent is not")
    assert messages[1].startswith("acme-fragments requires click<1, and click is ")
    assert len(found) == 2
    assert 'pip install "acme-absent>=2"' in {each["remedy"] for each in found}


def test_a_release_for_another_core_is_told_once(install: Callable[..., Path]) -> None:
    install("acme-fragments", {"acme_plugin": WORKS}, requires=["sfn-fragments>=9"])
    assert findings().keys() == {"failed-compatibility"}
    assert told()["status"] == "failed"


def test_two_versions_on_the_path(install: Callable[..., Path], tmp_path: Path) -> None:
    install("acme-fragments", {"acme_plugin": WORKS}, version="1.0")
    install("Acme_Fragments", {"acme_plugin": WORKS}, version="2.0", folder=tmp_path / "first")
    found = findings()
    assert found.keys() == {"two-versions"}
    assert "Acme_Fragments 2.0 in" in found["two-versions"]["message"]
    assert "hides acme-fragments 1.0 in" in found["two-versions"]["message"]


def test_stale_metadata(install: Callable[..., Path]) -> None:
    install("acme-fragments", {"acme_plugin": WORKS}, version="1.0")
    install("acme-fragments", {"acme_plugin": WORKS}, version="1.1")
    assert findings().keys() == {"stale-metadata"}


def test_an_editable_installation_beside_a_copy(
    install: Callable[..., Path], tmp_path: Path
) -> None:
    install("acme-fragments", {"acme_plugin": WORKS})
    info = install("acme-fragments", {"acme_plugin": WORKS}, folder=tmp_path / "editable")
    origin = {"url": (tmp_path / "work").as_uri(), "dir_info": {"editable": True}}
    (info / "direct_url.json").write_text(json.dumps(origin))
    found = findings()
    assert found.keys() == {"editable-beside-copy"}
    assert f"editable from {tmp_path / 'work'}" in found["editable-beside-copy"]["message"]


def test_what_setuptools_leaves_beside_an_editable_installation_is_none(
    install: Callable[..., Path], tmp_path: Path
) -> None:
    install("acme-fragments", {"acme_plugin": WORKS}, folder=tmp_path / "src")
    info = install("acme-fragments", {}, folder=tmp_path / "site")
    origin = {"url": tmp_path.as_uri(), "dir_info": {"editable": True}}
    (info / "direct_url.json").write_text(json.dumps(origin))
    assert findings() == {}


def test_two_distributions_with_one_entry_point_name(install: Callable[..., Path]) -> None:
    install("acme-fragments", {"acme_plugin": WORKS})
    install("other-fragments", {"other_plugin": WORKS}, "acme = other_plugin")
    done = plugins("acme", "--json")
    found = json.loads(done.stdout)["plugins"]
    assert [each["distribution"] for each in found] == ["acme-fragments", "other-fragments"]
    for each in found:
        ids = [finding["id"] for finding in each["findings"]]
        assert ids.count("entry-point-taken-twice") == 1


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("efs", "'efs' is sfn-fragments-efs's"),
        ("authoring", "'authoring' is sfn-fragments-authoring's"),
        ("asl", "which belongs to sfn-fragments-asl"),
    ],
)
def test_names_of_this_project_belong_to_it(
    install: Callable[..., Path], name: str, message: str
) -> None:
    install("acme-fragments", {"acme_plugin": WORKS}, f"{name} = acme_plugin")
    done = plugins(name, "--json")
    found = {each["distribution"]: each for each in json.loads(done.stdout)["plugins"]}
    told = [each["message"] for each in found["acme-fragments"]["findings"]]
    assert sum(message in each for each in told) == 1


def test_metadata_that_cannot_be_read(install: Callable[..., Path]) -> None:
    info = install("acme-fragments", {"acme_plugin": WORKS})
    (info / "entry_points.txt").write_text("[sfn_fragments]\nacme\n")
    done = plugins("--json")
    (found,) = json.loads(done.stdout)["findings"]
    assert found["id"] == "failed-metadata"
    assert "acme-fragments 1.0" in found["message"]


def test_one_that_is_left_out_is_not_imported(
    install: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    mark = tmp_path / "imported"
    source = f"open({str(mark)!r}, 'w').close()\n{WORKS}"
    monkeypatch.setenv("SFN_FRAGMENTS_DISABLE", "acme")
    install("acme-fragments", {"acme_plugin": source})
    found = told()
    assert (found["status"], found["import_seconds"]) == ("left out", None)
    assert found["findings"] == []
    assert not mark.exists()
    assert "acme" in get_registry().disabled()

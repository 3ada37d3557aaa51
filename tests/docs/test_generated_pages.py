"""The pages that tools write are of the project as it is."""

from __future__ import annotations

import pkgutil
import re
import runpy
import tomllib
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.pages import blocks
from tests.proofs import FULL, chosen

from sfn_fragments import get_registry
from sfn_fragments.cli.show_command import documentation_of
from sfn_fragments.first_party import FRAGMENTS
from sfn_fragments.parameters import alternative_constructors_of, parameters_of
from sfn_fragments.sandbox import Sandbox
from sfn_fragments_asl.cli.docstrings import told_in

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
DISTRIBUTIONS = (
    "sfn_fragments",
    "sfn_fragments_asl",
    "sfn_fragments_authoring",
    "sfn_fragments_batch",
    "sfn_fragments_data_sync",
    "sfn_fragments_demand_execution",
    "sfn_fragments_efs",
    "sfn_fragments_local",
)


def tool(name: str) -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "tools" / f"{name}.py"))


def pages_of_navigation() -> Iterator[str]:
    """The path of each page that the site's navigation leads to."""
    project = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))["project"]
    yield from tool("write_llms")["pages"](project["nav"])


#: Packages that other modules of the same distribution use; no page tells to import from them.
INTERNAL = (
    "sfn_fragments.cli",
    "sfn_fragments_asl.cli",
    "sfn_fragments_local.deployment",
    "sfn_fragments_local.iam_enforcement",
    "sfn_fragments_local.moto_gaps",
)
_IMPORT = re.compile(
    r"^\s*(?:>>> )?from (?P<module>sfn_fragments[\w.]*) import (?P<names>\([^)]*\)|.+)$", re.M
)
_ON_A_PAGE = re.compile(r"^::: (\S+)$", re.M)


def packages() -> Iterator[str]:
    """Every package of every distribution."""
    for distribution in DISTRIBUTIONS:
        yield distribution
        path = import_module(distribution).__path__
        for module in pkgutil.walk_packages(path, f"{distribution}."):
            if module.ispkg and not module.name.startswith(INTERNAL):
                yield module.name


def imported_by_readers() -> Iterator[tuple[str, str]]:
    """Module and name of each import that the documentation or an example shows."""
    readmes = [ROOT / "README.md", *ROOT.glob("*/README.md"), *ROOT.glob("plugins/*/README.md")]
    examples = [file for file in ROOT.glob("examples/**/*.py") if "cdk.out" not in file.parts]
    for file in (*readmes, *DOCS.rglob("*.md"), *examples):
        for found in _IMPORT.finditer(file.read_text(encoding="utf-8")):
            for name in re.findall(r"\w+", re.sub("#.*", "", found["names"])):
                yield found["module"], name


def home(module: str, name: str) -> str:
    """The module that a name comes from: the one that has its docstring."""
    imported = import_module(module)
    if hasattr(imported, "__path__") and find_spec(f"{module}.{name}"):
        return f"{module}.{name}"
    found = getattr(getattr(imported, name), "__module__", None)
    # A class of another library is told of where it is named.
    return found if found and found.startswith(DISTRIBUTIONS) else module


def test_the_page_of_the_command_line_is_of_the_commands_as_they_are() -> None:
    written = tool("write_command_page")["page"]()
    page = (DOCS / "reference" / "command-line.md").read_text(encoding="utf-8")
    assert page == written, "run python tools/write_command_page.py"
    for name in ("run", "catalog", "check", "doctor"):
        assert f"### sfn-fragments {name}\n" in page


def test_the_scale_of_demand_execution_is_told_of_it_alone() -> None:
    """It has no batches, which those of a distributed data sync are told by."""
    page = (DOCS / "benchmarks.md").read_text(encoding="utf-8")
    _, found, told = page.partition("## Scale of demand execution")
    assert found
    assert "inputs" in told
    assert "batch" not in told.partition("\n## ")[0]


def test_programs_find_every_page_in_one_file() -> None:
    """As https://llmstxt.org has it: a title, a summary, and links with a word on each."""
    written = tool("write_llms")["text"]()
    assert (DOCS / "llms.txt").read_text(encoding="utf-8") == written, "run tools/write_llms.py"
    title, summary = written.splitlines()[:3:2]
    assert title.startswith("# ")
    assert summary.startswith("> ")
    links = re.findall(r"^- \[.+\]\((.+?)/\): .", written, re.MULTILINE)
    assert len(links) == len([*pages_of_navigation()])
    for link in links:
        assert link == "." or (DOCS / f"{link}.md").exists() or (DOCS / link / "index.md").exists()


def test_every_parameter_of_a_fragment_is_described() -> None:
    registry = get_registry()
    for name in FRAGMENTS:
        target = registry.load(name)
        makers = [(documentation_of(target), parameters_of(target))] + [
            (each.documentation, each.parameters) for each in alternative_constructors_of(target)
        ]
        for documentation, parameters in makers:
            told = told_in(documentation)
            assert [each.name for each in parameters if not told.get(each.name)] == [], name


def test_pages_have_the_descriptions_that_are_written_elsewhere() -> None:
    griffe = pytest.importorskip("griffe", reason="pages are made with the group `docs`")
    loader = griffe.GriffeLoader(
        search_paths=[*ROOT.glob("*/src"), *ROOT.glob("plugins/*/src")],
        extensions=griffe.load_extensions(str(ROOT / "tools" / "described_pages.py")),
    )
    seen = 0
    for name in FRAGMENTS:
        module, _, own = get_registry().spec(name).target.partition(":")
        if "described_by(" not in Path(str(import_module(module).__file__)).read_text("utf-8"):
            continue
        loader.load(module)
        read = loader.modules_collection.get_member(f"{module}.{own}").docstring
        imported = getattr(import_module(module), own).__doc__
        assert read is not None
        assert read.value == imported
        seen += 1
    assert seen > 5


def test_every_public_module_is_in_the_reference() -> None:
    pages = sorted((DOCS / "reference").glob("*.md"))
    text = "\n".join(file.read_text(encoding="utf-8") for file in pages)
    on_pages = _ON_A_PAGE.findall(text)
    assert len(on_pages) == len({*on_pages})
    exported = {
        home(package, name)
        for package in packages()
        for name in getattr(import_module(package), "__all__", ())
    }
    # The specs of a plugin are in a table of the fragments, and its data are no API.
    imported = {
        home(module, name)
        for module, name in imported_by_readers()
        if not module.endswith((".plugin", ".examples"))
    }
    assert sorted((exported | imported) - {*on_pages} - {*DISTRIBUTIONS}) == []
    index = (DOCS / "reference.md").read_text(encoding="utf-8")
    assert [page.name for page in pages if f"(reference/{page.name})" not in index] == []


def test_every_fragment_has_a_page_which_the_site_leads_to() -> None:
    listed = [*pages_of_navigation()]
    index = (DOCS / "fragments.md").read_text(encoding="utf-8")
    assert {f"{name}.md" for name in FRAGMENTS} == {
        file.name for file in (DOCS / "fragments").iterdir()
    }
    for name in FRAGMENTS:
        assert f"fragments/{name}.md" in listed
        assert f"(fragments/{name}.md)" in index


@pytest.mark.parametrize("name", FRAGMENTS if FULL else ["core.lambda_function"])
def test_the_page_of_a_fragment_is_of_the_fragment_as_it_is(name: str) -> None:
    page = (DOCS / "fragments" / f"{name}.md").read_text(encoding="utf-8")
    written = tool("write_fragment_pages")["pages"]([name])[name]
    assert page == written, f"run python tools/write_fragment_pages.py {name}"


@pytest.mark.parametrize("name", chosen(FRAGMENTS))
def test_the_code_of_a_page_makes_the_state_machine(name: str) -> None:
    (code,) = [
        block.text
        for block in blocks(DOCS / "fragments" / f"{name}.md")
        if block.language == "python"
    ]
    registry, sandbox = get_registry(), Sandbox()
    example = registry.spec(name).example
    assert example
    given = sandbox.arguments_for(registry.resolve(example))
    exec(code, {"stack": sandbox.stack, "env_base": sandbox.env_base, **given})
    template = sandbox.app.synth().get_stack_by_name(sandbox.stack.stack_name).template
    kinds = [resource["Type"] for resource in template["Resources"].values()]
    assert "AWS::StepFunctions::StateMachine" in kinds


@pytest.mark.parametrize("name", FRAGMENTS)
def test_the_page_of_a_fragment_leaves_nothing_out(name: str) -> None:
    page = (DOCS / "fragments" / f"{name}.md").read_text(encoding="utf-8")
    parts = ("what-it-does", "when-to-use-it", "what-it-deletes", "example", "permissions")
    for title in parts:
        heading = f"## {title.replace('-', ' ').capitalize()}\n\n"
        assert heading in page
        assert not page.partition(heading)[2].startswith("\n")
    assert "Not described." not in page
    assert get_registry().spec(name).summary in page

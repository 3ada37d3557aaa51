"""Every hook is documented, its example runs, and plugins are reached through it."""

from __future__ import annotations

import doctest
import inspect
import re
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pluggy
import pytest

from sfn_fragments import get_registry, hookimpl, hookspecs
from sfn_fragments.node import ensure_node

if TYPE_CHECKING:
    from collections.abc import Callable

GUIDE = Path(__file__).parents[2] / "docs" / "hooks.md"
#: The core's, then those that the installed plugins bring.
MODULES = [
    hookspecs,
    *(
        import_module(name)
        for names in get_registry().plugin_manager.hook.sfn_fragments_hookspecs()
        for name in names
    ),
]
HOOKS: dict[str, Callable[..., Any]] = {
    name: function
    for module in MODULES
    for name, function in vars(module).items()
    if hasattr(function, f"{hookspecs.PROJECT}_spec")
}


def guide_sections() -> dict[str, str]:
    """Hook name to its section of the guide."""
    pieces = re.split(r"^## `(\w+)`$", GUIDE.read_text(), flags=re.MULTILINE)
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))


def signature(name: str) -> str:
    """The signature as it is written in the source, on one line."""
    return name + str(inspect.signature(HOOKS[name])).replace("'", "")


def test_every_function_of_the_modules_is_a_hook_with_the_prefix() -> None:
    functions = {
        name
        for module in MODULES
        for name, value in vars(module).items()
        if inspect.isfunction(value)
    }
    assert functions == set(HOOKS)
    assert all(name.startswith("sfn_fragments_") for name in HOOKS)
    assert len(HOOKS) == 10


@pytest.mark.parametrize("name", HOOKS)
def test_docstring_has_all_parts_in_order(name: str) -> None:
    text = inspect.getdoc(HOOKS[name]) or ""
    parts = ["Purpose:", "Called:", "Must not import:", "Returns:", "Examples:"]
    found = [line for line in text.splitlines() if line in parts]
    assert found == parts
    for parameter in inspect.signature(HOOKS[name]).parameters:
        assert re.search(rf"^    {parameter}: \w", text, flags=re.MULTILINE)


@pytest.mark.parametrize("name", HOOKS)
def test_example_runs_and_is_accepted_as_an_implementation(name: str) -> None:
    ensure_node()
    [test] = (t for t in doctest.DocTestFinder(recurse=False).find(HOOKS[name], name) if t.examples)
    # Names of the module, such as hookimpl, must be imported by the example itself.
    test.globs = {}
    output: list[str] = []
    results = doctest.DocTestRunner().run(test, out=output.append, clear_globs=False)
    assert results.failed == 0, "".join(output)
    assert results.attempted > 1
    plugin = ModuleType("example")
    setattr(plugin, name, test.globs[name])
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    for module in MODULES:
        manager.add_hookspecs(module)
    manager.register(plugin)
    manager.check_pending()
    assert len(getattr(manager.hook, name).get_hookimpls()) == 1


def test_hookimpl_is_the_one_of_the_project() -> None:
    assert hookimpl.project_name == hookspecs.PROJECT


def test_guide_has_one_section_for_each_hook() -> None:
    assert list(guide_sections()) == list(HOOKS)


@pytest.mark.parametrize("name", HOOKS)
def test_guide_shows_the_exact_signature_and_an_implementation(name: str) -> None:
    section = guide_sections()[name]
    blocks = re.findall(r"```python\n(.*?)```", section, flags=re.DOTALL)
    assert blocks[0].strip() == signature(name)
    assert any(f"@hookimpl\ndef {name}(" in block for block in blocks[1:])
    for block in blocks[1:]:
        compile(block, GUIDE.name, "exec")

"""A plugin that was made for the first release works with today's: `docs/promise.md`.

Its files, `first_release`, are not edited. If a test here fails, the framework has broken its
promise: mend the framework; or, if a minor version may break it, take that part of the plugin out
and say in the changelog what plugins write instead.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.contract.test_plugins_guide import install
from tests.proofs import long_proof

FIRST_RELEASE = Path(__file__).parent / "first_release"
PROGRAM = "from sfn_fragments.cli.group import main; main()"


def run(*command: str, path: Path = FIRST_RELEASE) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        env=os.environ | {"PYTHONPATH": str(path)},
        capture_output=True,
        text=True,
        check=False,
    )


@long_proof
def test_it_passes_the_suites_of_today() -> None:
    """Each of its hooks is called, and its fragment is synthesized, checked, and executed."""
    done = run("-c", PROGRAM, "validate", "first", "--json")
    told = json.loads(done.stdout)
    assert told["valid"], done.stdout
    [plugin] = told["plugins"]
    assert plugin["status"] == "loaded"
    assert plugin["fragments"] == ["first.store"]
    assert plugin["checks"] == ["first.fixed-waits"]
    assert plugin["commands"] == ["first-greet"]
    passed = {each["test"] for each in told["tests"] if each["status"] == "passed"}
    # The parameter of its own hook is one that only its author knows.
    hooks = {*plugin["hooks"]} - {"sfn_fragments_first_sizes"}
    assert {f"test_each_hook_is_called[{hook}]" for hook in hooks} <= passed
    assert "test_its_example_runs[first.store]" in passed


def test_it_implements_each_hook_of_the_core() -> None:
    from sfn_fragments import hookspecs

    source = (FIRST_RELEASE / "first_plugin" / "plugin.py").read_text(encoding="utf-8")
    hooks = [name for name in vars(hookspecs) if name.startswith("sfn_fragments_")]
    assert hooks
    assert [name for name in hooks if f"def {name}(" not in source] == []


BRINGS = """
from sfn_fragments import hookimpl

@hookimpl
def sfn_fragments_hookspecs():
    yield "brings_hooks"
"""

HOOKS = """
from sfn_fragments import hookspec

@hookspec(warn_on_impl=DeprecationWarning("use sfn_fragments_brings_other instead"))
def sfn_fragments_brings_old(one, two):
    '''Add things.'''

@hookspec(warn_on_impl_args={"one": DeprecationWarning("take two instead of one")})
def sfn_fragments_brings_changed(one, two):
    '''Add other things.'''
"""

IMPLEMENTS = """
from sfn_fragments import hookimpl

@hookimpl
def sfn_fragments_brings_old(one):
    return [one]

@hookimpl
def sfn_fragments_brings_changed(one):
    return [one]
"""

ASKS = """
import warnings
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    from sfn_fragments import get_registry
    registry = get_registry()
assert not registry.problems(), registry.problems()
print(registry.offers("sfn_fragments_brings_old", int, one=1, two=2))
for each in caught:
    if "instead" in str(each.message):
        print(f"{each.category.__name__} {each.filename}:{each.lineno}: {each.message}")
"""


def test_a_deprecated_hook_is_called_and_tells_who_implements_it(tmp_path: Path) -> None:
    """And it has gained a parameter, which the implementation does not know."""
    for name, source in (("brings", BRINGS), ("brings_hooks", HOOKS), ("older", IMPLEMENTS)):
        (tmp_path / f"{name}.py").write_text(source)
    install(tmp_path, "brings", "brings = brings")
    install(tmp_path, "older", "older = older")
    done = run("-c", ASKS, path=tmp_path)
    assert done.returncode == 0, done.stderr
    first, *warned = done.stdout.splitlines()
    assert first == "[1]"
    file, plugin = tmp_path / "older.py", "plugin 'older' (older 1.0, older)"
    assert warned == [
        f"DeprecationWarning {file}:8: {plugin}: take two instead of one",
        f"DeprecationWarning {file}:4: {plugin}: use sfn_fragments_brings_other instead",
    ]

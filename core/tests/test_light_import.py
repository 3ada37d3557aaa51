"""Listing fragments stays light: no CDK, no pydantic, no Node."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HEAVY = ("aws_cdk", "boto3", "click", "constructs", "jsii", "moto", "pydantic", "rich")

LIST = """
import json, sys
import sfn_fragments
before = sorted(sys.modules)
from sfn_fragments import get_registry
registry = get_registry()
print(json.dumps({
    "before": before,
    "names": registry.names(),
    "providers": [str(registry.provider(name)) for name in registry.names()],
    "hooks": [name for names in registry.plugin_manager.hook.sfn_fragments_hookspecs()
              for name in names],
    "problems": [str(problem) for problem in registry.problems()],
    "modules": sorted(sys.modules),
}))
"""


@pytest.fixture
def listing(tmp_path: Path, write_plugin: Callable[..., None]) -> dict[str, list[str]]:
    """What a fresh process without Node on PATH lists and imports, with one more plugin."""
    write_plugin(tmp_path, "acme-fragments", requires=["sfn-fragments>=0.1"])
    variables = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("SFN_FRAGMENTS_", "COV_", "COVERAGE_")) and key != "JSII_NODE"
    }
    variables |= {"PATH": str(tmp_path), "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", LIST], env=variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, list[str]] = json.loads(done.stdout)
    return result


def test_listing_imports_nothing_heavy(listing: dict[str, list[str]]) -> None:
    assert "acme.wait" in listing["names"]
    assert "plugin 'acme' (acme-fragments 1.0, acme_plugin)" in listing["providers"]
    roots = {module.partition(".")[0] for module in listing["modules"]}
    assert not roots & set(HEAVY)
    assert "acme_plugin" in roots
    assert "acme_fragments" not in roots


def test_listing_imports_the_hooks_that_plugins_bring(listing: dict[str, list[str]]) -> None:
    assert "sfn_fragments_local.hookspecs" in listing["hooks"]
    assert set(listing["hooks"]) <= set(listing["modules"])
    # What annotations name is not imported for them.
    assert "sfn_fragments_local.jobs" not in listing["modules"]


def test_importing_the_package_imports_none_of_its_parts(listing: dict[str, list[str]]) -> None:
    own = [module for module in listing["before"] if module.startswith("sfn_fragments.")]
    assert own == ["sfn_fragments.lazy"]
    assert "pluggy" not in listing["before"]


def test_every_public_name_can_be_imported() -> None:
    import sfn_fragments

    for name in vars(sfn_fragments)["__all__"]:
        assert getattr(sfn_fragments, name) is not None
    assert set(dir(sfn_fragments)) >= set(vars(sfn_fragments)["__all__"]) - {"__version__"}
    assert sfn_fragments.__version__[0].isdigit()
    absent = "no_such_name"
    with pytest.raises(AttributeError, match=absent):
        getattr(sfn_fragments, absent)

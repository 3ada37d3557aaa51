"""What holds for all tests of the workspace: Node for CDK, and how they share the machine."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING

import hypothesis
from tests.proofs import FULL, VARIABLE, left_out

from sfn_fragments.node import ensure_node

if TYPE_CHECKING:
    import pytest

# Before any test imports CDK: jsii takes whatever Node is on PATH, and there may be none.
ensure_node()

# How long it takes to think of an input says how busy the machine is.
hypothesis.settings.register_profile(
    "any machine",
    deadline=None,
    max_examples=150 if FULL else 25,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("any machine")

# Where the environment forbids it, each of hundreds of processes would compile CDK and moto anew.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

#: The files that take longest, longest first. A worker takes one file after the other, and none
#: should begin with one of these when the others have nothing left to do.
LONGEST = (
    "tests/contract/test_faults.py",
    "tests/contract/test_exact_permissions.py",
    "tests/install/test_wheels.py",
    "tests/contract/test_hostile_machine.py",
    "tests/contract/test_bad_input.py",
    "plugins/demand_execution/tests/test_demand_execution_runs.py",
    "plugins/authoring/tests/test_authoring_suite.py",
    "plugins/local/tests/test_run_command.py",
    "tests/docs/test_site.py",
    "plugins/authoring/tests/test_catalogue.py",
    "tests/contract/test_hostile_machine.py",
    "plugins/demand_execution/tests/test_demand_execution_states.py",
    "plugins/local/tests/test_report_page.py",
    "plugins/data_sync/tests/test_distributed_sync.py",
    "plugins/data_sync/tests/test_data_sync.py",
    "plugins/efs/tests/test_efs_clean_file_system.py",
    "tests/docs/test_get_started.py",
    "plugins/local/tests/test_deploy_apps.py",
    "tests/contract/test_ends.py",
    "tests/contract/test_counts.py",
    "plugins/local/tests/test_moto_gaps.py",
    "tests/docs/test_operate.py",
    "tests/contract/test_cfn_lint.py",
    "tests/docs/test_how_to.py",
)


def pytest_configure(config: pytest.Config) -> None:
    """Keep the order below; pytest-xdist would begin with the files that have most tests."""
    # Its option --no-loadscope-reorder, which the oldest releases that are tested do not have.
    config.option.loadscopereorder = False
    config.addinivalue_line("markers", "few(number): of its cases the suite has so many")


def pytest_xdist_auto_num_workers() -> int:
    """One worker more than there are cores: a quarter of the time tests wait for what they run."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Function]) -> None:
    """Leave out what the long proofs have, or another part of them; begin with the longest."""
    if others := left_out(items):
        config.hook.pytest_deselected(items=[item for item in items if item.nodeid in others])
        items[:] = [item for item in items if item.nodeid not in others]
    rank = {file: number for number, file in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.nodeid.partition("::")[0], len(rank)))


def pytest_collection_finish() -> None:
    """Have the collector look at less, less often: it took a sixth of the time.

    What is imported stays, and CDK and moto are millions of objects.
    """
    if FULL:
        # What tests run in processes of their own is whole.
        os.environ[VARIABLE] = "1"
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)

"""Every documented name is there, with its parameters, in their order, and their defaults.

``api_parameters.json`` holds what the documented library has: a name maps to ``property``, or to
its parameters and their defaults as text.
"""

from __future__ import annotations

import inspect
import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

DOCUMENTED: dict[str, Any] = json.loads(Path(__file__).with_name("api_parameters.json").read_text())

#: Where each class and function is imported from, as the design has it.
PACKAGES = {
    "sfn_fragments.fragments": [
        "StateMachineFragment",
        "EnvBaseStateMachineFragment",
        "LazyLoadStateMachineFragment",
        "TaskWithPrePostStatus",
        "StateMachineMixins",
        "LambdaFunctionFragment",
        "create_log_options",
        "create_role",
        "create_state_machine",
    ],
    "sfn_fragments.states": ["CommonOperation", "S3Operation"],
    "sfn_fragments.utils": [
        "JsonReferencePath",
        "convert_to_sfn_api_action_case",
        "enclosed_chain",
    ],
    "sfn_fragments_batch": [
        "BatchOperation",
        "AWSBatchMixins",
        "SubmitJobFragment",
        "BatchInvokedBaseFragment",
        "BatchInvokedLambdaFunction",
        "BatchInvokedExecutorFragment",
        "MountPointConfiguration",
    ],
    "sfn_fragments_data_sync": ["DataSyncFragment", "DistributedDataSyncFragment"],
    "sfn_fragments_efs": [
        "CleanFileSystemFragment",
        "CleanFileSystemTriggerConfig",
        "CleanFileSystemTriggerRuleConfig",
        "get_data_path_stats_fragment",
        "outdated_data_path_scanner_fragment",
        "remove_data_paths_fragment",
    ],
    "sfn_fragments_demand_execution": ["DemandExecutionFragment"],
}
PACKAGE_OF = {name: package for package, names in PACKAGES.items() for name in names}

#: Defaults that the documented library makes at import, by a construct; ours are made when they
#: are needed, and mean the same.
MADE_WHEN_NEEDED = {
    ("create_role", "assumed_by"),
    ("CleanFileSystemTriggerConfig.__init__", "schedule"),
    ("CleanFileSystemTriggerRuleConfig.__init__", "schedule"),
}


def find(name: str) -> Any:
    owner, _, member = name.partition(".")
    found = getattr(import_module(PACKAGE_OF[owner]), owner)
    return inspect.getattr_static(found, member) if member else found


def parameters(found: Any) -> list[inspect.Parameter]:
    function = found.__func__ if isinstance(found, classmethod | staticmethod) else found
    listed = list(inspect.signature(function).parameters.values())
    return listed[1:] if listed and listed[0].name in ("self", "cls") else listed


def test_every_name_has_a_place() -> None:
    assert {name.partition(".")[0] for name in DOCUMENTED} == set(PACKAGE_OF)


@pytest.mark.parametrize("name", sorted(DOCUMENTED))
def test_the_contract(name: str) -> None:
    documented, found = DOCUMENTED[name], find(name)
    if documented == "property":
        assert isinstance(found, property) or not callable(found)
        return
    ours = parameters(found)
    names = [parameter.name for parameter in ours]
    assert names[: len(documented)] == list(documented)
    for parameter in ours:
        if parameter.name not in documented:
            # A deliberate addition.
            assert parameter.default is not inspect.Parameter.empty, parameter
            continue
        default = documented[parameter.name]
        if default == "<required>" or (name, parameter.name) in MADE_WHEN_NEEDED:
            continue
        assert repr(parameter.default) == default, parameter

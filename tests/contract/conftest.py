"""One stack that holds every fragment, for what must hold of all of them together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sfn_fragments import get_registry
from sfn_fragments.parameters import parameters_of
from sfn_fragments.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk.aws_stepfunctions import StateMachine


def build_every_fragment() -> Sandbox:
    """Each registered fragment's example as a state machine of its own, and a schedule.

    A fragment that can have its job definition in the stack is there in both ways.
    """
    registry, sandbox = get_registry(), Sandbox()
    for name in registry.names():
        example = registry.resolve(str(registry.spec(name).example))
        arguments = sandbox.arguments_for(example)
        parameters = {parameter.name for parameter in parameters_of(registry.load(name))}
        ways = {"": arguments}
        if "deploy_job_definition" in parameters:
            deployed = bool(arguments.get("deploy_job_definition"))
            ways["-other"] = arguments | {"deploy_job_definition": not deployed}
        for suffix, given in ways.items():
            fragment_id = name.replace(".", "-") + suffix
            fragment = registry.create(name, sandbox.stack, fragment_id, **given)
            machine = fragment.to_state_machine(fragment_id)
            if name == "efs.clean_file_system" and not suffix:
                _clean_every_day(sandbox, machine)
    return sandbox


def _clean_every_day(sandbox: Sandbox, machine: StateMachine) -> None:
    from sfn_fragments_efs import CleanFileSystemTriggerConfig, CleanFileSystemTriggerRuleConfig

    clean = CleanFileSystemTriggerConfig(sandbox.file_system, "/scratch")
    CleanFileSystemTriggerRuleConfig("clean", [clean]).create_rule(sandbox.stack, machine)


@pytest.fixture
def every_fragment() -> Callable[[], Sandbox]:
    """Builds the stack; it is not synthesized yet."""
    return build_every_fragment

"""The suite that the core ships, run over everything that this plugin registers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfn_fragments.testing import FragmentSuite

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfn_fragments_local import ExecutionResult


class TestAcme(FragmentSuite):
    plugin = "acme"


def test_the_input_is_passed_on(sfn_run: Callable[..., ExecutionResult]) -> None:
    from acme_fragments.wait import Wait

    from sfn_fragments.environment import EnvBase

    result = sfn_run(lambda stack: Wait(stack, "Wait", EnvBase("dev-acme")), {"seconds": 5})
    assert result.raise_for_status().output == {"seconds": 5}
    assert len(result.states) == 1


def test_its_own_carrier_comes_by_its_own_hook() -> None:
    from acme_fragments.carriers import carriers

    assert carriers()["post"].seconds == 172_800

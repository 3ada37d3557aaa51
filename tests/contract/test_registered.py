"""What the distributions of this project register."""

from __future__ import annotations

import pytest

from sfn_fragments import get_registry
from sfn_fragments.first_party import FRAGMENTS, HOOKS


def test_every_fragment_is_registered() -> None:
    registry = get_registry()
    assert registry.problems() == ()
    assert set(registry.names()) == set(FRAGMENTS)


def test_every_hook_that_a_plugin_brings_is_known_without_it() -> None:
    hooks = get_registry().plugin_manager.hook
    brought = {
        name
        for name, caller in vars(hooks).items()
        if getattr(caller, "spec", None)
        and caller.spec.function.__module__ != "sfn_fragments.hookspecs"
    }
    assert brought == set(HOOKS)


@pytest.mark.parametrize("name", sorted(FRAGMENTS))
def test_it_says_what_it_takes_and_returns(name: str) -> None:
    registry = get_registry()
    spec = registry.spec(name)
    assert spec.request
    assert spec.response
    assert spec.example
    registry.resolve(spec.request).model_validate(registry.resolve(spec.example).input)

"""The stacks of the app, and what they hand each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from aibs_informatics_core.env import EnvBase

from imaging.pipelines import PipelinesStack
from imaging.platform import PlatformStack

if TYPE_CHECKING:
    from aws_cdk import App, Stage


class Stacks(NamedTuple):
    """What `build` makes."""

    platform: PlatformStack
    pipelines: PipelinesStack


def build(app: App | Stage) -> Stacks:
    """Make both stacks.

    Args:
        app: The app; its context ``env_base`` names the environment, ``dev-imaging`` by default.
    """
    env_base = EnvBase(app.node.try_get_context("env_base") or "dev-imaging")
    platform = PlatformStack(app, "Platform", env_base=env_base)
    pipelines = PipelinesStack(app, "Pipelines", env_base=env_base, platform=platform)
    return Stacks(platform, pipelines)

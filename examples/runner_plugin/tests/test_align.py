"""The suite for plugins, and what is this one's own."""

from __future__ import annotations

from typing import ClassVar

from initech_fragments.align import IMAGE, AlignRunner

from sfn_fragments_authoring.testing import PluginSuite, RunnerCase


class TestPlugin(PluginSuite):
    plugin = "initech"
    runner_cases: ClassVar[dict[str, RunnerCase]] = {
        "align": RunnerCase(
            image=f"registry.example.com/{IMAGE}:2",
            succeeds=["--size", "3"],
            output='{"size": 3}',
            fails=["--size", "three"],
        )
    }


def test_it_leaves_other_images_alone() -> None:
    from pathlib import Path

    from sfn_fragments_local import JobRequest

    for image in ("python:3.13", f"{IMAGE}-other:1", f"{IMAGE}/python:3"):
        job = JobRequest("1", "job", image, (), {}, (), Path())
        assert not AlignRunner().accepts(job), image

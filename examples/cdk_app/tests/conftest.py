"""The app of ``cdk.json``, deployed once for all tests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from deployed import Imaging
from imaging.stacks import build

from sfn_fragments_local import Engine, app_from_cdk_json

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def imaging(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Imaging]:
    """The app on an engine, with a queue that listens to the topic."""
    outdir = tmp_path_factory.mktemp("cdk") / "cdk.out"
    app = app_from_cdk_json(Path(__file__).parents[1], outdir=str(outdir))
    stacks = build(app)
    with Engine() as engine:
        imaging = Imaging(engine, engine.deploy(app), stacks)
        imaging.listen()
        yield imaging

"""The shapes of Batch's requests are those of the botocore that is installed."""

from __future__ import annotations

import json
import runpy
from importlib.resources import files
from pathlib import Path

SCRIPT = Path(__file__).parents[3] / "tools" / "refresh_batch_shapes.py"


def test_the_file_is_current() -> None:
    text = files("sfn_fragments_batch").joinpath("request_shapes.json").read_text("utf-8")
    assert json.loads(text) == runpy.run_path(str(SCRIPT))["shapes"]()

"""Take the pictures of reports in docs/pictures anew, of a good and of a failed run.

Run it after a change to the page, where Chromium is installed:
``uv run python -m tools.picture_reports``.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.browser import browser
from tests.reported_runs import failed_run, good_run, prepare

from sfn_fragments_local import Engine

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "pictures"
_DESK, _PHONE = (1180, 720), (390, 780)

#: Name of a picture to the run, the place in its page, the size of the window and the colours.
PICTURES = {
    "report-failed": ("failed", "", _DESK, "light"),
    "report-log": ("failed", "#view=timeline&show=job-0", _DESK, "light"),
    "report-good": ("good", "#view=timeline&show=visit-0-2", _DESK, "dark"),
    "report-phone": ("failed", "", _PHONE, "light"),
}


def main() -> int:
    """Run the two state machines, and take the pictures."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with Engine() as engine:
            prepare(engine)
            good_run(engine).report(folder / "good.html")
            failed_run(engine).report(
                folder / "failed.html", command="pytest tests/test_align.py::test_align"
            )
        with browser(folder / "profile") as context:
            page = context.new_page()
            for picture, (run, place, (width, height), colours) in PICTURES.items():
                page.set_viewport_size({"width": width, "height": height})
                page.emulate_media(color_scheme=colours)
                page.goto("about:blank")
                page.goto(f"{(folder / run).with_suffix('.html').as_uri()}{place}")
                page.wait_for_timeout(300)
                page.screenshot(path=FOLDER / f"{picture}.png")
                print(FOLDER / f"{picture}.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())

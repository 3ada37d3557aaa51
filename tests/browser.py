"""A headless Chromium of this machine, which is never downloaded and asks nobody."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: What Chromium is called on the systems that have it.
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")

#: Set, a test that finds no browser fails.
NEEDED = "SFN_FRAGMENTS_NEED_BROWSER"

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def program() -> str | None:
    """The path of the browser; None where there is none."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


def require() -> None:
    """Skip a test where there is no browser, which newcomers need not have; in CI, fail it."""
    if program() is None or find_spec("playwright") is None:
        if os.environ.get(NEEDED):
            pytest.fail(f"{NEEDED} is set, and there is no browser ({', '.join(PROGRAMS)})")
        pytest.skip("pages are tried where there is a Chromium; CI has one")


@contextmanager
def browser(profile: Path, **options: Any) -> Iterator[Any]:
    """Start the browser.

    Args:
        profile: An empty folder for what it keeps.
        **options: Of playwright's ``launch_persistent_context``.

    Yields:
        Playwright's context, which makes pages.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(profile), executable_path=program(), args=[*_FLAGS], **options
        )
        try:
            yield context
        finally:
            context.close()


def waits(found: Any) -> Any:
    """What can be claimed of a place of a page, which has some seconds to become so.

    Args:
        found: A locator of playwright.

    Returns:
        Playwright's assertions about it.
    """
    from playwright.sync_api import expect

    return expect(found)

"""Runs the suites over a plugin without any test code of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sfn_fragments import get_registry
from sfn_fragments.errors import FragmentsError

if TYPE_CHECKING:
    from collections.abc import Iterator

_TESTS = '''\
"""The suites, over one plugin."""

from sfn_fragments_authoring.testing import FragmentSuite, PluginSuite


class TestPlugin(PluginSuite):
    plugin = {plugin!r}
    _without_cases = True


{fragments}
'''

_FRAGMENTS = """\
class TestFragments(FragmentSuite):
    plugin = {plugin!r}
    accepted_rules = {accepted!r}
"""


class ValidationError(FragmentsError):
    """The suites could not be run."""


@dataclass(frozen=True)
class Outcome:
    """What one test of the suites says about a plugin.

    Attributes:
        test: The test, with the fragment or hook that it is about in brackets.
        status: ``passed``, ``failed`` or ``skipped``.
        message: Why it failed, and what mends it; or why it was skipped.
    """

    test: str
    status: str
    message: str = ""

    def as_json(self) -> dict[str, Any]:
        """As ``validate --json`` shows it."""
        return asdict(self)


def validate(plugin: str, accepted_rules: tuple[str, ...] = ()) -> list[Outcome]:
    """Run what needs no test code: the suites, without what only the author could give.

    Args:
        plugin: Name of its entry point.
        accepted_rules: Ids of the rules that its examples may break.

    Returns:
        What each test says.

    Raises:
        ValidationError: pytest could not run them.
    """
    registry = get_registry()
    own = any(registry.provider(name).name == plugin for name in registry.names())
    fragments = _FRAGMENTS.format(plugin=plugin, accepted=set(accepted_rules)) if own else ""
    with tempfile.TemporaryDirectory(prefix="sfn-fragments-") as name:
        folder = Path(name)
        tests = _TESTS.format(plugin=plugin, fragments=fragments)
        (folder / "test_suites.py").write_text(tests, encoding="utf-8")
        # An empty one: no settings of a folder above, and none of the user's project.
        (folder / "pytest.ini").write_text("[pytest]\njunit_family = xunit2\n", encoding="utf-8")
        report = folder / "report.xml"
        command = [
            sys.executable,
            # Without the working directory: as an app finds the plugin that is installed.
            "-P",
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            f"--rootdir={folder}",
            f"--config-file={folder / 'pytest.ini'}",
            f"--junitxml={report}",
            str(folder / "test_suites.py"),
        ]
        own_variables = {
            key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")
        }
        done = subprocess.run(  # noqa: S603 - this interpreter, on a test of our own
            command,
            # As this process finds its plugins, whoever has changed its path.
            env=own_variables | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode not in (0, 1) or not report.exists():
            told = " ".join((done.stdout + done.stderr).split())
            raise ValidationError(f"pytest could not run the suites: {told}")
        return [*_outcomes(report)]


def _outcomes(report: Path) -> Iterator[Outcome]:
    tests = ElementTree.parse(report).getroot()  # noqa: S314 - trusted: pytest wrote it, in a folder of ours
    for case in tests.iter("testcase"):
        test = case.get("name", "")
        status, message = "passed", ""
        for child in case:
            if child.tag in ("failure", "error"):
                status, message = "failed", _mending(child.get("message", ""), child.text or "")
            elif child.tag == "skipped":
                status, message = "skipped", child.get("message", "")
        if not (status == "skipped" and message.startswith("got empty parameter set")):
            yield Outcome(test, status, message)


def _mending(message: str, text: str) -> str:
    """What a failure says to its reader: the sentences of the suite, without its code."""
    if message.startswith("Failed: "):
        return message.removeprefix("Failed: ")
    # A failed assertion: what it says, then what it compared.
    lines = [line[1:].strip() for line in text.splitlines() if line.startswith("E ")]
    shown = [line for line in lines if line and not line.startswith("Use -v")]
    return "\n".join(shown) or message

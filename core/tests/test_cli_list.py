from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

from click.testing import CliRunner

from sfn_fragments.cli.group import cli

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RAISES = {"broken_plugin": "raise RuntimeError('no license [key] found')"}


def test_a_table_and_the_problems_below(install: Callable[..., None]) -> None:
    install("acme-fragments", version="1.2")
    install("broken", version="0.3", entry_points="broken = broken_plugin", modules=RAISES)
    result = CliRunner().invoke(cli, ["list"])
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["NAME", "SUMMARY"]
    assert lines[1].split(maxsplit=1) == ["acme.wait", "Waits for a delivery."]
    below = "\n".join(lines[2:])
    assert "plugin 'broken' (broken 0.3, broken_plugin): import" in below
    assert "RuntimeError: no license [key] found" in below
    assert "remedy: report it to the authors of broken" in below


def test_json(install: Callable[..., None]) -> None:
    install("acme-fragments", version="1.2")
    install("broken", version="0.3", entry_points="broken = broken_plugin", modules=RAISES)
    result = CliRunner().invoke(cli, ["list", "--json"])
    assert result.exit_code == 0
    listed = json.loads(result.stdout)
    assert listed["fragments"] == [
        {
            "name": "acme.wait",
            "summary": "Waits for a delivery.",
            "keywords": [],
            "stability": "stable",
            "distribution": "acme-fragments",
            "version": "1.2",
            "entry_point": "acme_plugin",
            "target": "acme_fragments:Wait",
        }
    ]
    [problem] = listed["problems"]
    assert problem.pop("remedy")
    assert problem == {
        "plugin": "broken",
        "stage": "import",
        "distribution": "broken",
        "version": "0.3",
        "entry_point": "broken_plugin",
        "error": "RuntimeError: no license [key] found",
    }


def test_nothing_installed(install: Callable[..., None]) -> None:
    result = CliRunner().invoke(cli, ["list"])
    assert result.exit_code == 0
    assert 'pip install "sfn-fragments[all]"' in result.stdout


def test_it_is_light_and_needs_no_node(tmp_path: Path, write_plugin: Callable[..., None]) -> None:
    write_plugin(tmp_path, "acme-fragments")
    code = (
        "import atexit, sys\n"
        "heavy = ('aws_cdk', 'constructs', 'jsii', 'pydantic', 'aibs_informatics_core', 'moto')\n"
        "atexit.register(lambda: print('HEAVY', [m for m in heavy if m in sys.modules]))\n"
        "from sfn_fragments.cli import main\n"
        "main(['list'])\n"
    )
    variables = {key: value for key, value in os.environ.items() if key != "JSII_NODE"}
    variables |= {"PATH": str(tmp_path), "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "acme.wait" in done.stdout
    assert done.stdout.splitlines()[-1] == "HEAVY []"

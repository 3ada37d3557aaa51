"""``sfn-fragments doctor`` says what keeps jobs apart from the machine, and how to get the best."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from sfn_fragments.cli.group import cli
from sfn_fragments_local.launching.isolation import Isolation, found_isolation


def told() -> dict[str, str]:
    result = CliRunner().invoke(cli, ["doctor", "--json"])
    (check,) = (
        one for one in json.loads(result.stdout)["checks"] if one["name"] == "isolation of jobs"
    )
    return dict(check)


def test_what_is_in_force_here() -> None:
    found = found_isolation()
    check = told()
    assert check["value"].lower().startswith(found.name)
    assert (check["status"] == "ok") == (found.name == "namespaces")
    assert bool(check["remedy"]) == (found.name != "namespaces")


@pytest.mark.parametrize(
    ("found", "value"),
    [
        (Isolation("landlock", "unshare: denied", network=True), "TCP ports of the engine's"),
        (Isolation("landlock", "unshare: denied", network=False), "the network of this machine"),
        (Isolation("none", "this is darwin", network=False), "files, processes and network"),
    ],
)
def test_how_to_get_the_best_one(
    monkeypatch: pytest.MonkeyPatch, found: Isolation, value: str
) -> None:
    monkeypatch.setattr("sfn_fragments_local.doctor.found_isolation", lambda: found)
    check = told()
    assert value in check["value"]
    assert found.refused in check["value"]
    assert "sysctl" in check["remedy"]
    assert check["status"] == "absent"

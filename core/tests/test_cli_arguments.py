from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import click
import pytest

from sfn_fragments.cli.arguments import parse_setting, read_json

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("memory=2048", "memory", 2048),
        ("path=s3://b/k", "path", "s3://b/k"),
        ("path=", "path", ""),
        ('name="2048"', "name", "2048"),
        ("query=a=b", "query", "a=b"),
        ("job-queue=high", "job_queue", "high"),
        ('mounts=[{"path": "/opt"}]', "mounts", [{"path": "/opt"}]),
        ("timeout=null", "timeout", None),
        ("path=$.request.path", "path", "$.request.path"),
    ],
)
def test_a_setting_is_json_or_else_text(text: str, name: str, value: Any) -> None:
    assert parse_setting(text) == (name, value)


@pytest.mark.parametrize("text", ["memory", "=5", "two words=5", "a.b=1"])
def test_a_malformed_setting(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is not PARAMETER=VALUE"):
        parse_setting(text)


def test_json_from_text_file_and_stdin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "input.json"
    file.write_text('{"from": "file ü"}', encoding="utf-8")
    monkeypatch.setattr("sys.stdin", io.StringIO('{"from": "stdin"}'))
    assert read_json(' {"from": "text"}') == {"from": "text"}
    assert read_json("5") == 5
    assert read_json(str(file)) == {"from": "file ü"}
    assert read_json("-") == {"from": "stdin"}


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ('{"a": }', "the text given is not JSON: Expecting value: line 1 column 7"),
        ("missing.json", "there is no file 'missing.json', and as text it is not JSON"),
        ("", "is not JSON"),
        ("a\0b", "is not JSON|cannot read"),
        ("x" * 5000, "is not JSON|cannot read"),
        ("-", "stdin is not JSON"),
    ],
)
def test_what_is_not_json(source: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("hello"))
    with pytest.raises(click.BadParameter, match=message):
        read_json(source)


def test_a_file_that_is_not_json(tmp_path: Path) -> None:
    file = tmp_path / "input.json"
    file.write_text("{")
    with pytest.raises(click.BadParameter, match=r"input\.json is not JSON"):
        read_json(str(file))
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(click.BadParameter, match="cannot read"):
        read_json(str(file))

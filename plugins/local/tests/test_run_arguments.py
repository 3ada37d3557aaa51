"""JSON on the command line: text, a file, or stdin."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import click
import pytest

from sfn_fragments_local.run_arguments import read_json

if TYPE_CHECKING:
    from pathlib import Path


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

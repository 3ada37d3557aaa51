from __future__ import annotations

from typing import Any

import click
import pytest

from sfn_fragments.cli.arguments import parse_setting


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

"""A wrong call of the command line gets a message that names all of it, and never a traceback.

``test_bad_input.py`` does so for the constructors. The suite makes some calls of each kind,
``tools/long_proofs.py`` all.
"""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contract.repeatable import REPEATABLE
from tests.proofs import FULL

from sfn_fragments.cli.group import OWN_COMMANDS, cli

COMMANDS = [*OWN_COMMANDS, "run"]
#: How many calls are made of each kind.
CALLS = 45 if FULL else 8
#: What is wrong.
KINDS = ["command", "name", "option", "setting", "environment", "both"]

OTHER_FRAGMENTS = ["batch.submit_job", "batch.lambda_function", "batch.executor"]
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12)
#: No names of commands or of fragments, and no options.
NO_NAMES = st.sampled_from(
    ["batch", "batch.", "Batch.submit_job", "batch.submit-job", "submit_job", "é", "../batch"]
) | WORDS.filter(lambda word: word not in COMMANDS and not word.startswith("-"))
WRONG_OPTIONS: list[list[str]] = [
    ["--no-such"],
    ["-x"],
    ["extra"],
    ["--template=5"],
    ["--env-base"],
    ["--set", "memory"],
    ["--set", "=5"],
    ["--set", "a b=5"],
    ["--set", "memory=4", "--set", "memory=5"],
    ["--set", f"command={'[' * 5000}"],
    # Options of `run`, which the other commands do not have.
    ["--time-scale", "nan"],
    ["--time-scale", "-1"],
    ["--timeout", "0"],
    ["--timeout", "inf"],
    ["--queue", "a b"],
    ["--upload", "x"],
    ["--upload", "bucket=/no/such/folder"],
    ["--download", "=x"],
    ["--input", "[1"],
    ["--input", "[" * 5000],
    ["--input", "no-such-file.json"],
]
#: Wrong values of parameters of batch.submit_job, as JSON and as text.
WRONG_SETTINGS = [
    "memory=-1",
    "memory=x",
    "memory=NaN",
    "vcpus=[]",
    "vcpus=0",
    "gpu=-1",
    "gpu=0.5",
    'command={"a": 1}',
    "command='a",
    "image=",
    "image=5",
    "image=$.a[",
    "name=",
    "name=a b",
    f"name={'n' * 200}",
    "job_queue=null",
    "environment=5",
    "environment={",
    'environment={"A": null}',
    "timeout=59",
    "timeout=$.",
    "job_role_arn=[]",
    "deploy_job_definition=yes",
    'platform_capabilities=["EC3"]',
    "mount_points=[5]",
    'mount_points=[{"containerPath": "a", "sourceVolume": "v"}]',
    "volumes=[{}]",
    # Parameters that there are not.
    "no_such=1",
    "memry=4",
    "scope=1",
    "env_base=dev-x",
]
WRONG_ENVIRONMENTS = [
    "",
    "x",
    "5",
    "dev-",
    "Dev-x",
    "dev x",
    "dev-é",
    "prod-a-b",
    "$.env",
    f"dev-{'a' * 60}",
]


@st.composite
def wrong_calls(draw: st.DrawFn, kind: str) -> tuple[list[str], set[str]]:
    """A wrong call, and the parameters that its error must name."""
    command = draw(st.sampled_from(["synth", "run"]))
    if kind == "command":
        return [draw(NO_NAMES)], set()
    if kind == "name":
        return [draw(st.sampled_from([command, "show"])), draw(NO_NAMES)], set()
    if kind == "option":
        command = draw(st.sampled_from([command, "show", "list"]))
        return [command, "batch.submit_job", *draw(st.sampled_from(WRONG_OPTIONS))], set()
    environment = ["--env-base", draw(st.sampled_from(WRONG_ENVIRONMENTS))]
    if kind == "environment":
        return [command, draw(st.sampled_from(OTHER_FRAGMENTS)), *environment], {"env_base"}
    chosen = draw(
        st.lists(
            st.sampled_from(WRONG_SETTINGS),
            min_size=1,
            max_size=4,
            unique_by=lambda text: text.partition("=")[0],
        )
    )
    arguments = [command, "batch.submit_job"]
    arguments += [word for text in chosen for word in ("--set", text)]
    names = {text.partition("=")[0] for text in chosen}
    if kind == "setting":
        return arguments, names
    return [*arguments, *environment], {*names, "env_base"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_call_gets_a_message(kind: str) -> None:
    settings(REPEATABLE, max_examples=CALLS)(given(wrong_calls(kind))(check_message))()


def check_message(call: tuple[list[str], set[str]]) -> None:
    arguments, named = call
    result = CliRunner().invoke(cli, arguments)
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code in (1, 2), result.output
    assert "error: " in result.output
    raw = r"Traceback|jsii|RuntimeError|TypeError|^\s+at "
    assert not re.search(raw, result.output, re.MULTILINE)
    for name in named:
        assert f"- {name}" in result.output

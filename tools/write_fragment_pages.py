"""Write the pages docs/fragments/NAME.md anew, from the fragments themselves.

Run it after a change to a fragment: ``uv run python tools/write_fragment_pages.py [NAME ...]``.
What a page says comes from where the catalogue has it: the plugin's spec, docstrings, models, and
the state machine that the example makes. The sections "When to use" and "Deletes" of a fragment's
docstring are written by hand, there.
"""

from __future__ import annotations

import html
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sfn_fragments import get_registry
from sfn_fragments.first_party import FRAGMENTS
from sfn_fragments_asl.model.limits import MAX_EVENTS
from sfn_fragments_asl.wording.figures import price_in_words, span_in_words
from sfn_fragments_authoring.catalogue.gathering import gather

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sfn_fragments_asl.permissions.role_report import RoleStatement
    from sfn_fragments_authoring.catalogue.entries import Entry, Field, Fields, Synthesized

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "fragments"
#: What an ARN has before the name of a resource, which says nothing of it.
_PLACE = re.compile(r"(?:\$\{AWS::\w+\}:?)+")
_UNNAMED = re.compile(r"\$\{(?:NameOf:)?(\w+?)[0-9A-F]{8}(\.Arn)?\}")


def pages(names: Sequence[str] = FRAGMENTS) -> dict[str, str]:
    """The text of the page of each fragment, by its name.

    Args:
        names: The fragments.
    """
    catalogue = gather(get_registry(), names=names)
    return {entry.name: _linked(entry) for entry in catalogue.entries}


def _linked(entry: Entry) -> str:
    """A page where the name of another fragment is a link to its page."""
    text = "\n".join(_page(entry))
    for name in FRAGMENTS:
        if name != entry.name:
            text = text.replace(f"``{name}``", f"[`{name}`]({name}.md)")
    return text


def _page(entry: Entry) -> Iterator[str]:
    if entry.failure or entry.synthesized is None:
        raise SystemExit(f"{entry.name}: {entry.failure or entry.not_synthesized}")
    made, spec = entry.synthesized, entry.spec
    yield f"<!-- Written by tools/write_fragment_pages.py -->\n\n# {entry.name}\n"
    yield f"{spec.summary}\n"
    yield from _glance(entry, made)
    yield f"![A picture of {entry.name}](../pictures/{entry.name}.svg)\n"
    yield f"## What it does\n\n{entry.description}\n"
    yield f"## When to use it\n\n{entry.when_to_use}\n"
    yield from _deletion(entry)
    yield from _example(entry)
    for part in (*entry.parameters, *entry.messages):
        yield from _fields(part)
    yield from _permissions(made)
    yield from _price(made)
    yield from _failing(made)


def _glance(entry: Entry, made: Synthesized) -> Iterator[str]:
    plugin = entry.plugin.replace("_", "-")
    target = entry.spec.target.replace(":", ".")
    extra = "sfn-fragments" if plugin == "core" else f'"sfn-fragments[{plugin}]"'
    yield from _terms(
        [
            ("Stability", entry.spec.stability),
            ("Keywords", ", ".join(entry.spec.keywords)),
            ("Comes with", f"`pip install {extra}`"),
            ("Made by", f"[`{target}`](../reference/{entry.plugin}.md#{target})"),
            ("States entered, as in the example", span_in_words(made.forecast.states)),
            ("Price of such a run", price_in_words(made.forecast.price)),
        ]
    )


def _terms(rows: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Terms with a text each, beside each other where there is room."""
    yield '<div class="glance" markdown>\n'
    for term, text in rows:
        yield f"{term}\n:   {text}\n"
    yield "</div>\n"


def _deletion(entry: Entry) -> Iterator[str]:
    yield "## What it deletes\n"
    # A warning is for what somebody may lose.
    kind = "note" if entry.deletion.startswith(("Nothing", "No data")) else "warning"
    text = entry.deletion.replace("\n", "\n    ").replace("    \n", "\n")
    yield f'!!! {kind} "What is deleted"\n\n    {text}\n'
    fields = [
        f"[`{each.where}`](#{each.anchor})" for each in entry.deletes if each.anchor.startswith("r")
    ]
    if fields:
        yield f"Fields of the request about it: {', '.join(fields)}.\n"


def _example(entry: Entry) -> Iterator[str]:
    yield f"## Example\n\n{entry.example['summary']} It runs on this machine:\n"
    yield f"```console\n$ sfn-fragments run {entry.name}\n```\n"
    yield f"Its input:\n\n```json\n{entry.example['input']}\n```\n"
    yield f"In a CDK stack:\n\n```python\n{entry.code}\n```\n"


def _fields(part: Fields) -> Iterator[str]:
    yield f"## {part.title}\n"
    if part.description:
        yield f"{part.description}\n"
    if part.absent:
        yield f"{part.absent}\n"
    if part.fields:
        yield '<div class="fields" markdown>\n'
        for each in part.fields:
            yield _field(part, each)
        yield "</div>\n"


def _field(part: Fields, each: Field) -> str:
    # Parameters have types of Python, fields words.
    kind = f"`{each.type}`" if part.anchor.startswith("parameters") else each.type
    said = [f"`{each.name}`{{ #{part.anchor}-{each.anchor} .name }}", kind]
    if each.required:
        said.append("**required**")
    elif each.default:
        said.append(f"default `{each.default}`")
    return f"{' · '.join(filter(None, said))}\n:   {each.description or 'Not described.'}\n"


def _permissions(made: Synthesized) -> Iterator[str]:
    yield "## Permissions\n"
    yield (
        "What the role of the state machine may do, and the states that need it, with the "
        "arguments of the example in the environment `dev-sandbox`. "
        "[Permissions](../permissions.md) tells how it is derived, and how to narrow it. The "
        "roles of jobs and functions are yours: "
        "[what they need](../permissions.md#the-roles-of-jobs).\n"
    )
    for each in made.permissions:
        yield _statement(each)
    if made.others:
        names = ", ".join(f"`{_arn(name)}`" for name in made.others)
        yield f"The state machines that it starts have roles of their own: {names}.\n"


def _statement(each: RoleStatement) -> str:
    what = ", ".join(f"`{action}`" for action in each.actions) or f"`{each.managed_policy}`"
    lines = [f"-   {what}\n"]
    where = ", ".join(f"`{_arn(resource)}`" for resource in each.resources)
    need = ", ".join(f"*{state}*" for state in each.states) or each.reason
    condition = f", if `{json.dumps(each.conditions)}`" if each.conditions else ""
    lines.append(f"    on {where}, for {need}{condition}\n")
    lines += [f"    {_as_it_stands(_arn(note))}\n" for note in each.notes]
    return "\n".join(lines)


def _as_it_stands(text: str) -> str:
    """A text in which no character is taken for markup."""
    return re.sub(r"([*_\[\]])", r"\\\1", html.escape(text, quote=False))


def _arn(text: str) -> str:
    """An ARN without partition, region and account, and with the example's names of resources."""
    return _PLACE.sub("…:", _UNNAMED.sub(r"<\1>", text)).replace("arn:…:", "arn:…:", 1)


def _price(made: Synthesized) -> Iterator[str]:
    told = made.forecast
    yield "## States and price\n"
    yield (
        f"{made.states} state{'' if made.states == 1 else 's'} in the definition, with the "
        "arguments of the example. Where the input decides, the least and the greatest of a run "
        "are told. Retries are not counted, and neither is what jobs, functions and storage cost. "
        "[Forecasts](../forecast.md) tell the same of any state machine.\n"
    )
    rows = [
        ("States entered", span_in_words(told.states)),
        ("Billed transitions", span_in_words(told.transitions)),
        ("History events", f"{span_in_words(told.events)}, of {MAX_EVENTS:,}"),
    ]
    for child in told.children:
        rows.append((f"Children of *{child.name}*", span_in_words(child.executions)))
        rows.append(("States of a child", span_in_words(child.states)))
    rows.append(("Price of a run", price_in_words(told.price)))
    rows.append(("Price of a million runs", price_in_words(told.price, runs=1_000_000)))
    yield from _terms(rows)


def _failing(made: Synthesized) -> Iterator[str]:
    """How it fails: by what it calls, which the permissions tell."""
    actions = {action for each in made.permissions for action in each.actions}
    yield "## When it fails\n"
    yield (
        "The execution ends with the error and the cause of what failed first. A call that a "
        "service throttles is tried again, for four minutes at most. "
        "[When something fails](../faults.md) tells of [each fault](../faults.md#the-table) what "
        "it leads to and what it leaves behind.\n"
    )
    if made.others:
        yield (
            "A nested execution that fails passes on its own error and cause. The job definition "
            "and the folders are removed then. So a redrive cannot go on: start another "
            "execution.\n"
        )
    elif "batch:SubmitJob" in actions:
        yield (
            "A job that fails is the error `States.TaskFailed`. The cause is Batch's description "
            "of the job: its status reason, its exit code and "
            "[where its log is](../jobs.md#what-operators-do-by-hand-at-night).\n\n"
            "A redrive goes on with the job that failed if the job definition is part of the "
            "stack (`deploy_job_definition=True`). Otherwise the definition is gone by then: "
            "start another execution.\n"
        )
    else:
        yield (
            "An error of the function is passed on, by a Fail state. A redrive would fail there "
            "again: start another execution.\n"
        )


def main(names: Sequence[str]) -> int:
    """Write the pages.

    Args:
        names: Of which fragments; none for all, and then those that are gone are removed.
    """
    found = pages(names or FRAGMENTS)
    FOLDER.mkdir(exist_ok=True)
    if not names:
        for file in FOLDER.glob("*.md"):
            file.unlink()
    for name, text in found.items():
        (FOLDER / f"{name}.md").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

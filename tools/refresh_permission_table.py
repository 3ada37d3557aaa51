"""Write the table of permissions anew: ``uv run python tools/refresh_permission_table.py``.

Builds the example of every registered fragment, and puts what the roles hold between the markers
of ``docs/permissions.md``.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from sfn_fragments import get_registry
from sfn_fragments.node import ensure_node
from sfn_fragments.parameters import parameters_of
from sfn_fragments.sandbox import Sandbox
from sfn_fragments_asl.permissions.role_report import role_statements

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sfn_fragments.sandbox import BuiltFragment
    from sfn_fragments_asl.permissions.role_report import RoleStatement

PAGE = Path(__file__).parent.parent / "docs" / "permissions.md"
BEGIN = "<!-- table: written by tools/refresh_permission_table.py -->"
END = "<!-- end of table -->"

ENV_BASE = "dev-x"

_PARTITION = "arn:${AWS::Partition}:"
_REGION = ":${AWS::Region}:${AWS::AccountId}"
_ACCOUNT = "${AWS::AccountId}"
# CDK ends logical ids with a hash, which says nothing to a reader.
_MARKER = re.compile(r"\$\{(NameOf:)?(\w+?)([0-9A-F]{8})?(?:\.\w+)?\}")


def build_fragments() -> list[BuiltFragment]:
    """Every registered fragment with its example's arguments, and a state machine of it."""
    ensure_node()
    registry = get_registry()
    built = []
    for name in registry.names():
        parameters = {each.name for each in parameters_of(registry.load(name))}
        overrides = {}
        if "deploy_job_definition" in parameters:
            # Examples make it part of the stack; by default it is registered for each run.
            overrides["deploy_job_definition"] = False
        built.append(Sandbox(ENV_BASE).build(registry, name, overrides))
    return built


def table(fragments: Sequence[BuiltFragment]) -> str:
    """The part of the page between the markers.

    Args:
        fragments: Fragments with their state machines.
    """
    parts: list[str] = []
    notes: dict[str, int] = {}
    common: list[RoleStatement] = []
    for built in fragments:
        statements = role_statements(built.template, built.logical_id, ENV_BASE)
        parts += ["", f"### {built.name}", ""]
        parts += _rows([each for each in statements if each.states], notes)
        # Logging and tracing are the same for all.
        common += [each for each in statements if not each.states and each not in common]
    everywhere = ["### Every fragment", "", *_rows(common, notes)]
    listed = [f"{number}. {_as_prose(_plain(note))}" for note, number in notes.items()]
    return "\n".join([*everywhere, *parts, "", "### Notes", "", *listed])


def page_with(written: str, page: str) -> str:
    """A page with another table.

    Args:
        written: The table.
        page: The page.
    """
    before, rest = page.split(BEGIN)
    return f"{before}{BEGIN}\n\n{written}\n\n{END}{rest.split(END)[1]}"


def _rows(statements: Sequence[RoleStatement], notes: dict[str, int]) -> Iterator[str]:
    """A point for each statement: who needs it, what is allowed, on what, and under which notes."""
    for each in statements:
        numbers = [str(notes.setdefault(note, len(notes) + 1)) for note in each.notes]
        need = ", ".join([_state(state) for state in each.states] or [each.reason])
        resources = ", ".join(f"`{_plain(resource)}`" for resource in each.resources)
        conditions = "".join(
            f", if `{key}` is `{value}`"
            for values in each.conditions.values()
            for key, value in values.items()
        )
        noted = f" ([note {', '.join(numbers)}](#notes))" if numbers else ""
        yield f"-   {', '.join(f'`{action}`' for action in each.actions)}\n"
        yield f"    on {resources}{conditions}, for {need}{noted}\n"


def _state(name: str) -> str:
    # Each fragment has the id "Fragment" in the sandbox.
    return re.sub(r"^Fragment(: |\.)", "", name)


def _plain(text: str) -> str:
    """A text with short ARNs, and readable names of what only CloudFormation knows."""
    shortened = text.replace(_PARTITION, "arn:…:").replace(_REGION, ":…").replace(_ACCOUNT, "…")
    return _MARKER.sub(lambda match: f"<{match.group(2)}>", shortened)


def _as_prose(text: str) -> str:
    """A text in which nothing is Markdown."""
    return re.sub(r"([<*_\[])", r"\\\1", text)


def main() -> None:
    """Rewrite the table of the page."""
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(page_with(table(build_fragments()), page), encoding="utf-8")


if __name__ == "__main__":
    main()

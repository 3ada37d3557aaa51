"""Write docs/rules.md anew, from the rules and their examples themselves.

Run it after a change to a rule: ``uv run python tools/refresh_rules_page.py``.
"""

from __future__ import annotations

from pathlib import Path

from sfn_fragments import get_registry
from sfn_fragments.checks import Check, collect_checks
from sfn_fragments_asl.checks.examples import EXAMPLES, as_text

PAGE = Path(__file__).resolve().parents[1] / "docs" / "rules.md"
LEVELS = {
    "error": "Errors: what AWS refuses, or what fails in every execution that comes by.",
    "warning": "Warnings: what AWS takes, and is most likely a mistake.",
    "advice": "Advice: what is a matter of style or cost, told with `--level advice`.",
}
HEAD = """# Rules

Each rule says what it finds in a definition, why that is wrong, and what to do. This page is \
written by `tools/refresh_rules_page.py`. [Checks](checks.md) tells how the rules are \
asked, chosen and excused. `sfn-asl check --explain RULE` prints what is here of a rule.

The rules `local.…` come with `sfn-fragments-local`, which has the models of the services; they \
run on the command line and in tests only. `sfn-fragments check --rules` also lists the rules of \
other plugins.
"""


def rules() -> list[Check]:
    """The rules of this project's distributions."""
    checks, problems = collect_checks(get_registry())
    if problems:
        raise SystemExit("\n".join(problems))
    return [check for check in checks if check.id.startswith(("asl.", "local."))]


def page() -> str:
    """The page."""
    parts = [HEAD]
    for level, meaning in LEVELS.items():
        of_level = sorted((one for one in rules() if one.severity == level), key=lambda one: one.id)
        parts.append(f"## {level.capitalize()}{'s' if level != 'advice' else ''}\n")
        parts.append(f"{meaning}\n")
        parts += [_section(check) for check in of_level]
    return "\n".join(parts)


def _section(check: Check) -> str:
    lines = [
        f"### `{check.id}`\n",
        f"{check.what} {check.why}\n",
        f"What to do: {check.remedy}.\n",
    ]
    if example := EXAMPLES.get(check.id):
        lines += ["This is found:\n", _block(as_text(example.found))]
        lines += ["This is not:\n", _block(as_text(example.fine))]
    return "\n".join(lines)


def _block(text: str) -> str:
    return f"```json\n{text}\n```\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

"""Write the table of the rules into docs/checks.md, from the rules themselves.

Run it after a change to a rule: ``python tools/refresh_checks_table.py``.
"""

from __future__ import annotations

from pathlib import Path

from sfn_fragments import get_registry
from sfn_fragments.checks import Check, collect_checks

GUIDE = Path(__file__).resolve().parents[1] / "docs" / "checks.md"
BEGIN = "<!-- rules: written by tools/refresh_checks_table.py -->"
END = "<!-- end of rules -->"


def rules() -> list[Check]:
    """The rules of this project's distributions."""
    checks, problems = collect_checks(get_registry().plugin_manager)
    if problems:
        raise SystemExit("\n".join(problems))
    return [check for check in checks if check.id.startswith(("core.", "local."))]


def table() -> str:
    """The rules as a table of Markdown."""
    lines = ["| rule | severity | what it finds | why it matters | what to do |"]
    lines.append("|---|---|---|---|---|")
    for check in rules():
        cells = (f"`{check.id}`", check.severity, check.what, check.why, check.remedy)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)


def refreshed(text: str) -> str:
    """A guide with the table between the markers as it is now."""
    before, rest = text.split(BEGIN)
    return f"{before}{BEGIN}\n{table()}\n{END}{rest.split(END)[1]}"


if __name__ == "__main__":
    GUIDE.write_text(refreshed(GUIDE.read_text(encoding="utf-8")), encoding="utf-8")

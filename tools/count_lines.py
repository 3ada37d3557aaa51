"""Lines of code of each distribution, without docstrings, comments and blank lines.

Run with: uv run python tools/count_lines.py
"""

from __future__ import annotations

import ast
import io
import tokenize
from pathlib import Path

ROOT = Path(__file__).parents[1]
#: What a plugin framework needs, of the core.
FRAMEWORK = ("compatibility", "discovery", "errors", "hookspecs", "registry", "spec")
_NO_CODE = {
    tokenize.COMMENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
    tokenize.INDENT,
    tokenize.NEWLINE,
    tokenize.NL,
}


def code_lines(source: str) -> int:
    """Lines of a module that hold code.

    Args:
        source: The module.
    """
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, documented) and ast.get_docstring(node, clean=False) is not None:
            text = node.body[0]
            docstrings |= set(range(text.lineno, (text.end_lineno or text.lineno) + 1))
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in _NO_CODE:
            lines |= set(range(token.start[0], token.end[0] + 1))
    return len(lines - docstrings)


def count(folder: Path, names: tuple[str, ...] = ()) -> int:
    """Lines of code of a package.

    Args:
        folder: The package.
        names: Its modules to count; all, where none is given.
    """
    return sum(
        code_lines(file.read_text(encoding="utf-8"))
        for file in sorted(folder.rglob("*.py"))
        if not names or (file.parent == folder and file.stem in names)
    )


def packages() -> list[Path]:
    """The packages of all distributions."""
    members = [ROOT / "asl", ROOT / "core", *sorted((ROOT / "plugins").iterdir())]
    return [package for member in members for package in sorted(member.glob("src/sfn_*"))]


if __name__ == "__main__":
    for package in packages():
        print(f"{count(package):6}  {package.name}")
    core = ROOT / "core" / "src" / "sfn_fragments"
    print(f"{count(core, FRAMEWORK):6}  of sfn_fragments: {', '.join(FRAMEWORK)}")

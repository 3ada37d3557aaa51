"""The page: one file that holds all it needs."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from sfn_fragments_asl.report.budget import MAX_PAGE, Texts, as_json
from sfn_fragments_asl.report.data import page_data
from sfn_fragments_asl.report.graphs import graphs_of
from sfn_fragments_asl.runs.masking import Masker

if TYPE_CHECKING:
    from sfn_fragments_asl.runs.model import Run

#: The scripts of the page, in the order in which they build on each other.
_SCRIPTS = (
    "elements",
    "run",
    "values",
    "lists",
    "logs",
    "details",
    "overview",
    "timeline",
    "events",
    "tables",
    "main",
)


def report_page(run: Run, *, limit: int = MAX_PAGE) -> str:
    """The page on a run.

    Args:
        run: The run.
        limit: Bytes that it may have. Inputs, outputs and logs are cut for it, and their sizes
            shown.

    Returns:
        The page, as HTML. It asks the network for nothing, which its Content-Security-Policy
        forbids besides.
    """
    masker = Masker(run.secrets)
    texts = Texts(masker)
    graphs = graphs_of(_with_masked_definitions(run, masker))
    told = masker.value(page_data(run, graphs, texts))
    script = _script()
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    parts = {
        "title": escape(f"{told['title']}: {run.execution.status}"),
        "policy": (
            f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; "
            "base-uri 'none'; form-action 'none'"
        ),
        "style": _resource("page.css"),
        "graphs": "\n".join(
            f'<div class="graph" id="graph-{number}" hidden>{graph.svg or ""}</div>'
            for number, graph in enumerate(graphs)
        ),
        "run": as_json(told),
        "script": script,
        "texts": "",
    }
    without_texts = len(_filled(parts).encode())
    parts["texts"] = as_json(texts.cut(limit - without_texts))
    return _filled(parts)


def _with_masked_definitions(run: Run, masker: Masker) -> Run:
    """The run whose pictures may be shown: a secret in a picture's markup could be part of it."""
    executions = tuple(
        replace(each, definition=each.definition and masker.value(dict(each.definition)))
        for each in run.executions
    )
    return replace(run, executions=executions)


def write_report(run: Run, path: str | Path, *, limit: int = MAX_PAGE) -> Path:
    """Write the page on a run.

    Args:
        run: The run.
        path: The file; its folder is made.
        limit: Bytes that it may have.

    Returns:
        The file.

    Raises:
        OSError: It cannot be written.
    """
    page = report_page(run, limit=limit)
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(page, encoding="utf-8")
    return file


def _script() -> str:
    # In one function: what a part declares is there for those after it, and for no one else.
    parts = "\n".join(_resource(f"{name}.js") for name in _SCRIPTS)
    return f'(() => {{\n"use strict";\n{parts}\n}})();\n'


def _filled(parts: dict[str, str]) -> str:
    page = _resource("page.html")
    for name, text in parts.items():
        before, mark, after = page.partition(f"<!--{name}-->")
        page = f"{before}{text}{after}" if mark else page
    return page


def _resource(name: str) -> str:
    return (files(__package__) / "page" / name).read_text(encoding="utf-8")

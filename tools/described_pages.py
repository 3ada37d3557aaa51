"""Griffe's view of docstrings that are completed when they are imported.

The API pages are made of the sources, which are not imported. ``zensical.toml`` names this file.
"""

from __future__ import annotations

from typing import Any

import griffe

from sfn_fragments_batch.described import completed


class DescribedPages(griffe.Extension):
    """Completes the docstring of whatever is decorated with ``described_by``."""

    def on_object(self, *, obj: griffe.Object, loader: griffe.GriffeLoader, **_: Any) -> None:
        """Give a class or function the docstring that it has when it is imported.

        Args:
            obj: What was read.
            loader: What reads the source of the descriptions.
        """
        if not isinstance(obj, griffe.Class | griffe.Function) or obj.docstring is None:
            return
        for decorator in obj.decorators:
            call = decorator.value
            if isinstance(call, griffe.ExprCall) and call.canonical_path.endswith(".described_by"):
                (named,) = call.arguments
                assert isinstance(named, griffe.Expr)
                source = _loaded(named.canonical_path, loader)
                # What describes may be described itself.
                self.on_object(obj=source, loader=loader)
                assert source.docstring is not None
                names = [each.name for each in obj.parameters]
                obj.docstring.value = completed(obj.docstring.value, names, source.docstring.value)


def _loaded(path: str, loader: griffe.GriffeLoader) -> griffe.Object:
    package = path.partition(".")[0]
    if package not in loader.modules_collection:
        loader.load(package)
    found = loader.modules_collection.get_member(path)
    return found.final_target if isinstance(found, griffe.Alias) else found

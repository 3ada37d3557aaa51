"""A page on a run that any browser opens, without a network.

- `sfn_fragments_asl.report.writing`: ``report_page`` and ``write_report``.
- `sfn_fragments_asl.report.data`: what the page is told of a run.
- `sfn_fragments_asl.report.failure`: what went wrong, in a few words.
- `sfn_fragments_asl.report.graphs`: the pictures of the state machines, coloured by the run.
- `sfn_fragments_asl.report.budget`: what is cut of large texts.

The page itself is in the folder ``page``: a skeleton, a style sheet, and scripts without libraries.
"""

from __future__ import annotations

from sfn_fragments_asl.report.writing import report_page, write_report

__all__ = ["report_page", "write_report"]

"""Pictures of state machines: SVG, PNG and Mermaid, without a browser.

``draw`` gives a picture; the libraries that SVG and PNG take come with the extra ``drawing``.

- `sfn_fragments_asl.drawing.drawing`: ``draw``, and what it returns.
- `sfn_fragments_asl.drawing.layout`: where each state and each line is.
- `sfn_fragments_asl.drawing.texts`: how much room texts take.
- `sfn_fragments_asl.drawing.svg`, `sfn_fragments_asl.drawing.outlines` and
  `sfn_fragments_asl.drawing.colours`: how it looks.
- `sfn_fragments_asl.drawing.describing`: the same in words.
"""

from __future__ import annotations

from sfn_fragments_asl.drawing.drawing import Drawing, draw
from sfn_fragments_asl.drawing.layout import Nested
from sfn_fragments_asl.drawing.svg import Overlay

__all__ = ["Drawing", "Nested", "Overlay", "draw"]

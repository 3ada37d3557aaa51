"""Pictures of state machines."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from sfn_fragments_asl.drawing.describing import described
from sfn_fragments_asl.drawing.layout import Contents, Nested, laid_out
from sfn_fragments_asl.drawing.mermaid import mermaid_of
from sfn_fragments_asl.drawing.png import png_of
from sfn_fragments_asl.drawing.svg import Overlay, picture_size, svg_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfn_fragments_asl.drawing.colours import Theme
    from sfn_fragments_asl.drawing.geometry import Area
    from sfn_fragments_asl.model.machine import Machine


@dataclass(frozen=True)
class Drawing:
    """A picture of a state machine; in a notebook it shows itself.

    Attributes:
        machine: The state machine.
        title: What it is a picture of.
        overlays: JSON Pointer of a state, or of the field of a transition that names its target,
            to what is told of it.
        nested: JSON Pointer of a Task to the state machine that it starts.

    Examples:
        >>> from sfn_fragments_asl.model.machine import Machine
        >>> machine = Machine({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
        >>> print(Drawing(machine).mermaid(), end="")
        flowchart TD
          s1(("Start"))
          s2(["A"])
          s1 --> s2
    """

    machine: Machine
    title: str = "State machine"
    overlays: Mapping[str, Overlay] = field(default_factory=dict)
    nested: Mapping[str, Nested] = field(default_factory=dict)

    @cached_property
    def area(self) -> Area:
        """Where everything is, in pixels.

        Raises:
            MissingLibraryError: The library that lays graphs out is not installed.
        """
        return laid_out(self.machine, self._contents)

    @property
    def _contents(self) -> Contents:
        return Contents(self.nested, (self.machine,))

    def svg(self, theme: Theme = "auto", *, id_prefix: str = "sfn-") -> str:
        """The picture as SVG.

        Each state is a group with ``data-state`` (its name), ``data-pointer`` (its place) and an
        id; each line between them one with ``data-from``, ``data-to`` and ``data-pointers``. All
        rules of its style sheet are for the class ``sfn-graph``, so that it may stand in a page.

        Args:
            theme: ``light``, ``dark``, or ``auto`` for what the reader's system prefers.
            id_prefix: How ids begin; of several pictures in one page, each takes its own.

        Returns:
            The document. The same machine gives the same text.

        Raises:
            MissingLibraryError: The library that lays graphs out is not installed.
        """
        text = described(self.machine, self._contents)
        return svg_of(self.area, self.title, text, self.overlays, theme, id_prefix)

    def png(self, theme: Theme = "light", *, scale: float = 2.0) -> bytes:
        """The picture as PNG.

        Args:
            theme: ``light`` or ``dark``; ``auto`` is light.
            scale: Pixels of the image to a pixel of the picture.

        Returns:
            The image.

        Raises:
            MissingLibraryError: A library that draws it is not installed.
            PictureTooLargeError: It would have more than 50 million pixels.
        """
        svg = self.svg("dark" if theme == "dark" else "light")
        return png_of(svg, picture_size(self.area), scale)

    def mermaid(self) -> str:
        """The state machine as a flowchart of Mermaid; it needs no library."""
        return mermaid_of(self.machine, self._contents)

    def _repr_svg_(self) -> str:
        return self.svg()


def draw(
    machine: Machine,
    *,
    title: str = "State machine",
    overlays: Mapping[str, Overlay] | None = None,
    nested: Mapping[str, Nested] | None = None,
) -> Drawing:
    """Draw a state machine.

    Args:
        machine: The state machine.
        title: What it is a picture of.
        overlays: JSON Pointer of a state, or of the field of a transition that names its target
            (``Transition.pointer``), to what is told of it, such as that a run has failed there.
        nested: JSON Pointer of a Task to the state machine that it starts, whose states are drawn
            inside of it. A Task in there is found by its own pointer behind that of the first and
            ``#``.

    Returns:
        The picture; nothing is laid out before one of its forms is asked for.
    """
    return Drawing(machine, title, overlays or {}, nested or {})

"""A picture as PNG, drawn by the library resvg with a font that comes along.

The font is Lato, of PyPI's ``font-lato``: a machine without any fonts draws the same picture.
"""

from __future__ import annotations

from pathlib import Path

from sfn_fragments_asl.drawing.libraries import imported

_FAMILY = "Lato"
#: What the font has, and may be drawn: Latin letters, and signs; arrows are in titles only.
_LAST_LETTER, _SIGNS = "\u00ff", "…→≥≤"


def png_of(svg: str, scale: float) -> bytes:
    """Draw a picture.

    Args:
        svg: The picture as SVG, in one theme: the renderer knows none that a system prefers.
        scale: Pixels of the image to a pixel of the picture.

    Returns:
        The image.
    """
    folder = Path(imported("font_lato", "font-lato").__file__).parent / "files"
    # What the font lacks is taken from those of the machine, whose reading takes a while.
    own = all(character <= _LAST_LETTER or character in _SIGNS for character in svg)
    drawn: bytes = imported("resvg_py", "resvg-py").svg_to_bytes(
        svg_string=svg,
        zoom=scale,
        font_files=[str(folder / f"{_FAMILY}-{weight}.ttf") for weight in ("Regular", "Bold")],
        font_family=_FAMILY,
        sans_serif_family=_FAMILY,
        skip_system_fonts=own,
    )
    return drawn

"""A picture as PNG, drawn by the library resvg with a font that comes along.

The font is Lato, of PyPI's ``font-lato``: a machine without any fonts draws the same picture.
"""

from __future__ import annotations

from pathlib import Path

from sfn_fragments_asl.drawing.libraries import imported
from sfn_fragments_asl.errors import AslError

_FAMILY = "Lato"
#: What the font has, and may be drawn: Latin letters, and signs; arrows are in titles only.
_LAST_LETTER, _SIGNS = "\u00ff", "…→≥≤"


#: The renderer takes several bytes for each pixel, and ends the process where it gets none.
MAX_PIXELS = 50_000_000


class PictureTooLargeError(AslError, ValueError):
    """An image of more pixels than can be drawn.

    Args:
        width: Its width in pixels.
        height: Its height in pixels.
        scale: Pixels of it to a pixel of the picture.
    """

    def __init__(self, width: float, height: float, scale: float) -> None:
        """Say how large it is, and what would do."""
        self.width, self.height, self.scale = width, height, scale
        most = scale * (MAX_PIXELS / (width * height)) ** 0.5
        super().__init__(
            f"an image of {width:,.0f} times {height:,.0f} pixels is too large: "
            f"give a scale of at most {int(most * 100) / 100:g} in place of {scale:g}, or draw SVG"
        )


def png_of(svg: str, size: tuple[float, float], scale: float) -> bytes:
    """Draw a picture.

    Args:
        svg: The picture as SVG, in one theme: the renderer knows none that a system prefers.
        size: Its width and its height.
        scale: Pixels of the image to a pixel of the picture.

    Returns:
        The image.

    Raises:
        PictureTooLargeError: It would have more than `MAX_PIXELS`.
    """
    width, height = (side * scale for side in size)
    if width * height > MAX_PIXELS:
        raise PictureTooLargeError(width, height, scale)
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

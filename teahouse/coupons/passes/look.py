"""How passes look: the campaign's colour, and a picture of nothing but it."""

from functools import cache
from io import BytesIO
from typing import Final

from teahouse.coupons.campaigns.model import Colour

COLOURS: Final[dict[Colour, str]] = {
    "red": "#b3392f",
    "orange": "#b35c1e",
    "yellow": "#8a6d1b",
    "green": "#3f7a4b",
    "teal": "#2c7873",
    "blue": "#33659b",
    "purple": "#6f4a8e",
    "pink": "#a8486f",
    "grey": "#5f6368",
}
"""Dark enough for white words (4.5:1)."""


def rgb(colour: Colour) -> str:
    """`rgb(179, 57, 47)`, as Apple writes it."""
    value = COLOURS[colour]
    return f"rgb({int(value[1:3], 16)}, {int(value[3:5], 16)}, {int(value[5:7], 16)})"


@cache
def icon(colour: Colour, size: int) -> bytes:
    """Return a PNG: a cup's ring on the campaign's colour."""
    from PIL import Image, ImageDraw  # noqa: PLC0415

    fine = size * 4
    picture = Image.new("RGB", (fine, fine), COLOURS[colour])
    edge = fine // 4
    ImageDraw.Draw(picture).ellipse((edge, edge, fine - edge, fine - edge), outline="white", width=fine // 12)
    written = BytesIO()
    picture.resize((size, size), Image.Resampling.LANCZOS).save(written, "PNG")
    return written.getvalue()

"""Profile pictures for the sample people: a hill, a sky and a sun, of shapes that their handle decides."""

from __future__ import annotations

import colorsys
import io
import random
from typing import Final

from PIL import Image, ImageDraw

SIZE: Final = 384


def portrait(handle: str, hue: float) -> bytes:
    """A PNG of SIZE x SIZE pixels; `hue` is a place on the colour circle, 0 to 1 once around."""
    chance = random.Random(handle)
    picture = Image.new("RGB", (SIZE, SIZE))
    draw = ImageDraw.Draw(picture)
    for row in range(SIZE):
        draw.line([(0, row), (SIZE, row)], fill=colour(hue, 0.25 + 0.2 * row / SIZE, 0.98 - 0.1 * row / SIZE))
    x, y, radius = chance.randrange(90, 294), chance.randrange(80, 160), chance.randrange(34, 56)
    draw.ellipse([x - radius, y - radius, x + radius, y + radius], fill=colour(hue - 0.1, 0.4, 1.0))
    for layer in range(3):
        top = 200 + layer * 55
        ridge = [(step * SIZE // 6, top + chance.randrange(-38, 38)) for step in range(7)]
        draw.polygon([*ridge, (SIZE, SIZE), (0, SIZE)], fill=colour(hue + 0.08, 0.4 + 0.12 * layer, 0.7 - 0.18 * layer))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def colour(hue: float, saturation: float, value: float) -> tuple[int, int, int]:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1.0, saturation, value)
    return int(red * 255), int(green * 255), int(blue * 255)

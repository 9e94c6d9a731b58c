"""ThumbHash: a picture in some 25 bytes, shown blurred until the real one is there (evanw.github.io/thumbhash)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIDE_MAX: Final = 32
"""Pixels; the hash keeps at most seven waves per side, more pixels would only cost time."""
FLAT: Final = 1e-9
"""Waves weaker than this are what floating point leaves of none."""


def thumb_hash(image: Image.Image) -> bytes:
    """The hash of an image of any mode and size."""
    scale = SIDE_MAX / max(image.size)
    size = tuple(max(1, round(side * scale)) for side in image.size) if scale < 1 else image.size
    small = image.convert("RGBA").resize((size[0], size[1]), Image.Resampling.BOX)
    width, height = small.size
    pixels = np.asarray(small, dtype=np.float64) / 255
    alpha = pixels[..., 3]
    weight = alpha.sum()
    average = (pixels[..., :3] * alpha[..., None]).sum(axis=(0, 1)) / (weight or 1)
    has_alpha = bool(weight < width * height - 1e-9)
    red, green, blue = np.moveaxis(average * (1 - alpha[..., None]) + alpha[..., None] * pixels[..., :3], 2, 0)
    limit = 5 if has_alpha else 7
    lx = max(1, _round(limit * width / max(width, height)))
    ly = max(1, _round(limit * height / max(width, height)))
    l_dc, l_ac, l_scale = _waves((red + green + blue) / 3, max(3, lx), max(3, ly))
    p_dc, p_ac, p_scale = _waves((red + green) / 2 - blue, 3, 3)
    q_dc, q_ac, q_scale = _waves(red - green, 3, 3)
    landscape = width > height
    first = (
        _round(63 * l_dc)
        | _round(31.5 + 31.5 * p_dc) << 6
        | _round(31.5 + 31.5 * q_dc) << 12
        | _round(31 * l_scale) << 18
        | has_alpha << 23
    )
    second = (ly if landscape else lx) | _round(63 * p_scale) << 3 | _round(63 * q_scale) << 9 | landscape << 15
    out = first.to_bytes(3, "little") + second.to_bytes(2, "little")
    nibbles = [*l_ac, *p_ac, *q_ac]
    if has_alpha:
        a_dc, a_ac, a_scale = _waves(alpha, 5, 5)
        out += bytes((_round(15 * a_dc) | _round(15 * a_scale) << 4,))
        nibbles += a_ac
    values = [_round(15 * value) for value in nibbles] + [0] * (len(nibbles) % 2)
    return out + bytes(low | high << 4 for low, high in zip(values[::2], values[1::2], strict=True))


def _waves(channel: NDArray[np.float64], nx: int, ny: int) -> tuple[float, list[float], float]:
    """The mean of a channel, its waves (a triangle of a cosine transform, each 0 to 1), and how strong they are."""
    height, width = channel.shape
    across = np.cos(np.pi / width * np.outer(np.arange(nx), np.arange(width) + 0.5))
    down = np.cos(np.pi / height * np.outer(np.arange(ny), np.arange(height) + 0.5))
    table = down @ channel @ across.T / (width * height)
    found = [float(table[cy, cx]) for cy in range(ny) for cx in range(nx) if cx * ny < nx * (ny - cy)]
    scale = max((abs(value) for value in found[1:]), default=0.0)
    if scale > FLAT:
        return found[0], [0.5 + 0.5 / scale * value for value in found[1:]], scale
    return found[0], [0.0] * (len(found) - 1), 0.0


def _round(value: float) -> int:
    """Half up, as the reference (JavaScript) does it."""
    return math.floor(value + 0.5)

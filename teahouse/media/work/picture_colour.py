"""Colours as every screen shows them: whatever profile a picture came with, it leaves as sRGB."""

from __future__ import annotations

import io
import struct
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image, ImageCms

from teahouse.media.work.containers.boxes import boxes, child

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from teahouse.media.work.containers.source import Source

PRIMARIES: Final = {
    9: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),  # BT.2020
    12: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),  # Display P3
}
"""Chromaticities of red, green and blue by their number in ITU-T H.273, table 2; those of sRGB need nothing."""
D65: Final = (0.3127, 0.3290)
D50_XYZ: Final = (0.9642, 1.0, 0.8249)
BRADFORD: Final = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))
HDR_TRANSFERS: Final = frozenset((16, 18))
"""PQ and HLG: a decoder's 8-bit picture of these is no plain RGB in any profile."""
SPACES: Final = {"RGB": "RGB", "RGBA": "RGB", "L": "GRAY", "CMYK": "CMYK"}


def to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """An RGB, RGBA or L image in sRGB; `profile` is its ICC profile, or empty. A broken profile is as if absent."""
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            description = source.profile.profile_description or ""
            fits = source.profile.xcolor_space.strip() == SPACES.get(image.mode)
            if fits and "sRGB" not in description:
                mode = "RGBA" if image.mode == "RGBA" else "RGB"
                converted = ImageCms.profileToProfile(image, source, _srgb(), outputMode=mode)
                if converted is not None:
                    return converted
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass
    return image.convert("RGB") if image.mode == "CMYK" else image


def coded_profile(data: Source) -> bytes:
    """The profile that a HEIC or AVIF names by code points (`colr` of type `nclx`) instead of carrying one.

    Empty when it names none, sRGB, or a high dynamic range.
    """
    meta = next((box for box in boxes(data, 0, len(data)) if box.type == b"meta"), None)
    properties = child(data, meta, b"iprp", skip=4) if meta else None
    row = child(data, properties, b"ipco") if properties else None
    for box in boxes(data, row.content, row.end) if row else ():
        if box.type == b"colr" and data[box.content : box.content + 4] == b"nclx" and box.end - box.content >= 8:
            primaries, transfer = struct.unpack(">HH", data[box.content + 4 : box.content + 8])
            return rgb_profile(primaries) if primaries in PRIMARIES and transfer not in HDR_TRANSFERS else b""
    return b""


@lru_cache(maxsize=4)
def rgb_profile(primaries: int) -> bytes:
    """An ICC profile (ICC.1:2010, v4 matrix and curve) of the given primaries with sRGB's curve and white."""
    matrix = _to_xyz_d50(PRIMARIES[primaries])
    curve = b"para" + struct.pack(">IHH", 0, 3, 0) + _fixed(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    tags = {
        b"desc": b"mluc"
        + struct.pack(">IIIHHII", 0, 1, 12, 0x656E, 0x5553, 4, 28)
        + "T".encode("utf-16-be")
        + b"\x00T",
        b"wtpt": b"XYZ " + bytes(4) + _fixed(*D50_XYZ),
        **{
            name: b"XYZ " + bytes(4) + _fixed(*matrix[:, column])
            for column, name in enumerate((b"rXYZ", b"gXYZ", b"bXYZ"))
        },
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve),
    }
    offset, table, body = 128 + 4 + 12 * len(tags), struct.pack(">I", len(tags)), b""
    for name, value in tags.items():
        table += struct.pack(">4sII", name, offset + len(body), len(value))
        body += value + bytes(-len(value) % 4)
    header = struct.pack(">I4sI4s4s4s", offset + len(body), bytes(4), 0x04200000, b"mntr", b"RGB ", b"XYZ ")
    header += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp"
    header = header.ljust(68, b"\x00") + _fixed(*D50_XYZ)
    return header.ljust(128, b"\x00") + table + body


def _to_xyz_d50(primaries: tuple[tuple[float, float], ...]) -> NDArray[np.float64]:
    """Linear RGB with a D65 white to XYZ, adapted to D50 as profiles want it (Bradford)."""
    columns = np.array([_xyz(*xy) for xy in primaries]).T
    white = np.array(_xyz(*D65))
    matrix = columns * np.linalg.solve(columns, white)
    cone = np.array(BRADFORD)
    scale = np.diag((cone @ np.array(D50_XYZ)) / (cone @ white))
    adapted: NDArray[np.float64] = np.linalg.inv(cone) @ scale @ cone @ matrix
    return adapted


def _xyz(x: float, y: float) -> tuple[float, float, float]:
    return x / y, 1.0, (1 - x - y) / y


def _fixed(*values: float) -> bytes:
    """Numbers as s15Fixed16."""
    return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))


@lru_cache(maxsize=1)
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))

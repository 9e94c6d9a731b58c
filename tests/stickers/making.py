"""Real sticker files of every kind, made with Pillow and PyAV, and vector ones as Telegram makes them."""

import gzip
import io
import json
import math
import zipfile
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image, ImageDraw

Json = dict[str, Any]
RED = (200, 30, 30, 255)


def drawn(side: int = 512, at: float = 0.0, colour: tuple[int, int, int, int] = RED) -> Image.Image:
    """A ball on nothing; `at` (0 to 1) is where on its way."""
    image = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    left, radius = side * (0.1 + 0.5 * at), side * 0.35
    ImageDraw.Draw(image).ellipse((left, side * 0.3, left + radius, side * 0.3 + radius), fill=colour)
    return image


def frames(count: int = 6, side: int = 512) -> list[Image.Image]:
    return [drawn(side, number / count) for number in range(count)]


def written(images: list[Image.Image], kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    if len(images) > 1:
        options = {"save_all": True, "append_images": images[1:], "duration": 80, "loop": 0, **options}
    images[0].save(out, kind, **options)
    return out.getvalue()


def png(**options: Any) -> bytes:
    return written([drawn(**options)], "PNG")


def gif(count: int = 6, side: int = 240) -> bytes:
    return written(frames(count, side), "GIF", disposal=2)


def webm(count: int = 12, side: int = 512, *, alpha: bool = True, title: str = "") -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format="webm") as container:
        stream = container.add_stream("libvpx-vp9", rate=30)
        stream.width = stream.height = side
        stream.pix_fmt = "yuva420p" if alpha else "yuv420p"
        stream.options = {"auto-alt-ref": "0", "deadline": "realtime", "cpu-used": "8"}
        if alpha:
            stream.metadata["alpha_mode"] = "1"
        if title:
            container.metadata["title"] = title
        for number, image in enumerate(frames(count, side)):
            frame = av.VideoFrame.from_ndarray(np.asarray(image), format="rgba")
            frame.pts, frame.time_base = number, Fraction(1, 30)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return out.getvalue()


def still_at(**changed: Any) -> Json:
    """A transform that does nothing but what is said."""
    values = {"p": [0, 0, 0], "a": [0, 0, 0], "s": [100, 100, 100], "r": 0, "o": 100}
    return {**{name: {"a": 0, "k": value} for name, value in values.items()}, **changed}


def shape_layer(**fields: Any) -> Json:
    """A red rod that turns once."""
    rod = {"ty": "rc", "p": {"a": 0, "k": [0, 0]}, "s": {"a": 0, "k": [320, 90]}, "r": {"a": 0, "k": 45}}
    fill = {"ty": "fl", "c": {"a": 0, "k": [1, 0.2, 0.2, 1]}, "o": {"a": 0, "k": 100}}
    group = {"ty": "gr", "it": [rod, fill, {"ty": "tr", **still_at()}]}
    eased = {"i": {"x": [0.5], "y": [1]}, "o": {"x": [0.5], "y": [0]}}
    turns = {"a": 1, "k": [{"t": 0, "s": [0], **eased}, {"t": 60, "s": [360]}]}
    transform = still_at(p={"a": 0, "k": [256, 256, 0]}, r=turns)
    basis = {"ty": 4, "nm": "rod", "ind": 1, "sr": 1, "ip": 0, "op": 60, "st": 0}
    return {**basis, "ks": transform, "shapes": [group], **fields}


def lottie(layers: list[Json] | None = None, **fields: Any) -> Json:
    """As After Effects writes them: 512 x 512, a second of 60 frames."""
    basis = {"v": "5.5.2", "fr": 60, "ip": 0, "op": 60, "w": 512, "h": 512, "nm": "Ball", "ddd": 0, "assets": []}
    return {**basis, "layers": [shape_layer()] if layers is None else layers, **fields}


def lottie_file(tree: Json | None = None) -> bytes:
    return json.dumps(tree if tree is not None else lottie()).encode()


def tgs(tree: Json | None = None) -> bytes:
    return gzip.compress(lottie_file({"tgs": 1, **(tree or lottie())}))


def zipped(files: Mapping[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def kept(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def is_clear(pixel: Any) -> bool:
    return math.isclose(pixel[3], 0, abs_tol=12)

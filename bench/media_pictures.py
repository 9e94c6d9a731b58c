"""A picture of 12 megapixels to its sizes, on one core, beside the least that any way of doing it costs.

`python -m bench.media_pictures`; the floor is Pillow (libjpeg-turbo) decoding the same file and nothing else.
"""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from PIL import Image

SIZE: Final = (4000, 3000)
RUNS: Final = 7


def measure() -> dict[str, float]:
    """Milliseconds, the median of some runs: `cpu_ms` (three sizes and the ThumbHash, written to files),
    `floor_decode_ms`, and how many times the floor the whole is.
    """
    # Only whoever measures media needs these.
    from PIL import Image  # noqa: PLC0415

    from teahouse.media.work.jobs import Job  # noqa: PLC0415
    from teahouse.media.work.pictures import make_picture  # noqa: PLC0415

    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        with tempfile.TemporaryDirectory(prefix="teahouse-bench-") as name:
            folder = Path(name)
            source = folder / "photo.jpg"
            _photo().save(source, "JPEG", quality=92, subsampling="4:2:0")

            def make(run: int) -> None:
                out = folder / str(run)
                out.mkdir()
                make_picture(Job(kind="picture", sources=(str(source),), folder=str(out)), lambda percent: None)

            def decode(run: int) -> None:
                with Image.open(source) as image:
                    image.load()

            picture, floor = _ms(make), _ms(decode)
    finally:
        os.sched_setaffinity(0, before)
    return {"cpu_ms": round(picture, 1), "floor_decode_ms": round(floor, 1), "of_floor": round(picture / floor, 1)}


def _photo() -> Image.Image:
    """Shapes of many sizes and a little grain: it compresses as a photograph does (2 bits a pixel)."""
    import numpy as np  # noqa: PLC0415
    from PIL import Image  # noqa: PLC0415

    noise = np.random.default_rng(1)
    width, height = SIZE
    light = np.full((height, width, 3), 128, dtype=np.float32)
    for step, strength in ((4, 6), (16, 12), (64, 30), (256, 60)):
        for channel in range(3):
            coarse = noise.normal(0, strength, (height // step + 2, width // step + 2)).astype(np.float32)
            light[..., channel] += np.asarray(Image.fromarray(coarse).resize(SIZE, Image.Resampling.BICUBIC))
    light += noise.normal(0, 3, (height, width, 1)).astype(np.float32)
    return Image.fromarray(np.clip(light, 0, 255).astype(np.uint8))


def _ms(work: Callable[[int], None]) -> float:
    took = []
    for run in range(RUNS):
        started = time.process_time()
        work(run)
        took.append((time.process_time() - started) * 1000)
    return statistics.median(took)


if __name__ == "__main__":
    print(json.dumps({"picture": measure()}))

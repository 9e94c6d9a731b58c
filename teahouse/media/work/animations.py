"""Animated pictures (GIF, APNG, animated WebP and AVIF) as films: a fraction of the size and of a phone's effort."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import chain, islice
from pathlib import Path
from typing import Final

import av
import numpy as np
from av.container import OutputContainer
from av.video.stream import VideoStream
from PIL import Image

from teahouse.media.work.jobs import MediaRefused
from teahouse.media.work.picture_reader import decoding

FRAMES_MAX: Final = 1500
DURATION_MS_MAX: Final = 120_000
PIXELS_MAX: Final = 1_500_000_000
"""Of all frames together: what may be decoded for one animation."""
SHORT_SIDE_MAX: Final = 720
LONG_SIDE_MAX: Final = 1920
FRAME_MS_LEAST: Final = 20
FRAME_MS_USUAL: Final = 100
"""Browsers show a frame of less than 20 ms for 100 ms: so are old GIFs meant."""
MILLISECOND: Final = Fraction(1, 1000)


def animate(image: Image.Image, target: Path, progress: Callable[[int], None]) -> int:
    """Write the frames as an MP4 (H.264, 4:2:0, no sound, even edges); returns its length in milliseconds.

    Transparency becomes white. An animation of one frame writes nothing and returns 0. Raises
    `MediaRefused`: "too_long" beyond the bounds of frames and time, "too_many_pixels", "unreadable".
    """
    total = int(getattr(image, "n_frames", 1)) if image.format != "GIF" else 0  # a GIF must be read through to count
    size = _even(image.size)
    frames = _frames(image)
    beginning = list(islice(frames, 2))
    if len(beginning) < 2:
        return 0
    with av.open(str(target), "w", format="mp4", options={"movflags": "faststart"}) as out:
        stream = out.add_stream("libx264", rate=30)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.time_base = stream.codec_context.time_base = MILLISECOND
        stream.codec_context.thread_count = 1
        # No frames that refer ahead: packets come in the order of the frames.
        stream.options = {"crf": "23", "preset": "veryfast", "tune": "animation", "bf": "0"}
        lasts: dict[int, int] = {}
        at = 0
        for index, (picture, duration) in enumerate(chain(beginning, frames)):
            frame = av.VideoFrame.from_ndarray(np.asarray(_sized(picture, size)), format="rgb24")
            frame.pts, frame.time_base = at, MILLISECOND
            lasts[at] = duration
            at += duration
            _mux(out, stream, frame, lasts)
            if total:
                progress(min(99, 100 * index // total))
        _mux(out, stream, None, lasts)
    return at


def _mux(out: OutputContainer, stream: VideoStream, frame: av.VideoFrame | None, lasts: dict[int, int]) -> None:
    for packet in stream.encode(frame):
        # The encoder does not know how long the last frame stays.
        packet.duration = lasts.get(packet.pts or 0, 0)
        out.mux(packet)


def _frames(image: Image.Image) -> Iterator[tuple[Image.Image, int]]:
    """Each frame, whole, as RGB on white, and how many milliseconds it lasts."""
    pixels = total = 0
    for index in range(FRAMES_MAX + 1):
        with decoding():
            try:
                image.seek(index)
            except EOFError:
                return
            image.load()
            pixels += image.width * image.height
            lasts = round(float(image.info.get("duration") or 0))
            picture = _on_white(image)
        lasts = lasts if lasts >= FRAME_MS_LEAST else FRAME_MS_USUAL
        total += lasts
        if index == FRAMES_MAX or total > DURATION_MS_MAX:
            raise MediaRefused("too_long", f"more than {FRAMES_MAX} frames or {DURATION_MS_MAX // 1000} seconds")
        if pixels > PIXELS_MAX:
            raise MediaRefused("too_many_pixels", f"more than {PIXELS_MAX} in all frames")
        yield picture, lasts


def _sized(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    return picture.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)


def _on_white(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    picture = image.convert("RGBA")
    white = Image.new("RGBA", picture.size, "white")
    white.alpha_composite(picture)
    return white.convert("RGB")


def _even(size: tuple[int, int]) -> tuple[int, int]:
    """The size of the film: within bounds, never enlarged, edges even (4:2:0 halves the colours) and at least two."""
    scale = min(1.0, SHORT_SIDE_MAX / min(size), LONG_SIDE_MAX / max(size))
    return max(2, int(size[0] * scale) // 2 * 2), max(2, int(size[1] * scale) // 2 * 2)

"""Real files to send: pictures, sounds and films, made here and known exactly."""

from __future__ import annotations

import io
from typing import Any

import av
import numpy as np
from PIL import Image, ImageDraw

SOUND_RATE = 48_000
FILM_RATE = 24
FRAME_SAMPLES = 960
LOUD = 0.3


def picture(width: int, height: int, colour: str = "teal") -> bytes:
    """A JPEG: a sun on a coloured ground."""
    image = Image.new("RGB", (width, height), colour)
    side = min(width, height) // 3
    ImageDraw.Draw(image).ellipse((side, side // 2, 2 * side, side // 2 + side), fill="gold")
    written = io.BytesIO()
    image.save(written, "JPEG", quality=85)
    return written.getvalue()


def tone(seconds: float, hertz: int) -> bytes:
    """WebM with Opus, as a browser records: one pure tone."""
    written = io.BytesIO()
    with av.open(written, "w", format="webm") as container:
        stream = container.add_stream("libopus", rate=SOUND_RATE, layout="mono")
        _sing(container, stream, seconds, hertz)
    return written.getvalue()


def film(seconds: float, width: int = 640, height: int = 360, hertz: int = 330) -> bytes:
    """MP4 with H.264 and AAC: a square that wanders, and a tone."""
    written = io.BytesIO()
    with av.open(written, "w", format="mp4") as container:
        video: Any = container.add_stream("libx264", rate=FILM_RATE)
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        sound = container.add_stream("aac", rate=SOUND_RATE, layout="mono")
        for number in range(int(seconds * FILM_RATE)):
            image = Image.new("RGB", (width, height), (40, 70 + number % 100, 90))
            left = number * 7 % width
            ImageDraw.Draw(image).rectangle((left, height // 3, left + 60, height // 3 + 60), fill="gold")
            container.mux(video.encode(av.VideoFrame.from_ndarray(np.asarray(image), format="rgb24")))
        container.mux(video.encode(None))
        _sing(container, sound, seconds, hertz)
    return written.getvalue()


def _sing(container: Any, stream: Any, seconds: float, hertz: int) -> None:
    times = np.arange(int(seconds * SOUND_RATE)) / SOUND_RATE
    samples = (LOUD * np.sin(2 * np.pi * hertz * times)).astype(np.float32)
    resampler = av.AudioResampler(format=stream.format, layout="mono", rate=SOUND_RATE)
    fifo = av.AudioFifo()
    for start in range(0, len(samples), FRAME_SAMPLES):
        frame = av.AudioFrame.from_ndarray(samples[None, start : start + FRAME_SAMPLES], format="flt", layout="mono")
        frame.sample_rate, frame.pts = SOUND_RATE, start
        for resampled in resampler.resample(frame):
            fifo.write(resampled)
    wanted = stream.codec_context.frame_size or FRAME_SAMPLES
    while (piece := fifo.read(wanted, partial=True)) is not None:
        container.mux(stream.encode(piece))
    container.mux(stream.encode(None))

"""Makes real sound and video files as cameras, phones and browsers do, and measures what came of them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import av.error
import numpy as np
import numpy.typing as npt
from av.audio.frame import AudioFrame
from av.filter import Graph
from av.video.frame import VideoFrame

Floats = npt.NDArray[np.float32]
RATE = 48_000


def tone(seconds: float, hertz: float = 440.0, level: float = 0.1, rate: int = RATE) -> Floats:
    return (level * np.sin(2 * np.pi * hertz * np.arange(int(seconds * rate)) / rate)).astype(np.float32)


def speech(seconds: float, level: float = 0.1, rate: int = RATE) -> Floats:
    """Syllables of a voice with pauses between, over a quiet room."""
    t = np.arange(int(seconds * rate)) / rate
    pitch = 2 * np.pi * np.cumsum(120 + 30 * np.sin(2 * np.pi * 0.7 * t)) / rate
    voice = sum((np.sin(k * pitch) / k for k in range(1, 20)), np.zeros_like(t))
    syllables = np.clip(np.sin(2 * np.pi * 2.5 * t), 0, 1) * np.clip(np.sin(2 * np.pi * 0.3 * t) + 0.6, 0, 1)
    room = np.random.default_rng(1).standard_normal(len(t)) * 0.01
    return (level * (voice * syllables + room)).astype(np.float32)


def write_sound(
    path: Path, samples: Floats, codec: str, *, format: str, rate: int = RATE, options: dict[str, str] | None = None
) -> Path:
    """`samples`: one channel, or rows of channels."""
    rows = np.atleast_2d(samples)
    layout = "mono" if len(rows) == 1 else "stereo"
    with av.open(str(path), "w", format=format, options=options or {}) as out:
        stream = out.add_stream(codec, rate=rate, layout=layout)
        assert isinstance(stream, av.AudioStream)
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(rows), format="fltp", layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


@contextmanager
def as_before() -> Iterator[None]:
    """Take back the priority that an encoder gives its caller.

    SVT-AV1, started by root, lets the thread that opens it run before all others (SCHED_FIFO), for good; every process
    that is started later inherits it, and two cores full of browsers that none may interrupt stand still.
    """
    before = (os.sched_getscheduler(0), os.sched_getparam(0)) if hasattr(os, "sched_getscheduler") else None
    try:
        yield
    finally:
        if before:
            os.sched_setscheduler(0, *before)


def write_video(
    path: Path,
    *,
    size: tuple[int, int] = (640, 360),
    rate: int = 30,
    seconds: float = 2.0,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    options: dict[str, str] | None = None,
    sound: str = "aac",
    turned: int = 0,
    metadata: dict[str, str] | None = None,
    times: list[float] | None = None,
    black_s: float = 0.0,
    format: str | None = None,
) -> Path:
    """A picture with a bright upper left quarter and a bar that wanders from left to right, and a tone of 440 Hz.

    `turned` is the display matrix's angle; `times` are those of the frames, when they are not even.
    """
    width, height = size
    options_of_file = {"movflags": "use_metadata_tags"} if metadata else {}
    with as_before(), av.open(str(path), "w", format=format, options=options_of_file) as out:
        out.metadata.update(metadata or {})
        stream = out.add_stream(codec, rate=rate, options=options or {})
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = width, height, pixels
        stream.codec_context.time_base = Fraction(1, 1000) if times else Fraction(1, rate)
        if turned:
            stream.set_display_rotation(turned)
        voice = out.add_stream(sound, rate=RATE, layout="stereo") if sound else None
        count = len(times) if times else int(rate * seconds)
        for number in range(count):
            picture = np.full((height * 3 // 2, width), 128, np.uint8)
            picture[:height] = 40
            if number >= black_s * rate:
                picture[: height // 2, : width // 2] = 200
                at = number * (width - 16) // count
                picture[height // 2 : height, at : at + 16] = 235
            else:
                picture[:height] = 16
            frame = VideoFrame.from_ndarray(picture, format="yuv420p").reformat(format=pixels)
            frame.pts = round(times[number] * 1000) if times else number
            frame.time_base = stream.codec_context.time_base
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
        if voice is not None:
            assert isinstance(voice, av.AudioStream)
            samples = np.stack([tone(seconds)] * 2)
            heard = AudioFrame.from_ndarray(samples, format="fltp", layout="stereo")
            heard.sample_rate, heard.pts, heard.time_base = RATE, 0, Fraction(1, RATE)
            out.mux(voice.encode(heard))
            out.mux(voice.encode(None))
    return path


def heard(path: Path | str) -> tuple[Floats, int]:
    """The samples of the first channel of a file, and their rate."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        parts = [frame.to_ndarray()[0] for frame in container.decode(stream)]
        return np.concatenate(parts).astype(np.float32), stream.rate


def seen(path: Path | str) -> list[VideoFrame]:
    with av.open(str(path)) as container:
        return list(container.decode(container.streams.video[0]))


def loudness(samples: Floats, rate: int) -> tuple[float, float]:
    """LUFS and the true peak in dB, as FFmpeg's `ebur128` measures them."""
    graph = Graph()
    source = graph.add("abuffer", sample_rate=str(rate), sample_fmt="flt", channel_layout="mono", time_base=f"1/{rate}")
    chain = (source, graph.add("ebur128", metadata="1", peak="true"), graph.add("abuffersink"))
    graph.link_nodes(*chain).configure()
    frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples[None], np.float32), format="flt", layout="mono")
    frame.sample_rate = rate
    source.push(frame)
    source.push(None)
    said: dict[str, str] = {}
    try:
        while True:
            said |= chain[-1].pull().metadata  # type: ignore[union-attr]
    except (av.error.EOFError, av.error.BlockingIOError):
        peak = max(float(said["lavfi.r128.true_peak"]), 1e-9)
        return float(said["lavfi.r128.I"]), 20 * float(np.log10(peak))


def main_frequency(samples: Floats, rate: int) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * rate / len(samples))


def boxes(path: Path | str) -> list[str]:
    """The names of an MP4's outermost boxes, in their order."""
    data, at, names = Path(path).read_bytes(), 0, []
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        names.append(data[at + 4 : at + 8].decode("latin-1"))
        at += size if size >= 8 else len(data)
    return names

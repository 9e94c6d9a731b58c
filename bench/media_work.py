"""What a worker's jobs cost on one core: a voice message of 60 s and a 1080p video of 10 s, beside their floors.

`python -m bench.media_work` prints the figures as JSON. A floor is what FFmpeg alone takes in the same run for the part
that nobody can leave out: to decode the same file, and to encode as many samples or pictures with the same settings.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Summary = dict[str, Any]
RUNS: Final = 5
VOICE_S: Final = 60
FILM_S: Final = 10
FILM_HEIGHT: Final = 1080
RATE: Final = 48_000
FRAMES_PER_SECOND: Final = 30


def voice() -> Summary:
    """Milliseconds of CPU for 60 s of speech as Chromium records it (WebM, Opus), by a worker that is warm."""
    from teahouse.media.work import voice as work  # noqa: PLC0415
    from teahouse.media.work.jobs import Job  # noqa: PLC0415
    from teahouse.media.work.loudness import RATE as OUT_RATE  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="teahouse-voice-") as folder:
        source = recording(Path(folder) / "voice.webm", VOICE_S)
        job = Job(kind="voice", sources=(str(source),), folder=folder)
        samples = speech(VOICE_S, OUT_RATE)
        made = _ms(lambda: work.make_voice(job, lambda percent: None))
        decode = _ms(lambda: _decode(source))
        encode = _ms(lambda: _encode_sound(Path(folder) / "floor.m4a", samples, OUT_RATE, work.BIT_RATE, work.ENCODER))
        default = _ms(lambda: _encode_sound(Path(folder) / "floor.m4a", samples, OUT_RATE, work.BIT_RATE, {}))
        size = Path(folder, "audio.m4a").stat().st_size
    return {
        "seconds": VOICE_S,
        "cpu_ms": made,
        "floor_decode_ms": decode,
        "floor_encode_ms": encode,
        "encode_by_default_ms": default,
        "of_floor": round(made / (decode + encode), 2),
        "kib": size // 1024,
    }


def video() -> Summary:
    """How many times faster than it plays a 1080p film of 10 s is made into 720p, poster and all, on one core."""
    from teahouse.media.work import video as work  # noqa: PLC0415
    from teahouse.media.work.jobs import Job  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="teahouse-film-") as folder:
        source = film(Path(folder) / "film.mp4", seconds=FILM_S, height=FILM_HEIGHT)
        job = Job(kind="video", sources=(str(source),), folder=folder)
        made = _ms(lambda: work.make_video(job, lambda percent: None), runs=3)
        decode = _ms(lambda: _decode(source), runs=3)
        small = _pictures(Path(folder) / "video.mp4")
        encode = _ms(lambda: _encode_pictures(Path(folder) / "floor.mp4", small, work.ENCODER), runs=3)
        again = Job(kind="video", sources=(str(Path(folder) / "video.mp4"),), folder=str(Path(folder) / "copied"))
        Path(again.folder).mkdir()
        copied = _ms(lambda: work.make_video(again, lambda percent: None), runs=3)
        source_kib, kib = source.stat().st_size // 1024, Path(folder, "video.mp4").stat().st_size // 1024
    return {
        "seconds": FILM_S,
        "cpu_ms": made,
        "times_real_time": round(FILM_S * 1000 / made, 2),
        "floor_decode_ms": decode,
        "floor_encode_ms": encode,
        "of_floor": round(made / (decode + encode), 2),
        "copied_cpu_ms": copied,
        "source_kib": source_kib,
        "kib": kib,
    }


def speech(seconds: float, rate: int = RATE) -> npt.NDArray[np.float32]:
    """Syllables of a voice with pauses between, over a room's noise."""
    import numpy as np  # noqa: PLC0415

    t = np.arange(int(seconds * rate)) / rate
    pitch = 2 * np.pi * np.cumsum(120 + 30 * np.sin(2 * np.pi * 0.7 * t)) / rate
    tones = sum((np.sin(k * pitch) / k for k in range(1, 20)), np.zeros_like(t))
    syllables = np.clip(np.sin(2 * np.pi * 2.5 * t), 0, 1) * np.clip(np.sin(2 * np.pi * 0.3 * t) + 0.6, 0, 1)
    room = np.random.default_rng(1).standard_normal(len(t)) * 0.02
    spoken: npt.NDArray[np.float32] = (0.1 * (tones * syllables + room)).astype(np.float32)
    return spoken


def recording(path: Path, seconds: float) -> Path:
    """Speech as Chromium's MediaRecorder writes it: WebM and Opus, without a duration."""
    import av  # noqa: PLC0415

    with av.open(str(path), "w", format="webm", options={"live": "1"}) as out:
        stream = out.add_stream("libopus", rate=RATE, layout="mono")
        stream.bit_rate = 32_000
        frame = _sound_frame(speech(seconds), RATE)
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def film(path: Path, *, seconds: float, height: int) -> Path:
    """A hand-held pan over a rough wall with grain, and a voice: some 10 Mbit/s at 1080p, as a phone writes it."""
    import av  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    width = height * 16 // 9 // 2 * 2
    random = np.random.default_rng(5)
    wall = np.zeros((height + 256, width + 512), np.float32)
    for grain in (4, 8, 16, 32, 64, 128):
        cells = random.normal(size=(wall.shape[0] // grain + 1, wall.shape[1] // grain + 1)).astype(np.float32)
        wall += np.kron(cells, np.ones((grain, grain), np.float32))[: wall.shape[0], : wall.shape[1]] * grain**0.8
    wall = 24 + 190 * (wall - wall.min()) / (wall.max() - wall.min())
    texture = wall.astype(np.uint8)
    noise = np.clip(random.normal(6, 2, size=(height + 64, width + 64)), 0, 12).astype(np.uint8)
    options = {"preset": "superfast", "crf": "19", "maxrate": "17M", "bufsize": "17M"}
    with av.open(str(path), "w", format="mp4") as out:
        stream = out.add_stream("libx264", rate=FRAMES_PER_SECOND, options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        sound = out.add_stream("aac", rate=RATE, layout="mono")
        picture = np.full((height * 3 // 2, width), 118, np.uint8)
        for number in range(int(seconds * FRAMES_PER_SECOND)):
            across, down = int(256 + 200 * np.sin(number / 20)), int(128 + 100 * np.cos(number / 15))
            grain_at = random.integers(0, 64, 2)
            seen = texture[down : down + height, across : across + width]
            picture[:height] = seen + noise[grain_at[0] :, grain_at[1] :][:height, :width]
            frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
            frame.pts = number
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
        out.mux(sound.encode(_sound_frame(speech(seconds), RATE)))
        out.mux(sound.encode(None))
    return path


def _sound_frame(samples: npt.NDArray[np.float32], rate: int) -> Any:
    import av  # noqa: PLC0415

    frame = av.AudioFrame.from_ndarray(samples[None], format="fltp", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
    return frame


def _decode(path: Path) -> None:
    """As FFmpeg alone would: every frame of every stream, one thread, and nothing done with it."""
    import av  # noqa: PLC0415

    with av.open(str(path)) as container:
        for stream in container.streams:
            stream.codec_context.thread_count = 1
        for packet in container.demux():
            packet.decode()


def _pictures(path: Path) -> list[Any]:
    import av  # noqa: PLC0415

    with av.open(str(path)) as container:
        return list(container.decode(container.streams.video[0]))


def _encode_sound(
    path: Path, samples: npt.NDArray[np.float32], rate: int, bit_rate: int, options: dict[str, str]
) -> None:
    import av  # noqa: PLC0415

    with av.open(str(path), "w", format="mp4") as out:
        stream = out.add_stream("aac", rate=rate, layout="mono", options=options)
        stream.bit_rate = bit_rate
        out.mux(stream.encode(_sound_frame(samples, rate)))
        out.mux(stream.encode(None))


def _encode_pictures(path: Path, pictures: list[Any], options: dict[str, str]) -> None:
    import av  # noqa: PLC0415

    with av.open(str(path), "w", format="mp4") as out:
        stream = out.add_stream("libx264", rate=FRAMES_PER_SECOND, options=options)
        stream.width, stream.height, stream.pix_fmt = pictures[0].width, pictures[0].height, "yuv420p"
        stream.codec_context.thread_count = 1
        for number, frame in enumerate(pictures):
            frame.pts, frame.time_base, frame.pict_type = number, Fraction(1, FRAMES_PER_SECOND), 0
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def _ms(what: Callable[[], object], runs: int = RUNS) -> float:
    """The median of CPU milliseconds; one run more, uncounted, warms caches and imports."""
    what()
    took = []
    for _ in range(runs):
        started = time.process_time()
        what()
        took.append((time.process_time() - started) * 1000)
    return round(statistics.median(took), 1)


if __name__ == "__main__":
    print(json.dumps({"voice": voice(), "video": video()}, indent=2))

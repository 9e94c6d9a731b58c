"""A video: whatever a camera writes becomes MP4 (H.264, AAC) that every browser plays and seeks in at once."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import av
import av.error
from av.audio.frame import AudioFrame
from av.container import OutputContainer
from av.filter import Graph
from av.video.frame import PictureType, VideoFrame

from teahouse.media.work.jobs import Job, Made, MadeFile, MediaRefused
from teahouse.media.work.probe import VIDEO_FORMATS, audio_stream, decoded, open_av, packets, refusing, video_stream
from teahouse.media.work.remux import remuxed
from teahouse.media.work.soundtrack import Soundtrack
from teahouse.media.work.stills import make_stills
from teahouse.media.work.survey import LONGER_MS, Survey, survey

DURATION_MAX_MS: Final = 60 * 60 * 1000
NOTE_DURATION_MAX_MS: Final = 60 * 1000
NOTE_SIDE: Final = 480
HEIGHT_MAX: Final = 2160
FRAMES_PER_SECOND: Final = 30
KEY_FRAME_EVERY_S: Final = 2.0
CLOCK: Final = Fraction(1, 90_000)
SIDE_MIN: Final = 16
BT709: Final = 1
LIMITED_RANGE: Final = 1
PASSED_MATRICES: Final = (1, 2, 5, 6)
"""BT.709, not said, BT.470 and BT.601 (ITU-T H.273): what every player knows."""
BIT_RATE_720P: Final = 3_000_000
"""At most, over a second or two; what is calm takes far less."""
ENCODER: Final = {
    "preset": "veryfast",
    "crf": "25",
    "profile": "high",
    "forced-idr": "1",
    "threads": "1",
}
OUT: Final = {"movflags": "+faststart", "fflags": "+bitexact"}

Progress = Callable[[int], None]


@dataclass(frozen=True)
class VideoFacts:
    width: int
    height: int
    duration_ms: int
    has_sound: bool


def make_video(job: Job, progress: Progress) -> Made:
    """`video`, `poster` and `small`; a video note is a square of 480 pixels and at most 60 s.

    Raises `MediaRefused`: unreadable, wrong_kind (no moving picture), too_long, too_many_pixels, too_large.
    """
    note = job.kind == "video_note"
    limit = NOTE_DURATION_MAX_MS if note else DURATION_MAX_MS
    target = os.path.join(job.folder, "video.mp4")
    facts = transcode(
        job.sources[0],
        target,
        short_side_max=NOTE_SIDE if note else max(SIDE_MIN, min(job.height_max, HEIGHT_MAX)),
        duration_max_ms=min(job.duration_max_ms or limit, limit),
        square=note,
        progress=lambda percent: progress(percent * 95 // 100),
    )
    stills = make_stills(target, job.folder)
    progress(100)
    return Made(
        files=(MadeFile("video", target, "video/mp4"), *stills.files),
        width=facts.width,
        height=facts.height,
        duration=facts.duration_ms,
        thumbhash=stills.thumbhash,
    )


def transcode(
    source: str,
    target: str,
    *,
    short_side_max: int,
    duration_max_ms: int,
    square: bool = False,
    progress: Progress = lambda percent: None,
) -> VideoFacts:
    """Write `source` to `target` as MP4: H.264 (yuv420p, a key frame every 2 s) and AAC, fast start, no metadata.

    Never larger than it was, at most 30 frames a second, upright, HDR brought down to SDR. `square` cuts the middle
    out. What is such a file already is copied without loss. Raises `MediaRefused` as `make_video` does.
    """
    found = survey(source, duration_max_ms)
    width, height = _size(found, short_side_max, square)
    if (width, height) == found.stored:
        facts = remuxed(found, source, target, _bit_rate_max(width, height), FRAMES_PER_SECOND)
        if facts:
            progress(100)
            return VideoFacts(width, height, found.duration_ms, bool(found.sound))
    with refusing(), av.open(target, "w", format="mp4", options=OUT) as out:
        return _Transcoding(found, out, (width, height), square, duration_max_ms, progress).run(source)


def _size(found: Survey, short_side_max: int, square: bool) -> tuple[int, int]:
    """Even, upright, never enlarged; the long side of a ribbon is bounded too."""
    if square:
        side = min(found.width, found.height, short_side_max)
        return _even(side), _even(side)
    short, long = sorted((found.width, found.height))
    scale = min(1.0, short_side_max / short, short_side_max * 8 / 3 / long)
    return _even(found.width * scale), _even(found.height * scale)


def _even(side: float) -> int:
    return max(SIDE_MIN, round(side / 2) * 2) if side >= SIDE_MIN else SIDE_MIN


def _bit_rate_max(width: int, height: int) -> int:
    return max(400_000, int(BIT_RATE_720P * (width * height / (1280 * 720)) ** 0.75))


class _Transcoding:
    def __init__(
        self,
        found: Survey,
        out: OutputContainer,
        size: tuple[int, int],
        square: bool,
        duration_max_ms: int,
        progress: Progress,
    ) -> None:
        self._found, self._out, self._size, self._square = found, out, size, square
        self._limit_s = (duration_max_ms + LONGER_MS) / 1000
        self._progress = progress
        every = max(1, -int(-found.frames_per_second // (FRAMES_PER_SECOND + 1)))
        self._interval = every / found.frames_per_second if every > 1 else 1 / FRAMES_PER_SECOND
        self._next = self._next_key = 0.0
        self._last = -1.0
        self._end = 0.0
        self._graph: Graph | None = None
        self._form: tuple[object, ...] = ()
        self._video = out.add_stream("libx264", rate=FRAMES_PER_SECOND, options=self._options())
        self._video.width, self._video.height, self._video.pix_fmt = *size, "yuv420p"
        self._video.codec_context.time_base = CLOCK
        self._video.codec_context.thread_count = 1
        self._paint()
        self._video.codec_context.gop_size = FRAMES_PER_SECOND * 10
        self._sound = Soundtrack(out, found.channels, self._limit_s) if found.sound else None

    def _options(self) -> dict[str, str]:
        rate = _bit_rate_max(*self._size)
        return ENCODER | {"maxrate": str(rate), "bufsize": str(2 * rate)}

    def _paint(self) -> None:
        """Say which colours the numbers mean, or players guess by the picture's size."""
        context = self._video.codec_context
        context.color_range = LIMITED_RANGE
        context.color_primaries, context.color_trc, context.colorspace = (
            (BT709, BT709, BT709) if self._converts() else self._found.colours
        )

    def _converts(self) -> bool:
        return self._found.hdr or self._found.colours[2] not in PASSED_MATRICES

    def run(self, source: str) -> VideoFacts:
        with open_av(source, VIDEO_FORMATS) as container:
            video = video_stream(container)
            audio = audio_stream(container) if self._sound is not None else None
            assert video is not None
            for packet in packets(container, *(stream for stream in (video, audio) if stream is not None)):
                for frame in decoded(packet):
                    if isinstance(frame, VideoFrame):
                        self._show(frame)
                    elif self._sound is not None:
                        self._sound.hear(frame, self._time(frame))
        self._drain()
        if self._last < 0:
            raise MediaRefused("unreadable", "no picture of it could be decoded")
        self._out.mux(self._video.encode(None))
        if self._sound is not None:
            self._end = max(self._end, self._sound.finish())
        return VideoFacts(*self._size, round(self._end * 1000), self._sound is not None)

    def _time(self, frame: VideoFrame | AudioFrame) -> float | None:
        """Seconds since the beginning, or None when nothing says."""
        stamp = frame.pts if frame.pts is not None else frame.dts
        if stamp is None or frame.time_base is None:
            return None
        time = float(stamp * frame.time_base) - self._found.start_s
        if time > self._limit_s:
            raise MediaRefused("too_long")
        return time

    def _show(self, frame: VideoFrame) -> None:
        time = self._time(frame)
        if time is None:
            time = self._last + self._interval if self._last >= 0 else 0.0
        # Too early for the next one of 30 a second, or out of order.
        if time < max(0.0, self._next - self._interval / 4) or time <= self._last:
            return
        self._next = max(self._next + self._interval, time + self._interval / 2)
        self._last, self._end = time, time + self._interval
        form = (frame.width, frame.height, frame.format.name, frame.color_trc)
        if form != self._form:
            self._drain()
            self._graph, self._form = self._filters(frame), form
        assert self._graph is not None
        frame.pts, frame.time_base = round(time / CLOCK), CLOCK
        self._graph.vpush(frame)
        self._pull()
        if self._found.duration_ms:
            self._progress(min(99, int(time * 100_000 / self._found.duration_ms)))

    def _drain(self) -> None:
        if self._graph is not None:
            self._graph.vpush(None)
            self._pull()
            self._graph = None

    def _pull(self) -> None:
        assert self._graph is not None
        with suppress(av.error.BlockingIOError, av.error.EOFError):
            while True:
                frame = self._graph.vpull()
                assert frame.pts is not None
                time = float(frame.pts * CLOCK)
                key = time >= self._next_key
                if key:
                    self._next_key = time + KEY_FRAME_EVERY_S
                # What the camera chose as key frames is nothing to the encoder.
                frame.pict_type = PictureType.I if key else PictureType.NONE
                frame.time_base = CLOCK
                self._out.mux(self._video.encode(frame))

    def _filters(self, frame: VideoFrame) -> Graph:
        width, height = self._size
        turned = any(step.startswith("transpose") for step in self._found.turn)
        if self._square:
            shown = (self._found.height, self._found.width) if turned else (self._found.width, self._found.height)
            scale = width / min(shown)
            stored = max(width, round(shown[0] * scale)), max(height, round(shown[1] * scale))
        else:
            stored = (height, width) if turned else (width, height)
        steps = [f"scale={stored[0]}:{stored[1]}:flags=bilinear:out_range=tv{self._tones()}"]
        steps += ["format=yuv420p", *self._found.turn]
        if self._square:
            steps.append(f"crop={width}:{height}")
        steps.append("setsar=1")
        graph = Graph()
        graph.threads = 1
        source = graph.add(
            "buffer",
            f"video_size={frame.width}x{frame.height}:pix_fmt={frame.format.name}:time_base={CLOCK}"
            f":colorspace={frame.colorspace}:range={frame.color_range}",
        )
        nodes = [source]
        for step in steps:
            name, _, options = step.partition("=")
            nodes.append(graph.add(name, options or None))
        graph.link_nodes(*nodes, graph.add("buffersink")).configure()
        return graph

    def _tones(self) -> str:
        """HDR has more light than a page can show: swscale maps its tones and colours to those of BT.709."""
        if not self._converts():
            return ""
        if not self._found.hdr:
            return ":out_color_matrix=bt709"
        return ":out_transfer=bt709:out_primaries=bt709:out_color_matrix=bt709:intent=perceptual"

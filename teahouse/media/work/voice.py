"""A voice message: whatever a browser or a phone records becomes AAC in MP4 that every browser plays, equally loud.

Its duration and waveform are those of the samples that were decoded: browsers' recordings say neither, or lie.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from fractions import Fraction
from typing import Final

import av
import av.error
import numpy as np
from av.audio.frame import AudioFrame
from av.filter import Graph

from teahouse.media.work.jobs import WAVEFORM_POINTS, Job, Made, MadeFile, MediaRefused
from teahouse.media.work.loudness import (
    RATE,
    TICK,
    Floats,
    amplified,
    gain,
    integrated,
    limiter,
    powers,
    tick_peaks,
    waveform,
)
from teahouse.media.work.probe import AUDIO_FORMATS, audio_stream, decoded, open_av, packets, refusing

DURATION_MAX_MS: Final = 30 * 60 * 1000
BIT_RATE: Final = 32_000
ENCODER: Final = {
    # Twice as fast as the default search, and no worse for one voice at this rate.
    "aac_coder": "fast",
    "threads": "1",
}
CHUNK: Final = 10 * RATE
"""Samples that are worked on at a time: a multiple of the steps of loudness, limiter and waveform."""
PART: Final = RATE // 100
"""Samples of one mean square for the waveform, 10 ms."""


def make_voice(job: Job, progress: Callable[[int], None]) -> Made:
    """`audio`: MP4 (fast start), AAC-LC, one channel, 24 kHz, about -16 LUFS, true peaks under -1.5 dB.

    Raises `MediaRefused`: unreadable (nothing decodes), wrong_kind (no sound in it), too_long.
    """
    limit_ms = min(job.duration_max_ms or DURATION_MAX_MS, DURATION_MAX_MS)
    chunks = list(_chunks(job.sources[0], limit_ms))
    samples = sum(map(len, chunks))
    if not samples:
        raise MediaRefused("unreadable", "no sound could be decoded")
    progress(30)
    factor = gain(integrated(np.concatenate([powers(chunk) for chunk in chunks])))
    gains = limiter(np.concatenate([tick_peaks(chunk) for chunk in chunks]), factor)
    shape = waveform(np.concatenate([_squares(chunk) for chunk in chunks]), WAVEFORM_POINTS)
    progress(40)
    path = os.path.join(job.folder, "audio.m4a")
    with refusing():
        _encode(path, chunks, gains, lambda share: progress(40 + int(60 * share)))
    return Made(files=(MadeFile("audio", path, "audio/mp4"),), duration=round(samples * 1000 / RATE), waveform=shape)


def _chunks(path: str, limit_ms: int) -> Iterator[Floats]:
    """The sound as one channel at `RATE`, in chunks of 10 s; the last one may be shorter."""
    kept: list[Floats] = []
    have, total, limit = 0, 0, (limit_ms + 500) * RATE // 1000
    for part in _decoded(path):
        kept.append(part)
        have += len(part)
        total += len(part)
        if total > limit:
            raise MediaRefused("too_long", f"longer than {limit_ms} ms")
        if have >= CHUNK:
            whole = _finite(np.concatenate(kept))
            yield from (whole[at : at + CHUNK] for at in range(0, have - have % CHUNK, CHUNK))
            kept, have = [whole[have - have % CHUNK :]], have % CHUNK
    if have:
        yield _finite(np.concatenate(kept))


def _decoded(path: str) -> Iterator[Floats]:
    with open_av(path, AUDIO_FORMATS) as container, refusing():
        stream = audio_stream(container)
        if stream is None:
            raise MediaRefused("wrong_kind" if len(container.streams) else "unreadable", "there is no sound in it")
        mixer: _Mixer | None = None
        for packet in packets(container, stream):
            for frame in decoded(packet):
                assert isinstance(frame, AudioFrame)
                # A stream may change its form in the middle: a phone goes from one microphone to another.
                if mixer is None or mixer.form != _form(frame):
                    if mixer is not None:
                        yield from mixer.mix(None)
                    mixer = _Mixer(frame)
                yield from mixer.mix(frame)
        if mixer is not None:
            yield from mixer.mix(None)


def _form(frame: AudioFrame) -> tuple[int, str, str]:
    return frame.sample_rate, frame.format.name, frame.layout.name


class _Mixer:
    """Mixes frames of one form down to one channel at `RATE`, handed out 10 s at a time: Python costs by the call."""

    def __init__(self, frame: AudioFrame) -> None:
        self.form = rate, kind, layout = _form(frame)
        self._graph = graph = Graph()
        graph.threads = 1
        source = {"sample_rate": str(rate), "sample_fmt": kind, "channel_layout": layout, "time_base": f"1/{rate}"}
        chain = (
            graph.add("abuffer", **source),
            # Half the usual filter: its slope lies above 11 kHz, where a voice has nothing.
            graph.add("aresample", f"{RATE}:filter_size=16"),
            graph.add("aformat", "sample_fmts=flt:channel_layouts=mono"),
            graph.add("asetnsamples", f"n={CHUNK}:p=0"),
            graph.add("abuffersink"),
        )
        graph.link_nodes(*chain).configure()
        self._in, self._out = chain[0], chain[-1]

    def mix(self, frame: AudioFrame | None) -> Iterator[Floats]:
        if frame is not None:
            # Voices have no gaps: what a recorder says of time is not what is heard.
            frame.pts = None
        self._in.push(frame)
        with suppress(av.error.BlockingIOError, av.error.EOFError):
            while True:
                mixed = self._out.pull()
                assert isinstance(mixed, AudioFrame)
                samples: Floats = mixed.to_ndarray().reshape(-1).astype(np.float32, copy=False)
                yield samples


def _finite(samples: Floats) -> Floats:
    """Samples that may be added up: a recording of floats can hold infinity."""
    return np.nan_to_num(np.clip(samples, -8.0, 8.0, out=samples), copy=False)


def _squares(chunk: Floats) -> Floats:
    rest = -len(chunk) % PART
    rows = (np.pad(chunk, (0, rest)) if rest else chunk).reshape(-1, PART)
    squares = np.einsum("ij,ij->i", rows, rows) / PART
    if rest:
        squares[-1] *= PART / (PART - rest)
    return squares  # type: ignore[no-any-return]


def _encode(path: str, chunks: list[Floats], gains: Floats, told: Callable[[float], None]) -> None:
    options = {"movflags": "+faststart", "fflags": "+bitexact"}
    with av.open(path, "w", format="mp4", options=options) as container:
        stream = container.add_stream("aac", rate=RATE, layout="mono", options=ENCODER)
        stream.bit_rate = BIT_RATE
        ticks, at = CHUNK // TICK, 0
        for number, chunk in enumerate(chunks):
            some = gains[number * ticks : (number + 1) * ticks + 1]
            frame = AudioFrame.from_ndarray(amplified(chunk, some)[None], format="fltp", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = RATE, at, Fraction(1, RATE)
            container.mux(stream.encode(frame))
            at += len(chunk)
            told((number + 1) / len(chunks))
        container.mux(stream.encode(None))

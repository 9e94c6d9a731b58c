"""The sound of a video, encoded beside its picture and kept in step with it."""

from fractions import Fraction
from typing import Final

import numpy as np
import numpy.typing as npt
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.container import OutputContainer

RATE: Final = 48_000
BIT_RATE: Final = {1: 72_000, 2: 128_000}
APART: Final = RATE // 10
"""Samples that sound may be early or late before silence is put in or sound is left out."""


class Soundtrack:
    """Takes decoded frames of any form; writes AAC, stereo or mono."""

    def __init__(self, out: OutputContainer, channels: int, limit_s: float) -> None:
        self._out = out
        self._layout = "mono" if channels == 1 else "stereo"
        self._channels = 1 if channels == 1 else 2
        self._stream = out.add_stream("aac", rate=RATE, layout=self._layout, options={"threads": "1"})
        self._stream.bit_rate = BIT_RATE[self._channels]
        self._limit = int(limit_s * RATE)
        self._resampler: AudioResampler | None = None
        self._form: tuple[int, str, str] | None = None
        self._waiting: list[npt.NDArray[np.float32]] = []
        self._have = self._sent = 0

    def hear(self, frame: AudioFrame, time: float | None) -> None:
        """`time`: seconds since the beginning of the video, None when the file does not say."""
        at = self._have if time is None else round(time * RATE)
        if at < self._have - APART or at >= self._limit:
            return
        form = (frame.sample_rate, frame.format.name, frame.layout.name)
        if form != self._form:
            self._flush_resampler()
            self._resampler, self._form = AudioResampler(format="fltp", layout=self._layout, rate=RATE), form
        assert self._resampler is not None
        if at > self._have + APART:
            self._silence(at - self._have)
        frame.pts = None
        for part in self._resampler.resample(frame):
            self._add(part.to_ndarray())

    def finish(self) -> float:
        """Write what is left; seconds of sound in all."""
        self._flush_resampler()
        self._send()
        self._out.mux(self._stream.encode(None))
        return self._have / RATE

    def _flush_resampler(self) -> None:
        if self._resampler is not None:
            for part in self._resampler.resample(None):
                self._add(part.to_ndarray())

    def _silence(self, samples: int) -> None:
        while samples > 0:
            some = min(samples, RATE)
            self._add(np.zeros((self._channels, some), np.float32))
            samples -= some

    def _add(self, samples: npt.NDArray[np.generic]) -> None:
        self._waiting.append(np.nan_to_num(samples.astype(np.float32, copy=False)))
        self._have += samples.shape[1]
        if self._have - self._sent >= RATE // 2:
            self._send()

    def _send(self) -> None:
        if not self._waiting:
            return
        samples = np.concatenate(self._waiting, axis=1)
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout=self._layout)
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._sent, Fraction(1, RATE)
        self._sent += samples.shape[1]
        self._waiting = []
        self._out.mux(self._stream.encode(frame))

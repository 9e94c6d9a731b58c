"""Tones in G.711, and which tone it is that one hears."""

from __future__ import annotations

import fractions
from collections.abc import Sequence

import av
import numpy as np
from aiortc.codecs.g711 import PcmaDecoder, PcmaEncoder, PcmuDecoder, PcmuEncoder
from aiortc.jitterbuffer import JitterFrame

RATE = 8_000
FRAME = 160
LEVEL = 8_000
PCMU, PCMA = 0, 8
ENCODERS = {PCMU: PcmuEncoder, PCMA: PcmaEncoder}
DECODERS = {PCMU: PcmuDecoder, PCMA: PcmaDecoder}
HEARD_SAMPLES = 4_000


def frame(hertz: float, number: int) -> av.AudioFrame:
    """20 ms of a tone, the `number`-th of them."""
    times = (np.arange(FRAME) + number * FRAME) / RATE
    samples = (np.sin(2 * np.pi * hertz * times) * LEVEL).astype(np.int16)
    made = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
    made.sample_rate, made.pts, made.time_base = RATE, number * FRAME, fractions.Fraction(1, RATE)
    return made


def encoded(hertz: float, number: int, law: int = PCMU) -> bytes:
    payloads, _ = ENCODERS[law]().encode(frame(hertz, number))
    return payloads[0]


def decoded(payloads: Sequence[bytes], law: int) -> np.ndarray:
    decoder = DECODERS[law]()
    frames = [each for payload in payloads for each in decoder.decode(JitterFrame(data=payload, timestamp=0))]
    return np.concatenate([each.to_ndarray().reshape(-1) for each in frames])


def pitch(samples: np.ndarray, rate: int = RATE) -> float:
    """The loudest frequency, in hertz; 0 for silence."""
    if np.abs(samples.astype(np.int32)).max() < LEVEL // 8:
        return 0.0
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * rate / len(samples))

"""Loudness and peaks of speech: what to turn up or down, and by how much. Arrays and numbers only.

Loudness after ITU-R BS.1770-5 and EBU R 128: power after K-weighting, in blocks of 400 ms every 100 ms, gated at
-70 LUFS and at 10 LU below the mean. The weighting is applied to the spectrum of each 100 ms (its filters ring for far
less), which is within 0.05 LU of FFmpeg's `ebur128` and three times as fast as filtering sample by sample.
"""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

RATE: Final = 24_000
"""Samples a second: what carries a voice up to 12 kHz, at half the work of 48,000."""
STEP: Final = RATE // 10
"""Samples of 100 ms."""
TARGET_LUFS: Final = -16.0
"""What phones play well in a street; the target of most podcasts."""
NOISE_LUFS: Final = -50.0
"""Below it there is no speech to turn up, only a room."""
BOOST_MAX_DB: Final = 24.0
CEILING: Final = 10 ** (-3.0 / 20)
"""Of a sample: 1.5 dB under the true peak that we want (-1.5 dBTP), for what lies between samples and what AAC adds."""
GATE_LUFS: Final = -70.0
GATE_RELATIVE_LU: Final = -10.0
OUTLIER_LU: Final = 10.0
"""A block counts as at most so much louder than the median one: a clap does not make a quiet voice loud."""

TICK: Final = RATE // 1000
"""Samples of the limiter's step, 1 ms."""
REACH: Final = 20
"""The limiter looks so many ticks ahead, and lets go as slowly."""

# BS.1770-5, tables 1 and 2: b0, b1, b2, a1, a2 of filters at 48 kHz.
FILTER_RATE: Final = 48_000
SHELF: Final = (1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585)
HIGH_PASS: Final = (1.0, -2.0, 1.0, -1.99004745483398, 0.99007225036621)


def _weights() -> Floats:
    """Of each frequency of a 100 ms spectrum: K-weighting as power, and both halves of the spectrum counted."""
    z = np.exp(-2j * np.pi * np.fft.rfftfreq(STEP, 1 / RATE) / FILTER_RATE)
    response = np.ones_like(z)
    for b0, b1, b2, a1, a2 in (SHELF, HIGH_PASS):
        response *= (b0 + b1 * z + b2 * z * z) / (1 + a1 * z + a2 * z * z)
    weights = np.abs(response) ** 2 / STEP**2
    weights[1:-1] *= 2
    narrow: Floats = weights.astype(np.float32)
    return narrow


_WEIGHTS: Final = _weights()


def powers(samples: Floats) -> Floats:
    """K-weighted mean square of each whole 100 ms of `samples` (at `RATE`, one channel)."""
    rows = len(samples) // STEP
    spectrum = np.fft.rfft(samples[: rows * STEP].reshape(rows, STEP), axis=1)
    power: Floats = ((spectrum.real**2 + spectrum.imag**2) @ _WEIGHTS).astype(np.float32)
    return power


def integrated(steps: Floats) -> float:
    """LUFS of what `powers` measured; -inf for silence and for less than 400 ms."""
    if len(steps) < 4:
        return -math.inf
    blocks = np.convolve(steps.astype(np.float64), np.full(4, 0.25), "valid")
    loud = blocks[blocks > _power(GATE_LUFS)]
    if not len(loud):
        return -math.inf
    loud = np.minimum(loud, np.median(loud) * 10 ** (OUTLIER_LU / 10))
    loud = loud[loud > loud.mean() * 10 ** (GATE_RELATIVE_LU / 10)]
    return -0.691 + 10 * math.log10(loud.mean())


def gain(lufs: float) -> float:
    """The factor that brings speech of `lufs` to the target; 1 for silence, noise and clips too short to measure."""
    if lufs < NOISE_LUFS:
        return 1.0
    return float(10 ** (min(TARGET_LUFS - lufs, BOOST_MAX_DB) / 20))


def tick_peaks(samples: Floats) -> Floats:
    """The largest absolute sample of each millisecond; the last one may be shorter."""
    rest = -len(samples) % TICK
    padded = np.pad(samples, (0, rest)) if rest else samples
    rows = padded.reshape(-1, TICK)
    peaks: Floats = np.maximum(rows.max(axis=1), -rows.min(axis=1))
    return peaks


def limiter(peaks: Floats, factor: float) -> Floats:
    """Gains at the borders of ticks (one more than `peaks`) that keep peaks times `factor` under the ceiling.

    Smooth: a gain comes down over 20 ms before the peak that needs it and goes up again over 20 ms after it. Straight
    lines between borders stay under the ceiling, since both ends of a tick are low enough for it.
    """
    needed = np.minimum(1.0, CEILING / np.maximum(peaks * factor, 1e-9))
    if needed.min(initial=1.0) >= 1.0:
        return np.full(len(peaks) + 1, factor, np.float32)
    padded = np.pad(needed, 2 * REACH + 1, constant_values=1.0)
    borders = np.minimum(padded[:-1], padded[1:])
    window = 2 * REACH + 1
    lowest = np.lib.stride_tricks.sliding_window_view(borders, window).min(axis=1)
    bell = np.hanning(window + 2)[1:-1]
    smooth = np.convolve(lowest, bell / bell.sum(), "valid")
    return (smooth * factor).astype(np.float32)


def amplified(samples: Floats, gains: Floats) -> Floats:
    """`samples` with the gains at the borders of their ticks, straight lines between them."""
    ticks = len(gains) - 1
    padded = np.zeros(ticks * TICK, np.float32)
    rows = padded.reshape(ticks, TICK)
    padded[: len(samples)] = samples
    steady = gains[:-1] == gains[1:]
    if steady.all() and (gains == gains[0]).all():
        rows *= gains[0]
    else:
        ramp = np.arange(TICK, dtype=np.float32) / TICK
        rows *= gains[:-1, None] + (gains[1:] - gains[:-1])[:, None] * ramp
    return padded[: len(samples)]


def waveform(squares: Sequence[float] | Floats, points: int) -> bytes:
    """`points` values of 0 to 255 for drawing, from mean squares of short equal parts.

    Stevens' law: what is heard grows with the pressure to the power of 0.6, so a bar twice as high sounds
    twice as loud. The loudest part is 255, unless all of it is quieter than -50 dBFS.
    """
    parts = np.asarray(squares, np.float64)
    if not len(parts):
        return bytes(points)
    edges = np.linspace(0, len(parts), points + 1)
    sums = np.concatenate(([0.0], np.cumsum(parts)))
    at = np.interp(edges, np.arange(len(sums)), sums)
    means = np.maximum(np.diff(at) / np.diff(edges), 0)
    top = max(float(means.max()), 10 ** (-50 / 10))
    return np.rint(255 * (means / top) ** 0.3).astype(np.uint8).tobytes()


def _power(lufs: float) -> float:
    return float(10 ** ((lufs + 0.691) / 10))

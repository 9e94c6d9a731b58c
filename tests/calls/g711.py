"""Sound for tests of calls: G.711 (ITU-T), tones, and what tone is heard in samples. Samples are int16 at 8 kHz."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]

RATE: Final = 8000
FRAME: Final = 160
"""Samples in 20 ms, which is what a packet carries."""
PCMU: Final = 0
PCMA: Final = 8
"""Payload types (RFC 3551)."""
LOUD: Final = 8000


def sine(frequency: float, seconds: float, *, amplitude: int = LOUD, rate: int = RATE) -> Samples:
    time = np.arange(round(seconds * rate)) / rate
    return np.asarray(amplitude * np.sin(2 * np.pi * frequency * time), np.int16)


def ulaw_table() -> Samples:
    """What each of the 256 codes of µ-law means (G.711 table 2; 16-bit scale)."""
    code = ~np.arange(256, dtype=np.uint8)
    exponent, mantissa = (code >> 4) & 7, (code & 15).astype(np.int32)
    magnitude = (((mantissa << 3) + 0x84) << exponent) - 0x84
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


def alaw_table() -> Samples:
    """What each of the 256 codes of A-law means (G.711 table 1; 16-bit scale)."""
    code = np.arange(256, dtype=np.uint8) ^ 0x55
    exponent, mantissa = (code >> 4) & 7, (code & 15).astype(np.int32)
    steps = (mantissa << 4) + 8
    magnitude = np.where(exponent == 0, steps, (steps + 0x100) << np.maximum(exponent.astype(np.int32) - 1, 0))
    return np.where(code & 0x80, magnitude, -magnitude).astype(np.int16)


TABLES: Final = {PCMU: ulaw_table(), PCMA: alaw_table()}


def decode(payload: bytes, kind: int = PCMU) -> Samples:
    return TABLES[kind][np.frombuffer(payload, np.uint8)]


def encode(samples: Samples, kind: int = PCMU) -> bytes:
    """The code whose meaning is nearest to each sample."""
    order = np.argsort(TABLES[kind], kind="stable")
    values = TABLES[kind][order].astype(np.int32)
    middles = (values[1:] + values[:-1]) // 2
    return order[np.searchsorted(middles, samples.astype(np.int32), side="left")].astype(np.uint8).tobytes()


def frames(samples: Samples, kind: int = PCMU) -> list[bytes]:
    """Payloads of 20 ms each; what is left over at the end is dropped."""
    encoded = encode(samples, kind)
    return [encoded[at : at + FRAME] for at in range(0, len(encoded) - FRAME + 1, FRAME)]


def dominant_frequency(samples: Samples, rate: int = RATE) -> float:
    """Hz of the strongest tone, to a few Hz; 0.0 where there is silence."""
    signal = samples.astype(np.float64)
    signal = (signal - signal.mean()) * np.hanning(len(signal)) if len(signal) else signal
    if len(signal) < FRAME or np.abs(signal).max() < 100:
        return 0.0
    # Zeros at the end bring the bins to 1 Hz or finer.
    spectrum = np.abs(np.fft.rfft(signal, max(len(signal), rate)))
    return float(np.argmax(spectrum)) * rate / max(len(signal), rate)


def read_wav(path: Path) -> tuple[Samples, int]:
    """Samples of the first channel, and the rate. A file that is still being written is read as far as it goes."""
    raw = path.read_bytes()
    assert raw[:4] == b"RIFF", f"{path} is no WAV file"
    form = raw.index(b"fmt ") + 8
    channels = int.from_bytes(raw[form + 2 : form + 4], "little")
    rate = int.from_bytes(raw[form + 4 : form + 8], "little")
    assert int.from_bytes(raw[form + 14 : form + 16], "little") == 16, f"{path} is not of 16 bits"
    data = raw[raw.index(b"data") + 8 :]
    whole = len(data) // (2 * channels) * 2 * channels
    return np.frombuffer(data[:whole], "<i2")[::channels].astype(np.int16), rate
